import numpy as np
import pyarrow as pa
import pytest

from aimon.profile.count import count_all
from aimon.profile.profile import Profile
from aimon.sealed.counting import Counter
from aimon.sealed.encoder import Encoder
from aimon.sealed.evaluator import add
from aimon.sealed.gate import DecryptGate
from aimon.sealed.layout import Layout
from aimon.sealed.seal.parameters import CUBE
from aimon.sealed.seal.secret import SecretKey
from tests.sealed.loans import DAY, loans_grid, rows

LAYOUT = Layout(loans_grid(), CUBE)
TABLES = {
    "whole": rows(1000, 1),
    "without a label": rows(1000, 2).drop(["repaid"]),
    "in pieces": pa.concat_tables([rows(300, 3), rows(5, 4), rows(400, 5)]),
    "one row": rows(1, 6),
    "none": rows(0, 7),
}


def sealed_part(profile: Profile) -> Profile:
    kept = {entry.key.table for entry in LAYOUT.entries}
    return Profile(profile.grid_id, {key: counts for key, counts in profile.tables.items() if key.table in kept})


@pytest.mark.parametrize("name", TABLES)
def test_a_flush_is_counted_as_any_other_rows_are(name: str) -> None:
    counter = Counter(LAYOUT)
    counter.count(rows(50, 9))
    found, expected = sealed_part(counter.count(TABLES[name])), sealed_part(count_all(LAYOUT.grid, TABLES[name]))
    assert found.tables.keys() == expected.tables.keys()
    for key, counts in expected.tables.items():
        np.testing.assert_array_equal(found.tables[key], counts, err_msg=str(key))


def test_an_earlier_profile_does_not_change_with_the_next_flush() -> None:
    counter = Counter(LAYOUT)
    first = counter.count(rows(500, 1))
    before = {key: counts.copy() for key, counts in first.tables.items()}
    counter.count(rows(700, 2))
    assert all((first.tables[key] == counts).all() for key, counts in before.items())


def test_rows_become_an_envelope_in_one_step() -> None:
    secret, public = SecretKey.generate(CUBE)
    encoder = Encoder(LAYOUT, public, model="loans", version="1", sender="host-1", number=0)
    envelopes = [encoder.seal_rows(rows(400, seed), DAY) for seed in (1, 2)]
    opened = DecryptGate(LAYOUT, secret, public.id).open(add(envelopes), envelopes)
    assert [each.header.number for each in envelopes] == [0, 1]
    assert opened.rows == 800
    np.testing.assert_array_equal(
        opened.tables[next(key for key in opened.tables if key.table == "confusion" and key.segment is None)],
        count_all(LAYOUT.grid, pa.concat_tables([rows(400, 1), rows(400, 2)])).get("confusion"),
    )

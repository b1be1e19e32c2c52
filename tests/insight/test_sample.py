import hashlib
from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aimon.errors import DataError
from aimon.insight.sample import Sample, draw, merged, reading


def sample_of(table: pa.Table, size: int = 50, key: str = "k", id_column: str | None = "id") -> Sample:
    return draw(reading(table), key=key, id_column=id_column, size=size)


def table_of(ids: list[str]) -> pa.Table:
    return pa.table({"id": pa.array(ids, pa.string()), "x": pa.array([len(one) for one in ids], pa.int64())})


def test_the_hash_is_the_first_16_digits_of_an_md5_of_key_and_id() -> None:
    ids = [f"row {number} ü" for number in range(500)]
    sample = sample_of(table_of(ids), size=20)

    expected = sorted(int(hashlib.md5(f"k\x1f{one}".encode()).hexdigest()[:16], 16) for one in ids)[:20]  # noqa: S324
    assert sample.hashes.tolist() == expected
    assert sample.rows == 500


def test_the_hash_of_a_row_without_an_id_is_made_of_its_content_and_the_number_of_its_copy() -> None:
    table = pa.table({"b": [0.1, 0.1], "a": ["x", "x"]})
    content = hashlib.md5(b"x\x1f0.10000000000000001").hexdigest()  # noqa: S324

    expected = [int(hashlib.md5(f"k\x1f{content}\x1f{copy}".encode()).hexdigest()[:16], 16) for copy in (1, 2)]  # noqa: S324
    assert sorted(sample_of(table, id_column=None).hashes.tolist()) == sorted(expected)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(max_size=4), max_size=60), st.integers(0, 60), st.integers(1, 20), st.randoms())
def test_the_samples_of_parts_merge_to_the_sample_of_the_whole_in_any_order(ids, cut, size, random) -> None:  # type: ignore[no-untyped-def]
    parts = [sample_of(table_of(ids[:cut]), size), sample_of(table_of(ids[cut:]), size)]
    random.shuffle(parts)
    shuffled = random.sample(ids, len(ids))

    whole = sample_of(table_of(shuffled), size)
    assert merged(parts).table.equals(whole.table)
    assert merged(parts).hashes.tolist() == whole.hashes.tolist()
    assert merged(parts).rows == whole.rows == len(ids)


def test_every_row_has_the_same_chance() -> None:
    table = pa.table({"id": [str(number) for number in range(1_000)]})
    drawn = Counter(one for key in range(60) for one in sample_of(table, 100, str(key)).table["id"].to_pylist())
    counts = np.array([drawn[str(number)] for number in range(1_000)])

    assert counts.sum() == 6_000
    assert abs(counts.var() / (60 * 0.1 * 0.9) - 1) < 0.15


def test_copies_of_a_row_without_an_id_are_sampled_each_on_its_own() -> None:
    table = pa.table({"x": ["common"] * 9_000 + ["rare"] * 1_000})
    shares = [sample_of(table, 1_000, str(key), None).table["x"].to_pylist().count("rare") / 1_000 for key in range(10)]

    assert np.mean(shares) == pytest.approx(0.1, abs=0.01)
    assert np.std(shares) < 0.02


def test_a_row_without_an_id_is_told_by_its_content_whatever_type_holds_it() -> None:
    moment = datetime(2026, 11, 20, 6, tzinfo=UTC)
    columns = {"at": [moment] * 300, "n": list(range(300)), "x": [number / 7 for number in range(300)]}
    narrow = pa.table(columns, pa.schema([("at", pa.timestamp("ms", "UTC")), ("n", pa.int16()), ("x", pa.float64())]))
    wide = pa.table(columns, pa.schema([("at", pa.timestamp("us", "UTC")), ("n", pa.float64()), ("x", pa.float64())]))

    assert sample_of(narrow, 20, id_column=None).hashes.tolist() == sample_of(wide, 20, id_column=None).hashes.tolist()


def test_nested_values_and_odd_column_names_are_sampled_too() -> None:
    table = pa.table({"ID": ["a", "b"], "id": ["c", "d"], "list": [[1, 2], None], "": [True, None]})

    assert len(sample_of(table, id_column=None)) == 2
    assert len(sample_of(table)) == 2


def test_one_row_without_an_id_makes_content_decide() -> None:
    table = pa.table({"id": ["a", None], "x": [1, 2]})

    assert sample_of(table).hashes.tolist() == sample_of(table, id_column=None).hashes.tolist()


def test_a_label_that_arrives_late_changes_no_choice() -> None:
    rows = {"x": list(range(400))}
    before = pa.table({**rows, "label": pa.nulls(400, pa.int64())})
    after = pa.table({**rows, "label": [number % 2 for number in range(400)]})

    one, other = (draw(reading(table), key="k", late=("label",), size=30) for table in (before, after))
    assert one.table["x"].to_pylist() == other.table["x"].to_pylist()
    assert other.table["label"].null_count == 0


def test_another_key_draws_other_rows() -> None:
    ids = table_of([str(number) for number in range(2_000)])

    assert sample_of(ids, key="a").table["id"] != sample_of(ids, key="b").table["id"]


def test_samples_of_different_keys_do_not_merge() -> None:
    with pytest.raises(
        DataError, match=r"^samples drawn with another key or size do not merge; draw the days' samples"
    ):
        merged([sample_of(table_of(["a"]), key="a"), sample_of(table_of(["b"]), key="b")])


def test_nothing_does_not_merge() -> None:
    with pytest.raises(DataError, match=r"^there is no sample to merge; draw the samples of the window's days first$"):
        merged([])


def test_a_day_without_rows_has_an_empty_sample_and_merges() -> None:
    empty, full = sample_of(table_of([])), sample_of(table_of(["a", "b"]))

    assert len(empty) == empty.rows == 0
    assert merged([empty, full]).table.equals(full.table)


def test_days_whose_types_differ_merge_under_a_type_that_holds_both() -> None:
    numbers = pa.table({"id": ["a"], "x": [1.5]})
    texts = pa.table({"id": ["b"], "x": ["1.5 EUR"]})

    whole = merged([sample_of(numbers), sample_of(texts)])
    assert sorted(whole.table["x"].to_pylist()) == ["1.5", "1.5 EUR"]

from pathlib import Path

import numpy as np
import pytest

from aimon.errors import SealedError
from aimon.profile.build import build_grid
from aimon.profile.count import count_all
from aimon.profile.profile import Profile, total
from aimon.sealed import keys
from aimon.sealed.coarse import sealed_grid
from aimon.sealed.encoder import Encoder
from aimon.sealed.envelope import Envelope, read_envelope
from aimon.sealed.evaluator import Aggregate, add, read_aggregate, verify
from aimon.sealed.gate import DecryptGate
from aimon.sealed.layout import Layout
from aimon.sealed.seal.parameters import CUBE
from aimon.sealed.seal.public import PublicKey
from aimon.sealed.seal.secret import SecretKey
from aimon.verdict.evaluate import evaluate
from tests.sealed.loans import DAY, SPEC, loans_grid, rows

GRID = loans_grid()
LAYOUT = Layout(GRID, CUBE)
SECRET, PUBLIC = SecretKey.generate(CUBE)


def encoder(sender: str = "host-1", key: PublicKey = PUBLIC) -> Encoder:
    return Encoder(LAYOUT, key, model="loans", version="1", sender=sender, number=0)


def gate() -> DecryptGate:
    return DecryptGate(LAYOUT, SECRET, PUBLIC.id)


@pytest.fixture(scope="module")
def profiles() -> list[Profile]:
    return [count_all(GRID, rows(300, seed)) for seed in range(1, 5)]


@pytest.fixture(scope="module")
def envelopes(profiles: list[Profile]) -> list[Envelope]:
    sealing = encoder()
    return [sealing.seal(profile, DAY) for profile in profiles]


def same(left: Profile, right: Profile) -> None:
    kept = {entry.key for entry in LAYOUT.entries}
    expected = {key: counts for key, counts in right.tables.items() if key in kept}
    assert left.tables.keys() == expected.keys()
    for key, counts in expected.items():
        np.testing.assert_array_equal(left.tables[key], counts, err_msg=str(key))


def test_what_was_added_sealed_is_what_adds_up_in_the_clear(profiles: list[Profile], envelopes: list[Envelope]) -> None:
    opened = gate().open(add(envelopes), envelopes)
    same(opened, total(profiles, GRID.id))


def test_every_metric_is_that_of_the_same_counts_in_the_clear(
    profiles: list[Profile], envelopes: list[Envelope]
) -> None:
    reference = count_all(GRID, rows(5000, 0))
    opened = gate().open(add(envelopes), envelopes)
    clear = {
        key: counts for key, counts in total(profiles, GRID.id).tables.items() if key in {e.key for e in LAYOUT.entries}
    }
    sealed, plain = (evaluate(SPEC, GRID, reference, current) for current in (opened, Profile(GRID.id, clear)))
    assert len(list(plain)) > 50
    assert list(sealed) == list(plain)


def test_an_envelope_survives_its_way_as_bytes(envelopes: list[Envelope]) -> None:
    read = read_envelope(envelopes[0].to_bytes(), "a.sealed")
    assert read == envelopes[0]
    assert b"town 1" not in envelopes[0].to_bytes()


def test_the_order_of_envelopes_changes_nothing(envelopes: list[Envelope]) -> None:
    assert add(envelopes).manifest == add(envelopes[::-1]).manifest


def test_the_same_counts_are_sealed_differently_each_time(profiles: list[Profile]) -> None:
    one, other = encoder().seal(profiles[0], DAY), encoder().seal(profiles[0], DAY)
    assert one.header.digests != other.header.digests


@pytest.mark.parametrize("place", [3, 16, 40, 400, 5_000, 30_000, -2_000, -1])
def test_a_flipped_bit_anywhere_is_found(envelopes: list[Envelope], place: int) -> None:
    registered = add(envelopes)
    content = bytearray(envelopes[0].to_bytes())
    content[place] ^= 1
    with pytest.raises(SealedError):
        verify(registered, [read_envelope(bytes(content), "a.sealed"), *envelopes[1:]])


def test_a_flipped_bit_of_an_aggregate_is_found(envelopes: list[Envelope]) -> None:
    whole = add(envelopes).to_bytes()
    assert read_aggregate(whole, "a").manifest == add(envelopes).manifest
    for place in (2, 20, 100, 5_000, -1):
        content = bytearray(whole)
        content[place] ^= 1
        with pytest.raises(SealedError):
            verify(read_aggregate(bytes(content), "a"), envelopes)


@pytest.mark.parametrize("kept", [0, 10, 18, 200, 10_000, -1])
def test_a_cut_envelope_is_refused(envelopes: list[Envelope], kept: int) -> None:
    with pytest.raises(SealedError, match=r"^a\.sealed"):
        read_envelope(envelopes[0].to_bytes()[:kept], "a.sealed")


def test_an_envelope_sent_twice_counts_once_or_is_refused(envelopes: list[Envelope]) -> None:
    with pytest.raises(SealedError, match="envelope 0 of host-1 was given twice; each may be added once"):
        add([envelopes[0], envelopes[0]])


def test_envelopes_of_another_key_do_not_add(profiles: list[Profile], envelopes: list[Envelope]) -> None:
    _, other = SecretKey.generate(CUBE)
    foreign = encoder("host-2", other).seal(profiles[0], DAY)
    with pytest.raises(SealedError, match="envelopes of different keys do not add up"):
        add([*envelopes, foreign])


def test_a_key_that_pretends_to_be_another_is_found_by_the_canary(
    profiles: list[Profile], envelopes: list[Envelope]
) -> None:
    _, other = SecretKey.generate(CUBE)
    foreign = encoder("host-2", other).seal(profiles[0], DAY)
    lying = Envelope(foreign.header.model_copy(update={"key_id": PUBLIC.id}), foreign.ciphertexts)
    with pytest.raises(SealedError, match=r"noise budget|does not add up"):
        gate().open(add([*envelopes, lying]), [*envelopes, lying])


def test_a_result_that_does_not_follow_from_the_envelopes_is_refused(envelopes: list[Envelope]) -> None:
    made_up = add(envelopes[:3])
    with pytest.raises(
        SealedError,
        match="the aggregate does not follow from its envelopes: envelope 3 of host-1 is none of its inputs",
    ):
        gate().open(made_up, envelopes)
    honest = add(envelopes)
    swapped = Aggregate(manifest=honest.manifest, ciphertexts=made_up.ciphertexts)
    with pytest.raises(SealedError, match="ciphertext 1 was changed"):
        gate().open(swapped, envelopes)


def test_a_small_cohort_is_not_released() -> None:
    few = [encoder().seal(count_all(GRID, rows(49, 7)), DAY)]
    with pytest.raises(SealedError, match="49 rows are fewer than the 50 that may be released together"):
        gate().open(add(few), few)


def test_two_releases_that_differ_by_a_few_people_are_not_given(envelopes: list[Envelope]) -> None:
    few = encoder("host-2").seal(count_all(GRID, rows(10, 7)), DAY)
    door = gate()
    door.open(add(envelopes), envelopes)
    with pytest.raises(SealedError, match="would give away 10 rows on their own"):
        door.open(add([*envelopes, few]), [*envelopes, few])
    door.open(add(envelopes), envelopes)
    door.open(add(envelopes[:2]), envelopes[:2])


def test_a_count_that_would_overflow_is_refused_before_it_is_sealed(profiles: list[Profile]) -> None:
    large = Profile(GRID.id, {key: counts * 2_000_000 for key, counts in profiles[0].tables.items()})
    with pytest.raises(SealedError, match="does not fit a slot, which holds up to 33542143; seal in smaller flushes"):
        encoder().seal(large, DAY)


def test_a_sum_that_overflows_is_refused(profiles: list[Profile]) -> None:
    large = Profile(GRID.id, {key: counts * 60_000 for key, counts in profiles[0].tables.items()})
    sealing = encoder()
    several = [sealing.seal(large, DAY) for _ in range(2)]
    with pytest.raises(SealedError, match="36000000 rows overflow a slot"):
        gate().open(add(several), several)


def test_counts_that_do_not_add_up_to_the_rows_are_refused(profiles: list[Profile]) -> None:
    tables = dict(profiles[0].tables)
    key = next(key for key in tables if key.table == "column:income" and key.segment is None)
    tables[key] = tables[key] * 2
    lying = [encoder().seal(Profile(GRID.id, tables), DAY)]
    with pytest.raises(SealedError, match="column:income holds 600 counts of 300 rows"):
        gate().open(add(lying), lying)


def test_counts_of_another_grid_are_not_sealed() -> None:
    other = sealed_grid(build_grid(SPEC, rows(500, 9)))
    with pytest.raises(SealedError, match=f"this layout is for grid {GRID.id}"):
        encoder().seal(count_all(other, rows(100, 1)), DAY)


def test_a_sealed_grid_has_an_id_of_its_own_whenever_it_is_made() -> None:
    """Counts name their grid, so a coarse grid under the fine one's id would add to fine counts."""
    fine = build_grid(SPEC, rows(500, 9))
    before = sealed_grid(fine).id
    assert before != fine.id
    assert sealed_grid(fine).id == before


def test_keys_are_files_that_are_never_overwritten(tmp_path: Path, profiles: list[Profile]) -> None:
    public = keys.generate(tmp_path, CUBE)
    assert (tmp_path / "secret.key").stat().st_mode & 0o777 == 0o600
    secret, key_id = keys.read_secret(tmp_path / "secret.key")
    assert key_id == public.id == keys.read_public(tmp_path / "public.key").id
    assert secret.decrypt(public.encrypt([1, 2, 3]))[:4] == [1, 2, 3, 0]
    with pytest.raises(SealedError, match="a key is never overwritten"):
        keys.generate(tmp_path, CUBE)
    with pytest.raises(SealedError, match="is a secret key; the public one is needed here"):
        keys.read_public(tmp_path / "secret.key")
    (tmp_path / "broken.key").write_text("{}")
    with pytest.raises(SealedError, match=r"broken\.key is no key"):
        keys.read_public(tmp_path / "broken.key")
    assert "secret" not in repr(secret).lower().replace("secretkey", "")


def test_a_coarse_grid_has_few_cells_and_keeps_its_classes() -> None:
    assert LAYOUT.size < 6_000
    assert GRID.axes["income"].size == 38
    assert len(GRID.axes["town"].values) == 20  # type: ignore[union-attr]

"""What somebody could try, and the sentence that refuses it. Federations have theirs in tests/sealed/federation."""

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pyarrow as pa
import pytest

from aimon.errors import SealedError
from aimon.profile.build import build_grid
from aimon.profile.count import count_all
from aimon.profile.profile import Profile
from aimon.sealed.coarse import sealed_grid
from aimon.sealed.encoder import Encoder
from aimon.sealed.envelope import Envelope, read_envelope
from aimon.sealed.evaluator import Aggregate, add, read_aggregate
from aimon.sealed.framing import framed, parts
from aimon.sealed.gate import DecryptGate
from aimon.sealed.layout import Layout
from aimon.sealed.seal.adding import digest, total
from aimon.sealed.seal.parameters import CUBE, THRESHOLD
from aimon.sealed.seal.polynomials import cipher_blob
from aimon.sealed.seal.product import weighted_total
from aimon.sealed.seal.secret import SecretKey
from aimon.sealed.signature import Signer, check_senders
from aimon.sealed.window import window
from tests.sealed.loans import DAY, SPEC, loans_grid, rows

LAYOUT = Layout(loans_grid(), CUBE)
SECRET, PUBLIC = SecretKey.generate(CUBE)


def with_more_columns(table: pa.Table) -> pa.Table:
    for place in range(20):
        table = table.append_column(f"more {place}", table["income"])
    return table


WIDE = Layout(sealed_grid(build_grid(SPEC, with_more_columns(rows(500, 0)))), CUBE)


def encoder(sender: str = "host-1", number: int = 0, signer: Signer | None = None) -> Encoder:
    return Encoder(LAYOUT, PUBLIC, model="loans", version="1", sender=sender, number=number, signer=signer)


def counts(n: int, seed: int) -> Profile:
    return count_all(LAYOUT.grid, rows(n, seed))


def gate() -> DecryptGate:
    return DecryptGate(LAYOUT, SECRET, PUBLIC.id)


@pytest.fixture(scope="module")
def days() -> list[Envelope]:
    """Ten days of 200 rows, the fourth of 30."""
    sealing = encoder()
    return [sealing.seal(counts(30 if day == 3 else 200, day), DAY + timedelta(days=day)) for day in range(10)]


@pytest.fixture(scope="module")
def wide() -> Envelope:
    """An envelope of two ciphertexts."""
    return Encoder(WIDE, PUBLIC, model="loans", version="1", sender="host-1", number=0).seal(
        count_all(WIDE.grid, with_more_columns(rows(100, 1))), DAY
    )


@pytest.fixture(scope="module")
def two(days: list[Envelope]) -> list[Envelope]:
    return days[:2]


def with_header(envelope: Envelope, **changed: object) -> Envelope:
    return Envelope(envelope.header.model_copy(update=changed), envelope.ciphertexts)


def forged(envelope: Envelope, ciphertexts: tuple[bytes, ...]) -> Envelope:
    """Other ciphertexts under a header that fits them, as somebody makes who knows the format."""
    return Envelope(envelope.header.model_copy(update={"digests": tuple(map(digest, ciphertexts))}), ciphertexts)


class TestDifferencing:
    """Several windows that differ by few rows."""

    def test_of_two_overlapping_windows_that_differ_by_few_rows_only_one_is_released(
        self, days: list[Envelope]
    ) -> None:
        door = gate()
        first, second = (window(days, DAY + timedelta(days=last), days=3) for last in (5, 6))
        door.open(add(first), first)
        with pytest.raises(
            SealedError, match="beside an earlier release this one would give away 30 rows on their own"
        ):
            door.open(add(second), second)

    def test_of_several_windows_that_isolate_few_rows_together_the_last_is_not_released(
        self, days: list[Envelope]
    ) -> None:
        few, p, q, r = days[3], days[0], days[1], days[2]
        door = gate()
        for allowed in ([few, p, q], [p, r], [q]):
            door.open(add(allowed), allowed)
        with pytest.raises(
            SealedError, match="together with several earlier releases this one would give away 30 rows"
        ):
            door.open(add([r]), [r])

    def test_a_small_cohort_is_not_released_by_itself(self, days: list[Envelope]) -> None:
        with pytest.raises(SealedError, match="30 rows are fewer than the 50 that may be released together"):
            gate().open(add([days[3]]), [days[3]])


class TestReplay:
    """Envelopes that count more than once, or for something else."""

    def test_the_same_envelope_twice_is_refused(self, two: list[Envelope]) -> None:
        with pytest.raises(SealedError, match="envelope 0 of host-1 was given twice"):
            add([*two, two[0]])

    def test_the_same_counts_under_another_name_are_refused(self, two: list[Envelope]) -> None:
        for changed in ({"number": 77}, {"sender": "host-9"}, {"number": 78, "day": DAY + timedelta(days=40)}):
            again = with_header(two[0], **changed)
            with pytest.raises(SealedError, match=r"holds a ciphertext of envelope \d+ of host-\d once more"):
                add([*two, again])

    def test_the_order_of_envelopes_changes_nothing_and_is_no_way_to_a_second_release(
        self, two: list[Envelope]
    ) -> None:
        door = gate()
        assert (door.open(add(two), two).rows, door.open(add(two[::-1]), two[::-1]).rows) == (400, 400)
        assert len(door.ledger.releases) == 1

    def test_ciphertexts_that_change_places_are_found(self, wide: Envelope) -> None:
        door = DecryptGate(WIDE, SECRET, PUBLIC.id)
        assert door.open(add([wide]), [wide]).rows == 100
        swapped = forged(wide, wide.ciphertexts[::-1])
        with pytest.raises(SealedError, match=r"ciphertext 1 does not add up: canary 792\d, expected 7919"):
            door.open(add([swapped]), [swapped])

    def test_an_envelope_under_another_senders_name_is_found_by_its_signature(self) -> None:
        keys = {name: Signer(name.encode().ljust(32)) for name in ("sender-a", "sender-b")}
        senders = {name: signer.public for name, signer in keys.items()}
        honest = encoder("sender-a", signer=keys["sender-a"]).seal(counts(60, 1), DAY)
        check_senders([read_envelope(honest.to_bytes(), "a")], senders)
        for lie, said in (
            (with_header(honest, sender="sender-b"), "envelope 0 of sender-b was not signed by sender-b"),
            (with_header(honest, rows=61), "envelope 0 of sender-a was not signed by sender-a, or was changed since"),
            (with_header(honest, signature=None), "envelope 0 of sender-a is not signed"),
            (with_header(honest, sender="sender-c"), "envelope 0 of sender-c is of nobody known here"),
        ):
            with pytest.raises(SealedError, match=said):
                check_senders([lie], senders)


class TestWrongKeyOrSchema:
    """Envelopes that do not belong here, and say so or lie about it."""

    def test_another_key_is_refused_by_name_and_found_where_it_lies(self, two: list[Envelope]) -> None:
        _, other = SecretKey.generate(CUBE)
        foreign = Encoder(LAYOUT, other, model="loans", version="1", sender="b", number=0).seal(counts(200, 1), DAY)
        with pytest.raises(SealedError, match="envelopes of different keys do not add up"):
            add([*two, foreign])
        with pytest.raises(SealedError, match=f"the aggregate is of key {other.id}, this gate holds key {PUBLIC.id}"):
            gate().open(add([foreign]), [foreign])
        lying = with_header(foreign, key_id=PUBLIC.id)
        with pytest.raises(SealedError, match=r"bits of noise budget left|does not add up"):
            gate().open(add([*two, lying]), [*two, lying])

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"model": "cards"}, "envelopes of different models do not add up: cards, loans"),
            ({"layout_id": "0" * 16}, "envelopes of different layouts do not add up"),
            ({"parameters": "threshold"}, "envelopes of different parameter sets do not add up"),
            ({"kind": "scores"}, "envelope 7 of host-1 holds scores, and cube is needed here"),
        ],
    )
    def test_another_schema_is_refused(self, two: list[Envelope], changed: dict[str, str], said: str) -> None:
        fresh = encoder(number=7).seal(counts(100, 9), DAY)
        with pytest.raises(SealedError, match=said):
            add([*two, with_header(fresh, **changed)])

    def test_a_layout_that_the_owner_does_not_know_is_not_opened(self, two: list[Envelope]) -> None:
        alien = [with_header(each, layout_id="0" * 16) for each in two]
        with pytest.raises(SealedError, match=f"has layout {'0' * 16}, this gate knows layout {LAYOUT.id}"):
            gate().open(add(alien), alien)

    def test_a_ciphertext_of_another_parameter_set_is_refused(self, two: list[Envelope]) -> None:
        other = SecretKey.generate(THRESHOLD)[1].encrypt([1])
        alien = forged(two[0], (other, *two[0].ciphertexts[1:]))
        with pytest.raises(SealedError, match="it is damaged, or of another key or parameter set"):
            add([alien, two[1]])


class TestDamage:
    """Every byte of a file counts."""

    def test_one_flipped_byte_anywhere_in_an_envelope_is_named(self, two: list[Envelope]) -> None:
        self.check(two[0].to_bytes(), "a.sealed", read_envelope)

    def test_one_flipped_byte_anywhere_in_a_result_or_its_manifest_is_named(self, two: list[Envelope]) -> None:
        self.check(add(two).to_bytes(), "day.sum", read_aggregate)

    def check(self, whole: bytes, name: str, read: Callable[[bytes, str], object]) -> None:
        assert read(whole, name)
        for place in [*range(0, 1_500, 7), *range(1_500, len(whole), 997), *range(len(whole) - 40, len(whole))]:
            touched = bytearray(whole)
            touched[place] ^= 1 << place % 8
            with pytest.raises(SealedError, match=rf"^{name} (is no|was damaged or cut)"):
                read(bytes(touched), name)

    @pytest.mark.parametrize("kept", [0, 10, 18, 200, 10_000, -1])
    def test_a_cut_file_is_named(self, two: list[Envelope], kept: int) -> None:
        for whole, read in ((two[0].to_bytes(), read_envelope), (add(two).to_bytes(), read_aggregate)):
            with pytest.raises(SealedError, match=r"^a (is no|was damaged or cut)"):
                read(whole[:kept], "a")

    def test_a_change_that_mends_the_checksum_is_named_by_what_it_changed(
        self, two: list[Envelope], wide: Envelope
    ) -> None:
        magic = b"aimon-sealed-1\n"
        header, blobs = parts(magic, wide.to_bytes(), "a", "envelope")
        swapped = framed(magic, header, [*blobs[1:], blobs[0]])
        with pytest.raises(SealedError, match="a: ciphertext 1 is not the one that was sealed"):
            read_envelope(swapped, "a")
        with pytest.raises(SealedError, match=r"a: the header names \d ciphertexts and there are 1"):
            read_envelope(framed(magic, header, blobs[:1]), "a")
        header, blobs = parts(magic, two[0].to_bytes(), "a", "envelope")
        renamed = framed(magic, header.replace(b'"rows":200', b'"rows":201'), blobs)
        registered = add(two)
        changed = read_envelope(renamed, "a")
        with pytest.raises(SealedError, match="envelope 0 of host-1 is none of its inputs, or its header was changed"):
            gate().open(registered, [changed, two[1]])
        with pytest.raises(SealedError, match=f"the input {two[1].id[:16]} is not among them"):
            gate().open(registered, [two[0]])


class TestArithmetic:
    """Ciphertexts that would decrypt to numbers that look right."""

    def test_noise_that_ran_out_is_found(self, two: list[Envelope]) -> None:
        worn = two[0].ciphertexts[0]
        for _ in range(6):
            worn = weighted_total(CUBE, [(16_381, worn)])
        spent = forged(two[0], (worn, *two[0].ciphertexts[1:]))
        with pytest.raises(SealedError, match="ciphertext 1 has 0 bits of noise budget left; add fewer envelopes"):
            gate().open(add([spent, two[1]]), [spent, two[1]])

    def test_a_counter_that_would_overflow_is_refused_when_it_is_sealed_and_when_it_is_added(self) -> None:
        profile = counts(300, 1)
        large = Profile(profile.grid_id, {key: each * 2_000_000 for key, each in profile.tables.items()})
        with pytest.raises(SealedError, match="does not fit a slot, which holds up to 33542143"):
            encoder().seal(large, DAY)
        half = Profile(profile.grid_id, {key: each * 60_000 for key, each in profile.tables.items()})
        sealing = encoder()
        several = [sealing.seal(half, DAY) for _ in range(2)]
        with pytest.raises(SealedError, match="36000000 rows overflow a slot"):
            gate().open(add(several), several)

    def test_a_header_that_hides_an_overflow_is_found_by_the_slots(self) -> None:
        profile = counts(300, 1)
        half = Profile(profile.grid_id, {key: each * 60_000 for key, each in profile.tables.items()})
        sealing = encoder()
        several = [with_header(sealing.seal(half, DAY), rows=300) for _ in range(2)]
        with pytest.raises(SealedError, match="ciphertext 1 does not add up: rows"):
            gate().open(add(several), several)


class TestMaliciousServer:
    """Results that do not follow from what was registered."""

    def test_a_result_of_other_envelopes_is_refused(self, days: list[Envelope]) -> None:
        with pytest.raises(SealedError, match="the aggregate does not follow from its envelopes"):
            gate().open(add(days[:3]), days[:4])

    def test_a_result_with_an_envelope_of_its_own_is_refused(self, two: list[Envelope]) -> None:
        own = encoder("server").seal(counts(60, 5), DAY)
        with pytest.raises(SealedError, match="the aggregate does not follow from its envelopes: the input"):
            gate().open(add([*two, own]), two)

    def test_a_result_that_was_multiplied_or_shifted_is_refused(self, two: list[Envelope]) -> None:
        honest = add(two)
        twice = tuple(total(CUBE, [each, each]) for each in honest.ciphertexts)
        with pytest.raises(SealedError, match="ciphertext 1 was changed"):
            gate().open(Aggregate(manifest=honest.manifest, ciphertexts=twice), two)
        lying = honest.manifest.model_copy(update={"digests": tuple(map(digest, twice))})
        with pytest.raises(SealedError, match="the aggregate does not follow from its envelopes: digests was changed"):
            gate().open(Aggregate(manifest=lying, ciphertexts=twice), two)

    def test_rows_that_are_claimed_to_make_a_cohort_large_enough_are_found(self) -> None:
        few = with_header(encoder().seal(counts(20, 1), DAY), rows=60)
        with pytest.raises(SealedError, match="ciphertext 1 does not add up: rows 20, expected 60"):
            gate().open(add([few]), [few])

    def test_a_cohort_that_the_server_fills_up_with_rows_of_its_own_is_not_opened(self) -> None:
        keys = {name: Signer(name.encode().ljust(32)) for name in ("host-a", "server-x")}
        few = encoder("host-a/1", signer=keys["host-a"]).seal(counts(20, 1), DAY)
        filling = encoder("host-a/2", signer=keys["server-x"]).seal(counts(60, 2), DAY)
        door = DecryptGate(LAYOUT, SECRET, PUBLIC.id, senders={"host-a": keys["host-a"].public})
        with pytest.raises(SealedError, match="envelope 0 of host-a/2 was not signed by host-a/2"):
            door.open(add([few, filling]), [few, filling])
        honest = encoder("host-a/2", signer=keys["host-a"]).seal(counts(60, 2), DAY)
        assert door.open(add([few, honest]), [few, honest]).rows == 80

    def test_a_ciphertext_that_hides_nothing_is_refused(self, two: list[Envelope]) -> None:
        zeros = cipher_blob(np.zeros((2, 1, CUBE.slots), np.uint64), CUBE.context.first_parms_id(), transformed=False)
        packed = pa.compress(zeros[16:], "zstd", asbytes=True)
        nothing = zeros[:5] + b"\2\0\0" + (16 + len(packed)).to_bytes(8, "little") + packed
        bare = forged(two[0], (nothing,))
        with pytest.raises(SealedError, match="it hides nothing or has another size"):
            add([bare, two[1]])

    def test_a_ciphertext_that_cancels_another_is_refused(self, two: list[Envelope]) -> None:
        opposite = forged(two[1], (weighted_total(CUBE, [(-1, two[0].ciphertexts[0])]),))
        with pytest.raises(SealedError, match="ciphertexts cancel each other out: one of them was made from another"):
            add([two[0], opposite])

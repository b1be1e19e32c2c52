from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimon.errors import SealedError, WithheldError
from aimon.profile.build import build_grid
from aimon.profile.count import count_all
from aimon.profile.profile import Counts
from aimon.sealed.coarse import sealed_grid
from aimon.sealed.encoder import Encoder
from aimon.sealed.envelope import Envelope, read_envelope
from aimon.sealed.evaluator import add
from aimon.sealed.join import cohorts
from aimon.sealed.join.batches import batches
from aimon.sealed.join.day import JoinedDay, joined_day, read_joined_day
from aimon.sealed.join.encoder import JoinEncoder, Sealed
from aimon.sealed.join.evaluator import Joined, join, read_joined, verify_join
from aimon.sealed.join.gate import JoinGate
from aimon.sealed.join.layout import JoinLayout
from aimon.sealed.join.noise import JoinNoise, touched
from aimon.sealed.layout import Layout
from aimon.sealed.ledger import Ledger, release_of
from aimon.sealed.noise import NoisePolicy
from aimon.sealed.seal.parameters import CUBE, FILTER, JOIN
from aimon.sealed.seal.product import sum_of_products
from aimon.sealed.seal.secret import SecretKey
from aimon.sealed.signature import Signer
from tests.sealed.loans import DAY, SPEC, loans_grid, rows

GRID = loans_grid()
LAYOUT = JoinLayout(GRID, ("sex",), JOIN)
SECRET, PUBLIC = SecretKey.generate(JOIN)
SEED = bytes(range(32))
FLUSHES = [rows(n, seed) for n, seed in ((3000, 1), (700, 2), (60, 3))]
LABELLED_FLUSH = rows(500, 4).set_column(7, "repaid", pa.array(np.arange(500) % 2))


def encoder(sender: str = "host-1", layout: JoinLayout = LAYOUT, key=PUBLIC) -> JoinEncoder:  # type: ignore[no-untyped-def]
    return JoinEncoder(layout, key, model="loans", version="1", sender=sender, number=0)


def labels_of(sealed: Sealed, flush: pa.Table, sender: str = "registry") -> Envelope:
    return encoder(sender).labels(flush.take(sealed.places), sealed.envelope.header, sealed.envelope.id)


def both(flushes: list[pa.Table]) -> tuple[list[Envelope], list[Envelope]]:
    host, registry = encoder(), encoder("registry")
    sealed = [host.records(flush, DAY) for flush in flushes]
    labels = [
        registry.labels(flush.take(each.places), each.envelope.header, each.envelope.id)
        for each, flush in zip(sealed, flushes, strict=True)
    ]
    return [each.envelope for each in sealed], labels


def gate() -> JoinGate:
    return JoinGate(LAYOUT, SECRET, PUBLIC.id)


def outcome(flushes: list[pa.Table]) -> Counts:
    counts = count_all(GRID, pa.concat_tables(flushes)).get("outcome:sex")
    assert counts is not None
    return counts


@pytest.fixture(scope="module")
def sealed() -> tuple[list[Envelope], list[Envelope]]:
    return both(FLUSHES)


@pytest.fixture(scope="module")
def joined(sealed: tuple[list[Envelope], list[Envelope]]) -> Joined:
    return join(*sealed, seed=SEED)


def test_a_joined_sum_is_the_confusion_of_every_group(joined: Joined) -> None:
    opened = gate().open(joined)
    np.testing.assert_array_equal(opened.get("outcome:sex"), outcome(FLUSHES))
    assert joined.manifest.rows == 3760
    assert LAYOUT.shards == 2


def test_where_no_label_is_missing_less_is_sent_and_nothing_lost() -> None:
    records, labels = both([LABELLED_FLUSH])
    assert len(labels[0].ciphertexts) == 1
    joined = join(records, labels, seed=SEED)
    assert joined.manifest.parts.keys() == {"records", "positive"}
    np.testing.assert_array_equal(gate().open(joined).get("outcome:sex"), outcome([LABELLED_FLUSH]))


def test_complete_and_incomplete_labels_join(joined: Joined) -> None:
    flushes = [LABELLED_FLUSH, FLUSHES[1]]
    np.testing.assert_array_equal(gate().open(join(*both(flushes), seed=SEED)).get("outcome:sex"), outcome(flushes))


def test_records_without_a_prediction_have_no_slot() -> None:
    decision = pa.array([None if place % 5 == 0 else place % 2 for place in range(500)])
    flush = LABELLED_FLUSH.set_column(6, "decision", decision)
    records, labels = both([flush])
    assert records[0].header.rows == 400
    np.testing.assert_array_equal(gate().open(join(records, labels, seed=SEED)).get("outcome:sex"), outcome([flush]))


def test_single_records_are_hidden_from_the_owner_of_the_key(joined: Joined) -> None:
    slots = np.array(SECRET.decrypt(joined.ciphertexts["records"][0]))
    one_record_each = {1 << shift for shift in range(0, 56, 7)}
    assert not one_record_each & set(slots[100:3000].tolist())
    loads = cohorts.loads([3000, 700, 60], LAYOUT.records)
    starts = joined.manifest.blocks
    assert min(sum(loads[a:b]) for a, b in pairwise(starts)) >= 50


def test_several_attributes_and_pairs_of_them_are_counted_at_once() -> None:
    spec = SPEC.model_copy(update={"columns": SPEC.columns.model_copy(update={"protected": ("sex", "channel")})})
    grid = sealed_grid(build_grid(spec, rows(5000, 0)))
    layout = JoinLayout(grid, ("channel", "sex", "sex*channel"), JOIN)
    host, registry = (encoder(name, layout) for name in ("host-1", "registry"))
    sealed = host.records(LABELLED_FLUSH, DAY)
    labels = registry.labels(LABELLED_FLUSH, sealed.envelope.header, sealed.envelope.id)
    opened = JoinGate(layout, SECRET, PUBLIC.id).open(join([sealed.envelope], [labels], seed=SEED))
    clear = count_all(grid, LABELLED_FLUSH)
    assert {key.table for key in opened.tables} == {"outcome:sex", "outcome:channel", "outcome:sex*channel"}
    for key, counts in opened.tables.items():
        np.testing.assert_array_equal(counts, clear.tables[key])
    with pytest.raises(SealedError, match=r"the rows are of 2 segments: channel=shop, channel=web; seal those of each"):
        layout.segment(LABELLED_FLUSH, "channel")
    with pytest.raises(SealedError, match="income is no segment of the plan: channel"):
        layout.segment(LABELLED_FLUSH, "income")


@given(st.lists(st.integers(1, 8191), min_size=1, max_size=400))
def test_any_number_of_envelopes_is_joined_in_batches_that_fit(filled: list[int]) -> None:
    if sum(filled) < 50 * len(filled):
        return
    found = batches(filled, LAYOUT.records, 50)
    assert sorted(place for batch in found for place in batch) == list(range(len(filled)))
    for batch in found:
        loads = cohorts.loads([filled[place] for place in batch], LAYOUT.records)
        held = [sum(loads[a:b]) for a, b in pairwise(cohorts.blocks(loads, 50, 127))]
        assert min(held) >= 50
        assert max(held) <= 127


@given(
    st.lists(st.integers(50, 8191), min_size=1, max_size=30),
    st.integers(2, 60),
)
def test_blocks_hold_enough_records_and_never_too_many(filled: list[int], least: int) -> None:
    shared = cohorts.loads(filled, 8191)
    try:
        starts = cohorts.blocks(shared, least, 127)
    except SealedError:
        return
    held = [sum(shared[a:b]) for a, b in pairwise(starts)]
    assert min(held) >= least
    assert max(held) <= 127
    assert sum(held) == sum(filled)


def test_a_mask_hides_each_slot_and_keeps_each_block() -> None:
    starts, modulus = (0, 3, 7), JOIN.modulus
    drawn = cohorts.mask(starts, 10, modulus, SEED, "records 0")
    slots = [5, 1, 4, 9, 9, 2, 0, 0, 0, 0]
    hidden = [(left + right) % modulus for left, right in zip(slots, drawn, strict=True)]
    assert cohorts.sums(hidden, starts, modulus) == [10, 20]
    assert not set(hidden[:7]) & set(slots[:7])
    assert drawn[7:] == [0, 0, 0]
    assert drawn != cohorts.mask(starts, 10, modulus, SEED, "records 1")


def test_an_auditor_with_the_seed_gets_the_same_sum(
    sealed: tuple[list[Envelope], list[Envelope]], joined: Joined
) -> None:
    verify_join(read_joined(joined.to_bytes(), "a"), sealed[0][::-1], sealed[1], seed=SEED)
    with pytest.raises(SealedError, match="does not follow from its envelopes: seed_digest differs"):
        verify_join(joined, *sealed, seed=SEED[::-1])
    with pytest.raises(SealedError, match="does not follow from its envelopes: inputs differs"):
        verify_join(joined, sealed[0][:2], sealed[1][:2], seed=SEED)


def test_a_changed_sum_is_refused(sealed: tuple[list[Envelope], list[Envelope]], joined: Joined) -> None:
    content = joined.to_bytes()
    for place in (3, 20, 300, 500_000, -9):
        broken = bytearray(content)
        broken[place] ^= 1
        with pytest.raises(SealedError):
            verify_join(read_joined(bytes(broken), "a"), *sealed, seed=SEED)
    swapped = {**joined.ciphertexts, "positive": joined.ciphertexts["records"]}
    with pytest.raises(SealedError, match="other ciphertexts than its manifest names: positive was changed"):
        gate().open(Joined(manifest=joined.manifest, ciphertexts=swapped))


def test_more_envelopes_than_a_digit_counts_are_refused() -> None:
    records, labels = both([rows(60, 1)])
    many = [
        Envelope(records[0].header.model_copy(update={"number": n, "digests": (str(n),)}), records[0].ciphertexts)
        for n in range(128)
    ]
    with pytest.raises(SealedError, match="128 envelopes of records overflow a digit; join at most 127 at once"):
        join(many, labels, seed=SEED)


def test_more_records_than_slots_are_refused() -> None:
    with pytest.raises(SealedError, match="8192 records do not fit one envelope of 8191; seal smaller flushes"):
        encoder().records(rows(8192, 1), DAY)


def test_few_records_are_not_joined() -> None:
    with pytest.raises(SealedError, match="49 records, fewer than 50, would have to share a sum"):
        join(*both([rows(49, 5)]), seed=SEED)


def test_a_seed_that_can_be_guessed_is_refused(sealed: tuple[list[Envelope], list[Envelope]]) -> None:
    with pytest.raises(SealedError, match="a seed of 3 bytes can be guessed"):
        join(*sealed, seed=b"abc")


def test_labels_of_other_records_are_refused(sealed: tuple[list[Envelope], list[Envelope]]) -> None:
    records, labels = sealed
    with pytest.raises(SealedError, match="envelope 0 of registry holds labels of records that were not given"):
        join(records[1:], labels, seed=SEED)
    with pytest.raises(SealedError, match="envelope 2 of host-1 has no labels yet; leave it out"):
        join(records, labels[:2], seed=SEED)
    with pytest.raises(SealedError, match="holds labels of records that have some already"):
        join(records, [*labels, labels[0]], seed=SEED)
    with pytest.raises(SealedError, match="envelope 0 of host-1 was given twice"):
        join([*records, records[0]], labels, seed=SEED)
    with pytest.raises(SealedError, match="labels for 3000 records do not fit an envelope of 700 records"):
        encoder("registry").labels(FLUSHES[0], records[1].header, records[1].id)


def test_kinds_are_not_mixed(sealed: tuple[list[Envelope], list[Envelope]]) -> None:
    _, cube_key = SecretKey.generate(CUBE)
    cube = Encoder(Layout(GRID, CUBE), cube_key, model="loans", version="1", sender="a", number=0)
    counts = cube.seal(count_all(GRID, FLUSHES[0]), DAY)
    with pytest.raises(SealedError, match="envelope 0 of a holds cube, and records is needed here"):
        join([counts], sealed[1], seed=SEED)
    with pytest.raises(SealedError, match="holds records, and cube is needed here"):
        add(sealed[0])
    with pytest.raises(SealedError, match="has no room for a product"):
        JoinLayout(GRID, ("sex",), CUBE)
    with pytest.raises(SealedError, match="town is no protected attribute of the grid: sex"):
        JoinLayout(GRID, ("town",), JOIN)


def test_a_key_that_pretends_to_be_another_is_found() -> None:
    _, other = SecretKey.generate(JOIN)
    foreign = encoder(key=other).records(LABELLED_FLUSH, DAY)
    lying = Envelope(foreign.envelope.header.model_copy(update={"key_id": PUBLIC.id}), foreign.envelope.ciphertexts)
    labels = encoder("registry").labels(LABELLED_FLUSH, lying.header, lying.id)
    with pytest.raises(SealedError, match=r"noise budget|does not add up"):
        gate().open(join([lying], [labels], seed=SEED))


def test_labels_that_arrive_later_are_not_told_apart_by_differences() -> None:
    flush = LABELLED_FLUSH
    sealed = encoder().records(flush, DAY)
    early = flush.set_column(7, "repaid", pa.array(np.arange(500) % 2, mask=np.arange(500) < 20))
    door = gate()
    door.open(join([sealed.envelope], [labels_of(sealed, early)], seed=SEED))
    with pytest.raises(SealedError, match="released already, with other labels or another choice of records"):
        door.open(join([sealed.envelope], [labels_of(sealed, flush)], seed=SEED))


def test_more_labels_of_records_are_not_hidden_by_a_few_other_records() -> None:
    sealed, other = (encoder(name).records(LABELLED_FLUSH.slice(0, n), DAY) for name, n in (("a", 200), ("b", 60)))

    def known(n: int, of: Sealed, sender: str) -> Envelope:
        flush = LABELLED_FLUSH.slice(0, len(of.places))
        column = pa.array(np.arange(flush.num_rows) % 2, mask=np.arange(flush.num_rows) >= n)
        return labels_of(of, flush.set_column(7, "repaid", column), sender)

    door = gate()
    door.open(join([sealed.envelope], [known(150, sealed, "r")], seed=SEED))
    both = [sealed.envelope, other.envelope]
    with pytest.raises(SealedError, match="released already, with other labels or another choice of records"):
        door.open(join(both, [known(170, sealed, "r"), known(5, other, "s")], seed=SEED))
    door.open(join(both, [known(170, sealed, "r"), known(60, other, "s")], seed=SEED))
    with pytest.raises(SealedError, match="released already, with other labels or another choice of records"):
        door.open(join([sealed.envelope], [known(150, sealed, "t")], seed=SEED))


class TestDays:
    """All joined sums of a day, with the headers of what went into them."""

    def day(self, sealed: tuple[list[Envelope], list[Envelope]], day: date = DAY, apart: int = 1) -> JoinedDay:
        records, labels = sealed
        joins = [join(records[:apart], labels[:apart], seed=SEED), join(records[apart:], labels[apart:], seed=SEED)]
        return read_joined_day(joined_day("loans", day, joins, [*records, *labels]).to_bytes(), "a")

    def test_several_sums_are_one_day_and_one_release(self, sealed: tuple[list[Envelope], list[Envelope]]) -> None:
        door = gate()
        opened = door.open_day(self.day(sealed), "loans", DAY)
        np.testing.assert_array_equal(opened.counts.get("outcome:sex"), outcome(FLUSHES))
        np.testing.assert_array_equal(opened.counts.get("confusion"), outcome(FLUSHES).sum(axis=0))
        assert opened.counts.get("labelled").tolist() == [outcome(FLUSHES).sum(), 0]  # type: ignore[union-attr]
        door.open_day(self.day(sealed), "loans", DAY)
        assert len(door.ledger.releases) == 1

    def test_another_day_is_found_by_the_headers(self, sealed: tuple[list[Envelope], list[Envelope]]) -> None:
        other = DAY + timedelta(days=1)
        with pytest.raises(SealedError, match=f"is of day {DAY}, and was joined as one of {other}"):
            gate().open_day(self.day(sealed, other), "loans", other)
        lying = self.day(sealed)
        said = [each.model_copy(update={"day": other}) for each in lying.headers]
        with pytest.raises(SealedError, match="name envelopes whose headers are not with them"):
            gate().open_day(lying.model_copy(update={"headers": tuple(said)}), "loans", other)

    def test_records_are_joined_once_with_their_own_labels(
        self, sealed: tuple[list[Envelope], list[Envelope]], joined: Joined
    ) -> None:
        records, labels = sealed
        again = join(records[:1], labels[:1], seed=SEED)
        with pytest.raises(SealedError, match=r"envelope \d of (host-1|registry) was joined twice"):
            gate().open_day(joined_day("loans", DAY, [joined, again], [*records, *labels]), "loans", DAY)
        swapped = joined.manifest.model_copy(update={"labels": joined.manifest.labels[::-1]})
        lying = Joined(manifest=swapped, ciphertexts=joined.ciphertexts)
        with pytest.raises(SealedError, match="holds labels of other records than it was joined with"):
            gate().open_day(joined_day("loans", DAY, [lying], [*records, *labels]), "loans", DAY)
        more = joined.manifest.model_copy(update={"inputs": dict.fromkeys(joined.manifest.inputs, 60)})
        lying = Joined(manifest=more, ciphertexts=joined.ciphertexts)
        with pytest.raises(SealedError, match="has another number of rows than the sum says"):
            gate().open_day(joined_day("loans", DAY, [lying], [*records, *labels]), "loans", DAY)

    def test_labels_that_no_named_sender_signed_are_not_opened(
        self, sealed: tuple[list[Envelope], list[Envelope]]
    ) -> None:
        door = gate()
        door.senders = {"host-1": Signer(b"host".ljust(32)).public}
        with pytest.raises(SealedError, match=r"is not signed|is of nobody known here"):
            door.open_day(self.day(sealed), "loans", DAY)

    def test_a_segment_with_few_labels_waits_and_the_others_are_told(self) -> None:
        web, shop = (
            encoder(name).records(LABELLED_FLUSH.slice(0, n), DAY, tags={"channel": name, "rack": "7"})
            for name, n in (("web", 200), ("shop", 60))
        )
        few = LABELLED_FLUSH.slice(0, 60)
        few = few.set_column(7, "repaid", pa.array(np.arange(60) % 2, mask=np.arange(60) >= 20))
        about = [labels_of(web, LABELLED_FLUSH.slice(0, 200), "r"), labels_of(shop, few, "s")]
        joins = [join([each.envelope], [label], seed=SEED) for each, label in zip((web, shop), about, strict=True)]
        found = joined_day("loans", DAY, joins, [web.envelope, shop.envelope, *about])
        opened = gate().open_day(found, "loans", DAY)
        assert opened.left_out == ("labels of channel=shop are fewer than 50",)
        assert opened.counts.segments
        expected = outcome([LABELLED_FLUSH.slice(0, 200)])
        np.testing.assert_array_equal(opened.counts.get("outcome:sex"), expected)
        np.testing.assert_array_equal(opened.counts.get("outcome:sex", "channel=web"), expected)
        assert list(opened.counts.segments) == ["channel=web"]

    def test_noise_is_the_same_for_the_same_day_and_withheld_when_the_budget_is_spent(
        self, sealed: tuple[list[Envelope], list[Envelope]]
    ) -> None:
        policy = NoisePolicy(epsilon=4.0, delta=1e-6, releases=1)
        cost = touched(LAYOUT)
        spent = Ledger()
        door = gate()
        door.noise = JoinNoise(policy, policy.variance(cost), cost, b"secret", (spent,))
        first, second = (door.open_day(self.day(sealed), "loans", DAY).counts for _ in range(2))
        assert all((second.tables[key] == counts).all() for key, counts in first.tables.items())
        assert (first.get("outcome:sex") != outcome(FLUSHES)).any()
        assert [each.rho is None for each in door.ledger.releases] == [False, True]
        other = gate()
        spent.add(release_of("counts", {}, rho=policy.budget / 2))
        other.noise = door.noise
        with pytest.raises(WithheldError, match="the privacy budget of epsilon 4 is spent by 1 releases"):
            other.open_day(self.day(sealed), "loans", DAY)
        assert other.ledger.releases == []


class TestMasks:
    """Choosing records by a plain or an encrypted mask; both need the larger parameters."""

    layout = JoinLayout(GRID, ("sex",), FILTER)
    secret, public = SecretKey.generate(FILTER)
    flush = rows(2000, 8)
    chosen = np.array([value == "web" for value in flush["channel"].to_pylist()])

    def parts(self) -> tuple[Sealed, Envelope]:
        sealed = encoder(layout=self.layout, key=self.public).records(self.flush, DAY)
        registry = encoder("registry", self.layout, self.public)
        return sealed, registry.labels(self.flush, sealed.envelope.header, sealed.envelope.id)

    def gate(self) -> JoinGate:
        return JoinGate(self.layout, self.secret, self.public.id)

    def test_both_masks_count_exactly_the_chosen_records(self) -> None:
        sealed, labels = self.parts()
        expected = outcome([self.flush.filter(pa.array(self.chosen))])
        member = encoder("segments", self.layout, self.public)
        hidden = member.mask(self.chosen, sealed.envelope.header, sealed.envelope.id)
        for mask in ({sealed.envelope.id: self.chosen.tolist()}, [read_envelope(hidden.to_bytes(), "m")]):
            joined = join([sealed.envelope], [labels], seed=SEED, mask=mask)
            np.testing.assert_array_equal(self.gate().open(joined).get("outcome:sex"), expected)
            assert min(self.secret.noise_bits(each) for each in joined.ciphertexts["positive"]) >= 10

    def test_two_masks_of_the_same_records_are_not_released(self) -> None:
        sealed, labels = self.parts()
        door, almost = self.gate(), self.chosen.copy()
        almost[0] = not almost[0]
        for mask, allowed in ((None, True), (self.chosen, True), (almost, False), (np.arange(2000) < 20, False)):
            plain = None if mask is None else {sealed.envelope.id: mask.tolist()}
            joined = join([sealed.envelope], [labels], seed=SEED, mask=plain)
            if allowed:
                door.open(joined)
                continue
            with pytest.raises(SealedError, match=r"another choice of records|fewer than the 50"):
                door.open(joined)

    def test_a_mask_needs_room(self, sealed: tuple[list[Envelope], list[Envelope]]) -> None:
        with pytest.raises(SealedError, match="the parameter set 'join' has no room for a mask; seal records with"):
            join(*sealed, seed=SEED, mask={each.id: [1] * each.header.rows for each in sealed[0]})

    def test_a_mask_is_0_or_1_for_each_record(self) -> None:
        sealed, labels = self.parts()
        for flags in ([1], [2] * 2000):
            with pytest.raises(SealedError, match="the mask of envelope 0 of host-1 is not 0 or 1 for each"):
                join([sealed.envelope], [labels], seed=SEED, mask={sealed.envelope.id: flags})


def test_noise_that_ran_out_is_found(joined: Joined) -> None:
    one = PUBLIC.encrypt([1] * JOIN.slots)
    spent = sum_of_products(JOIN, [[one, one, one]])
    parts = {**joined.ciphertexts, "positive": (spent, spent)}
    digests = replace_digests(joined, parts)
    with pytest.raises(SealedError, match="0 bits of noise budget left; join fewer envelopes at once"):
        gate().open(digests)


def replace_digests(joined: Joined, ciphertexts: dict[str, tuple[bytes, ...]]) -> Joined:
    from aimon.sealed.seal.adding import digest

    parts = {part: tuple(map(digest, each)) for part, each in ciphertexts.items()}
    return Joined(manifest=joined.manifest.model_copy(update={"parts": parts}), ciphertexts=ciphertexts)

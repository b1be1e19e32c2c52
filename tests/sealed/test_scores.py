import numpy as np
import pytest

from aimon.errors import SealedError
from aimon.profile.count import count_all
from aimon.profile.profile import Profile
from aimon.sealed.envelope import Envelope, read_envelope
from aimon.sealed.evaluator import add
from aimon.sealed.score_encoder import ScoreEncoder
from aimon.sealed.score_gate import ScoreGate
from aimon.sealed.score_plan import COLUMNS, LEAST_SHARE, ScorePlan, score_plan
from aimon.sealed.scores import Scores, coefficients, read_scores, score, totalled, verify_scores
from aimon.sealed.seal.adding import digest
from aimon.sealed.seal.real import DRIFT, RealServer, check_fresh
from aimon.sealed.seal.secret import generate_real
from tests.sealed.loans import DAY, loans_grid, rows

GRID = loans_grid()


def plan_of(reference: Profile) -> ScorePlan:
    return score_plan(GRID, reference, model="loans", version="1")


PLAN = plan_of(count_all(GRID, rows(5000, 0)))
KEYS = generate_real(DRIFT, COLUMNS)
SERVER = RealServer(DRIFT, KEYS.relinearization, KEYS.galois)


def sealed(profiles: list[Profile]) -> list[Envelope]:
    encoder = ScoreEncoder(PLAN, KEYS.public, model="loans", version="1", sender="host-1", number=0)
    return [read_envelope(encoder.seal(each, DAY).to_bytes(), "a") for each in profiles]


def gate() -> ScoreGate:
    return ScoreGate(PLAN, KEYS.secret, KEYS.public.id)


def scored_of(envelopes: list[Envelope], plan: ScorePlan = PLAN) -> Scores:
    return score(plan, DAY, {"1d": [totalled(envelopes)]}, SERVER)


def expected(profiles: list[Profile], column: str) -> float:
    counts = sum(np.asarray(each.get(f"column:{column}")) for each in profiles)
    p = np.bincount(PLAN.bins[column], weights=counts) / counts.sum()
    q = np.array(PLAN.shares[column])
    return float(((p - q) ** 2 / (p + q)).sum())


@pytest.fixture(scope="module")
def profiles() -> list[Profile]:
    return [count_all(GRID, rows(n, n, shift=shift)) for n, shift in ((400, 0.0), (900, 4.0))]


@pytest.fixture(scope="module")
def scored(profiles: list[Profile]) -> Scores:
    return scored_of(sealed(profiles))


def test_scores_are_those_of_the_counts_in_the_clear(profiles: list[Profile], scored: Scores) -> None:
    opened = gate().open(scored)["1d"]
    assert isinstance(opened, dict)
    assert opened.keys() == set(PLAN.columns) == {"income", "age", "town", "sex", "channel", "score", "decision"}
    for column, value in opened.items():
        assert value == pytest.approx(expected(profiles, column), abs=8e-5), column
    assert opened["income"] > 0.5
    assert opened["age"] < 0.1


def test_nothing_but_scores_is_in_the_slots(scored: Scores) -> None:
    slots = np.array(KEYS.secret.decrypt(scored.ciphertexts["1d"])).reshape(-1, COLUMNS)
    assert slots == pytest.approx(np.broadcast_to(slots[0], slots.shape), abs=1e-3)


def test_the_polynomial_is_close_over_its_whole_range() -> None:
    x = np.linspace(0, 1 / LEAST_SHARE, 10_001)
    found = np.polynomial.chebyshev.chebval(2 * LEAST_SHARE * x - 1, coefficients())
    assert abs(found - (x - 1) ** 2 / (x + 1)).max() < 5e-6


def test_every_bin_has_a_tenth_of_the_reference() -> None:
    assert all(min(shares) >= LEAST_SHARE for shares in PLAN.shares.values())
    assert all(sum(shares) == pytest.approx(1) for shares in PLAN.shares.values())


def test_scores_of_few_rows_or_of_rows_that_differ_by_few_are_refused(profiles: list[Profile]) -> None:
    envelopes = sealed([*profiles, count_all(GRID, rows(20, 5))])
    door = gate()
    with pytest.raises(SealedError, match="20 rows are fewer than the 50"):
        door.open(scored_of(envelopes[2:]))
    door.open(scored_of(envelopes[:2]))
    with pytest.raises(SealedError, match="would give away 20 rows on their own"):
        door.open(scored_of(envelopes))


def test_rows_that_are_not_those_of_the_header_are_found(profiles: list[Profile]) -> None:
    honest = sealed(profiles[:1])[0]
    lying = Envelope(honest.header.model_copy(update={"rows": 500}), honest.ciphertexts)
    with pytest.raises(SealedError, match="the scores do not add up: the canary is"):
        gate().open(scored_of([lying]))


def test_made_up_scores_are_refused(scored: Scores) -> None:
    other = KEYS.public.encrypt([1.0] * DRIFT.slots)
    with pytest.raises(SealedError, match="another ciphertext than they name"):
        gate().open(scored.model_copy(update={"ciphertexts": {"1d": other}}))
    slots = np.zeros((16, COLUMNS))
    slots[:, -1] = 2 / 3
    for place, value, said in (((0, 3), 9.0, "slot 3 holds 9"), ((2, 3), 0.3, "slot 1027 holds 0.3")):
        crafted = slots.copy()
        crafted[place] = value
        content = KEYS.public.encrypt(crafted.ravel().tolist())
        named = scored.manifest.windows["1d"].model_copy(update={"digest": digest(content)})
        manifest = scored.manifest.model_copy(update={"windows": {"1d": named}})
        with pytest.raises(SealedError, match=f"the scores do not add up: {said}"):
            gate().open(Scores(manifest=manifest, ciphertexts={"1d": content}))


def test_what_is_told_is_a_step_away_and_the_same_each_time(scored: Scores) -> None:
    door, window = gate(), scored.manifest.windows["1d"]
    opened = door.open(scored)["1d"]
    assert isinstance(opened, dict)
    told = door.told(window, opened)
    assert told == gate().told(window, opened)
    assert all(abs(value - opened[column]) < 1e-3 and value * 1000 % 1 == 0 for column, value in told.items())
    steps = [
        door.told(window.model_copy(update={"digest": str(number)}), {"income": 0.0103})["income"]
        for number in range(1000)
    ]
    assert set(steps) == {0.010, 0.011}
    assert np.mean(steps) == pytest.approx(0.0103, abs=5e-5)


def test_windows_are_scored_by_the_sums_of_their_days(profiles: list[Profile]) -> None:
    first, second, third = sealed([*profiles, count_all(GRID, rows(700, 8))])
    days = {"1d": [totalled([third])], "7d": [totalled([first, second]), totalled([third])]}
    made = read_scores(score(PLAN, DAY, days, SERVER).to_bytes(), "a")
    verify_scores(made, PLAN, [first, second, third], SERVER)
    opened = gate().open(made)["7d"]
    assert isinstance(opened, dict)
    whole = [*profiles, count_all(GRID, rows(700, 8))]
    assert all(value == pytest.approx(expected(whole, column), abs=8e-5) for column, value in opened.items())
    with pytest.raises(SealedError, match="an envelope was given for two days"):
        score(PLAN, DAY, {"1d": [totalled([third]), totalled([third])]}, SERVER)


def test_a_window_of_few_more_rows_is_withheld_alone(profiles: list[Profile]) -> None:
    few, day = sealed([count_all(GRID, rows(20, 5)), profiles[0]])
    made = score(PLAN, DAY, {"1d": [totalled([day])], "7d": [totalled([few]), totalled([day])]}, SERVER)
    opened = gate().open(made)
    assert isinstance(opened["1d"], dict)
    assert "would give away 20 rows on their own" in str(opened["7d"])


def test_another_plan_is_refused(profiles: list[Profile]) -> None:
    other = plan_of(count_all(GRID, rows(4000, 9)))
    with pytest.raises(SealedError, match=f"the envelopes are for plan {PLAN.id}, and this one is {other.id}"):
        scored_of(sealed(profiles), other)
    with pytest.raises(SealedError, match="holds scores, and cube is needed here"):
        add(sealed(profiles))


def test_scores_of_another_key_are_refused(scored: Scores) -> None:
    with pytest.raises(SealedError, match=f"the scores are of key {KEYS.public.id} and plan {PLAN.id}"):
        ScoreGate(PLAN, KEYS.secret, "0" * 16).open(scored)


def test_a_ciphertext_that_would_spoil_the_sum_is_found(scored: Scores) -> None:
    check_fresh(DRIFT, KEYS.public.encrypt([1.0]))
    with pytest.raises(SealedError, match="no fresh encryption: it is of another scale or level"):
        check_fresh(DRIFT, scored.ciphertexts["1d"])


def test_an_auditor_makes_the_scores_again_and_names_what_was_changed(profiles: list[Profile]) -> None:
    envelopes = sealed(profiles)
    made = scored_of(envelopes)
    verify_scores(made, PLAN, envelopes, RealServer(DRIFT, KEYS.relinearization, KEYS.galois))
    other, window = KEYS.public.encrypt([1.0] * DRIFT.slots), made.manifest.windows["1d"]
    for changes, content, said in (
        ({"model": "cars"}, None, "model differs"),
        ({"windows": {"1d": window.model_copy(update={"inputs": dict.fromkeys(window.inputs, 400)})}}, None,
         "inputs of 1d differs"),
        ({}, other, "the ciphertext of 1d was changed"),
        ({"windows": {"1d": window.model_copy(update={"digest": digest(other)})}}, other, "digest of 1d differs"),
    ):  # fmt: skip
        changed = Scores(
            manifest=made.manifest.model_copy(update=changes),
            ciphertexts=made.ciphertexts if content is None else {"1d": content},
        )
        with pytest.raises(SealedError, match=f"the scores do not follow from their envelopes: {said}"):
            verify_scores(changed, PLAN, envelopes, SERVER)
    with pytest.raises(SealedError, match="is not among them"):
        verify_scores(made, PLAN, envelopes[:1], SERVER)

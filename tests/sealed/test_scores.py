import numpy as np
import pytest

from aimon.errors import SealedError
from aimon.profile.count import count_all
from aimon.profile.profile import Profile
from aimon.sealed.envelope import Envelope, read_envelope
from aimon.sealed.evaluator import add
from aimon.sealed.score_gate import ScoreGate
from aimon.sealed.scores import (
    COLUMNS,
    LEAST_SHARE,
    Scored,
    ScoreEncoder,
    coefficients,
    score,
    score_plan,
    verify_scores,
)
from aimon.sealed.seal.adding import digest
from aimon.sealed.seal.real import DRIFT, RealServer
from aimon.sealed.seal.secret import generate_real
from tests.sealed.loans import DAY, loans_grid, rows

GRID = loans_grid()
PLAN = score_plan(GRID, count_all(GRID, rows(5000, 0)))
KEYS = generate_real(DRIFT, COLUMNS)
SERVER = RealServer(DRIFT, KEYS.relinearization, KEYS.galois)


def sealed(profiles: list[Profile]) -> list[Envelope]:
    encoder = ScoreEncoder(PLAN, KEYS.public, model="loans", version="1", sender="host-1", number=0)
    return [read_envelope(encoder.seal(each, DAY).to_bytes(), "a") for each in profiles]


def gate() -> ScoreGate:
    return ScoreGate(PLAN, KEYS.secret, KEYS.public.id)


def expected(profiles: list[Profile], column: str) -> float:
    counts = sum(np.asarray(each.get(f"column:{column}")) for each in profiles)
    p = np.bincount(PLAN.bins[column], weights=counts) / counts.sum()
    q = np.array(PLAN.shares[column])
    return float(((p - q) ** 2 / (p + q)).sum())


@pytest.fixture(scope="module")
def profiles() -> list[Profile]:
    return [count_all(GRID, rows(n, n, shift=shift)) for n, shift in ((400, 0.0), (900, 4.0))]


@pytest.fixture(scope="module")
def scored(profiles: list[Profile]) -> Scored:
    return score(PLAN, sealed(profiles), SERVER)


def test_scores_are_those_of_the_counts_in_the_clear(profiles: list[Profile], scored: Scored) -> None:
    opened = gate().open(scored)
    assert opened.keys() == set(PLAN.columns) == {"income", "age", "town", "sex", "channel", "score", "decision"}
    for column, value in opened.items():
        assert value == pytest.approx(expected(profiles, column), abs=8e-5), column
    assert opened["income"] > 0.5
    assert opened["age"] < 0.1


def test_nothing_but_scores_is_in_the_slots(scored: Scored) -> None:
    slots = np.array(KEYS.secret.decrypt(scored.ciphertext)).reshape(-1, COLUMNS)
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
        door.open(score(PLAN, envelopes[2:], SERVER))
    door.open(score(PLAN, envelopes[:2], SERVER))
    with pytest.raises(SealedError, match="would give away 20 rows on their own"):
        door.open(score(PLAN, envelopes, SERVER))


def test_rows_that_are_not_those_of_the_header_are_found(profiles: list[Profile]) -> None:
    honest = sealed(profiles[:1])[0]
    lying = Envelope(honest.header.model_copy(update={"rows": 500}), honest.ciphertexts)
    with pytest.raises(SealedError, match="the scores do not add up: the canary is"):
        gate().open(score(PLAN, [lying], SERVER))


def test_changed_scores_are_refused(scored: Scored) -> None:
    other = scored.model_copy(update={"ciphertext": KEYS.public.encrypt([1.0] * DRIFT.slots)})
    with pytest.raises(SealedError, match="another ciphertext than they name"):
        gate().open(other)


def test_another_plan_is_refused(profiles: list[Profile]) -> None:
    other = score_plan(GRID, count_all(GRID, rows(4000, 9)))
    with pytest.raises(SealedError, match=f"the envelopes are for plan {PLAN.id}, and this one is {other.id}"):
        score(other, sealed(profiles), SERVER)
    with pytest.raises(SealedError, match="holds scores, and cube is needed here"):
        add(sealed(profiles))


def test_scores_of_another_key_are_refused(scored: Scored) -> None:
    with pytest.raises(SealedError, match=f"the scores are of key {KEYS.public.id} and plan {PLAN.id}"):
        ScoreGate(PLAN, KEYS.secret, "0" * 16).open(scored)


def test_an_auditor_makes_the_scores_again_and_names_what_was_changed(profiles: list[Profile]) -> None:
    envelopes = sealed(profiles)
    scored = score(PLAN, envelopes, SERVER)
    fresh = RealServer(DRIFT, KEYS.relinearization, KEYS.galois)
    verify_scores(scored, PLAN, envelopes, fresh)
    other = KEYS.public.encrypt([1.0] * DRIFT.slots)
    for changes, said in (
        ({"model": "cars"}, "model differs"),
        ({"inputs": dict.fromkeys(scored.inputs, 400)}, "inputs differs"),
        ({"ciphertext": other}, "the ciphertext was changed"),
        ({"ciphertext": other, "digest": digest(other)}, "digest differs"),
    ):
        with pytest.raises(SealedError, match=f"the scores do not follow from their envelopes: {said}"):
            verify_scores(scored.model_copy(update=changes), PLAN, envelopes, fresh)

"""Counts of minutes, their sums over workers, health, and where streams break."""

import sys
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import pytest

from aimon.intake.facts import Facts
from aimon.live.health import Health, judge
from aimon.live.minute import MOST_CLASSES, NANO, Minute, total
from aimon.live.state import MINUTE_MICROS, MINUTES, Counts, State, summed, unpacked
from aimon_client.health import HealthRules
from aimon_client.minutes import Minute as ClientMinute

START = 29_000_000
DRAWN = np.random.default_rng(4)


def fact(minute: int = 0, **told: object) -> Facts:
    return Facts("1", (START + minute) * MINUTE_MICROS, **told)  # type: ignore[arg-type]


def state_of(*facts: Facts) -> Counts:
    state = State()
    state.add(facts)
    return state.counts


def test_a_minute_counts_what_the_facts_say() -> None:
    counted = Minute(0)
    counted.add(fact(prediction="yes", score=0.9, latency=0.2, tokens=10, cost=Decimal("0.004"), gravity=0.6))
    counted.add(fact(prediction="no", score=0.5, failed=True, gravity=0.0))
    counted.add(fact())

    assert (counted.calls, counted.errors, counted.confident, counted.low_confidence) == (3, 1, 2, 1)
    assert (counted.tokens, counted.cost, counted.texts) == (10, 4 * NANO // 1000, 2)
    assert counted.classes == {"yes": 1, "no": 1}
    assert counted.confidence == pytest.approx(1.4)
    assert counted.gravity == pytest.approx(0.6)


def test_a_quantile_of_latencies_is_within_one_step_of_the_true_one() -> None:
    drawn = np.random.default_rng(3).lognormal(-2, 1, 5_000)
    counted = Minute(0)
    for latency in drawn:
        counted.add(fact(latency=float(latency)))

    for share in (0.5, 0.95, 0.99):
        found = counted.quantile(share)
        assert found == pytest.approx(float(np.quantile(drawn, share)), rel=0.11)
    assert Minute(0).quantile(0.5) is None


def test_memory_does_not_grow_with_the_predictions() -> None:
    state = State()
    sizes = []
    for number in range(40_000):
        state.add([fact(number // 500, prediction=f"class {number}", latency=DRAWN.random(), score=DRAWN.random())])
        if number % 20_000 == 19_999:
            sizes.append(len(state.counts.packed()))

    assert len(state.counts.minutes) == MINUTES
    assert all(len(minute.classes) <= MOST_CLASSES + 1 for minute in state.counts.minutes.values())
    assert sizes[1] < 1.1 * sizes[0]
    assert sys.getsizeof(state.counts.minutes) < 10_000


def test_the_sum_of_two_workers_is_what_one_would_have_counted() -> None:
    facts = [
        fact(number % 40, prediction=str(number % 3), score=(number % 10) / 10, latency=0.001 * number, tokens=number)
        for number in range(600)
    ]
    facts.sort(key=lambda each: each.at)
    whole = summed([state_of(*facts)], START + 40)
    halves = [unpacked(state_of(*facts[start::2]).packed()) for start in (0, 1)]
    parts = summed(halves, START + 40)

    assert parts.total == whole.total == 600
    for number, minute in whole.minutes.items():
        other = parts.minutes[number]
        assert (other.calls, other.tokens, other.latency) == (minute.calls, minute.tokens, minute.latency)
        assert dict(sorted(other.classes.items())) == dict(sorted(minute.classes.items()))
        assert other.confidence == pytest.approx(minute.confidence)


def test_counts_come_back_from_their_bytes() -> None:
    counts = state_of(fact(prediction="a", score=0.3, latency=0.5, gravity=1.0), fact(1, failed=True))
    assert unpacked(counts.packed()) == counts


def test_a_call_of_long_ago_is_counted_in_the_total_only() -> None:
    counts = state_of(fact(0), fact(100), fact(0))
    assert counts.total == 3
    assert list(counts.minutes) == [START + 100]


def test_a_sender_whose_clock_is_ahead_is_counted_now_and_hides_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIMON_NOW", datetime.fromtimestamp(60 * START, UTC).isoformat())
    counts = state_of(fact(0), fact(20 * 60, failed=True), fact(0))

    assert [(minute.number, minute.calls, minute.errors) for minute in counts.minutes.values()] == [(START, 3, 1)]


def test_a_clock_that_is_set_back_takes_its_minutes_along(monkeypatch: pytest.MonkeyPatch) -> None:
    state = State()
    for minute in (0, 90, 1):
        monkeypatch.setenv("AIMON_NOW", datetime.fromtimestamp(60 * (START + minute), UTC).isoformat())
        state.add([fact(minute)])

    assert [(minute.number, minute.calls) for minute in state.counts.minutes.values()] == [(START + 1, 2)]
    assert state.counts.total == 3


def test_a_worker_whose_clock_is_ahead_hides_nothing_of_the_others() -> None:
    ahead, right = Counts(2, {START + 500: Minute(START + 500, calls=2)}), state_of(fact(0), fact(-1))
    whole = summed([ahead, right], START)

    assert {number: minute.calls for number, minute in whole.minutes.items()} == {START: 3, START - 1: 1}


def test_a_stream_that_breaks_is_noticed_and_a_steady_one_is_not() -> None:
    drawn = np.random.default_rng(5)
    steady = state_of(
        *(fact(number // 500, failed=drawn.random() < 0.02, score=drawn.random()) for number in range(9_000))
    )
    assert steady.error_break is None
    assert steady.confidence_break is None

    broken = [fact(0, score=drawn.uniform(0.7, 0.9)) for _ in range(2_000)]
    broken += [fact(1, score=drawn.uniform(0.3, 0.5), failed=drawn.random() < 0.3) for _ in range(2_000)]
    counts = state_of(*broken)
    assert counts.confidence_break is not None
    assert counts.error_break is not None
    assert counts.confidence_break[0] == START + 1
    assert counts.confidence_break[1] > counts.confidence_break[2]


def minutes(*rates: float, calls: int = 1_000) -> list[Minute]:
    """One minute after the other, with these shares of errors."""
    return [Minute(at, calls=calls, errors=int(rate * calls)) for at, rate in enumerate(rates)]


@pytest.mark.parametrize(
    ("rates", "health"),
    [
        ((0.0,) * 5, Health.HEALTHY),
        ((0.03,) * 5, Health.DEGRADED),
        ((0.10,) * 5, Health.UNHEALTHY),
        ((0.10,) * 5 + (0.0,) * 5, Health.HEALTHY),
        ((0.02,) * 5 + (0.009,) * 5, Health.DEGRADED),  # below the limit, not yet below four fifths of it
        ((0.009,) * 5, Health.HEALTHY),  # the same share, but nothing was wrong before
        ((0.02,) * 5 + (0.007,) * 5, Health.HEALTHY),
    ],
)
def test_health_follows_the_errors_and_does_not_flap(rates: tuple[float, ...], health: Health) -> None:
    assert judge(minutes(*rates), len(rates) - 1).health is health


def test_the_service_judges_as_the_model_server_does_which_has_rules_of_its_own() -> None:
    drawn = np.random.default_rng(6)
    for level in (0.004, 0.012, 0.05, 0.15, 0.2):
        seen, rules = list[Minute](), HealthRules()
        for at in range(30):
            calls = int(drawn.integers(2, 400))
            errors, low = (int(drawn.binomial(calls, min(1.0, level * factor))) for factor in (0.5, 1.2))
            seen.append(Minute(at, calls=calls, errors=errors, confident=calls, low_confidence=low))
            lately = total(seen[-5:], at)
            own = ClientMinute(at, calls=lately.calls, errors=lately.errors, low_confidence=lately.low_confidence)
            own.confidences[0] = lately.confident
            assert judge(seen, at).health.value == rules.judge(own).health.value


def test_few_calls_tell_nothing_and_few_errors_are_no_outage() -> None:
    assert judge([], 0).health is Health.UNKNOWN
    assert judge([Minute(0, calls=19, errors=19)], 0).health is Health.UNKNOWN
    assert judge([Minute(0, calls=40, errors=1)], 0).health is Health.HEALTHY
    found = judge([Minute(0, calls=400, confident=400, low_confidence=100)], 0)
    assert (found.health, found.reason) == (Health.UNHEALTHY, "low confidence in 25.0% of 400 calls (limit 20%)")


def test_the_sum_of_no_minutes_is_nothing() -> None:
    assert total([], 3) == Minute(3)

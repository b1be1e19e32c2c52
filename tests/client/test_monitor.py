import json
import logging
import tracemalloc
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from aimon_client import JsonFormatter, Monitor, Price, Prices, Usage, as_json, openmetrics
from aimon_client.health import Health
from aimon_client.identity import keyed_hash
from aimon_client.minutes import LastHour

START = 1_795_132_800.0  # 2026-11-20 00:00 UTC, a Friday


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def spread(number: int, part: int, whole: int) -> bool:
    """Whether this one is of the part, which lies evenly in the whole."""
    return (number + 1) * part // whole > number * part // whole


def calls(monitor: Monitor, clock: Clock, n: int, *, errors: int = 0, low: int = 0, every_s: float = 0.1) -> None:
    for number in range(n):
        clock.now += every_s
        monitor.record(
            1, confidence=0.5 if spread(number, low, n) else 0.9, latency=0.02, error=spread(number, errors, n)
        )


def test_health_is_unknown_until_enough_was_seen(clock: Clock) -> None:
    monitor = Monitor(clock=clock)
    calls(monitor, clock, 19, errors=19)
    assert monitor.status().health is Health.UNKNOWN
    assert monitor.status().reason == "19 calls; 20 are needed to tell"


@pytest.mark.parametrize(
    ("n", "errors", "low", "health"),
    [
        (1000, 0, 0, Health.HEALTHY),
        (30, 1, 0, Health.HEALTHY),  # 3 % of 30 calls may well be chance
        (1000, 30, 0, Health.DEGRADED),
        (1000, 90, 0, Health.UNHEALTHY),
        (1000, 0, 180, Health.DEGRADED),
        (1000, 0, 300, Health.UNHEALTHY),
    ],
)
def test_health_follows_the_rates_beyond_chance(clock: Clock, n: int, errors: int, low: int, health: Health) -> None:
    monitor = Monitor(clock=clock)
    calls(monitor, clock, n, errors=errors, low=low)
    assert monitor.status().health is health


def test_a_rate_that_hovers_at_its_limit_does_not_flap(clock: Clock) -> None:
    monitor = Monitor(clock=clock)
    calls(monitor, clock, 1000, errors=30)
    assert monitor.status().health is Health.DEGRADED
    seen = set()
    for minute in range(30):
        clock.now += 60
        calls(monitor, clock, 1000, errors=9 + 3 * (minute % 2), every_s=0.001)
        seen.add(monitor.status().health)
    assert seen == {Health.DEGRADED}
    clock.now += 3600
    calls(monitor, clock, 1000, errors=1)
    assert monitor.status().health is Health.HEALTHY


def test_an_hour_of_minutes_forgets_what_is_older(clock: Clock) -> None:
    monitor = Monitor(clock=clock)
    calls(monitor, clock, 100)
    clock.now += 3700
    assert monitor.last_hour().calls == 0
    assert monitor.totals().calls == 100


def test_a_clock_that_goes_back_loses_no_call() -> None:
    hour = LastHour()
    for at in (START, START - 7200, START + 1):
        hour.at(at).calls += 1
    assert hour.last(60, START + 2).calls >= 2


def test_quantiles_of_latency_agree_with_numpy_within_a_step(clock: Clock) -> None:
    monitor, values = Monitor(clock=clock), np.random.default_rng(1).lognormal(-3, 1, 5000)
    for value in values:
        monitor.record(1, latency=float(value))
    assert monitor.p95() == pytest.approx(np.quantile(values, 0.95), rel=0.1)


def moved_confidence(clock: Clock, mean: float, seed: int) -> Monitor:
    random, monitor = np.random.default_rng(seed), Monitor(clock=clock)
    for value in random.beta(8, 2, 1000):
        monitor.record(1, confidence=float(value))
    clock.now += 3700
    for value in random.beta(10 * mean, 10 * (1 - mean), 1000):
        monitor.record(1, confidence=float(value))
    return monitor


def test_a_confidence_that_fell_is_an_alarm_and_an_unchanged_one_is_not(clock: Clock) -> None:
    fallen = moved_confidence(clock, 0.6, seed=1)
    assert [shift.metric for shift in fallen.shifts() if shift.alarm] == ["confidence_shift"]
    assert not any(shift.alarm for seed in range(20) for shift in moved_confidence(Clock(), 0.8, seed).shifts())
    assert fallen.should_retrain().reasons == ("confidence_shift 0.26 (limit 0.1) against the first 1000 calls",)


def classes(clock: Clock, share: float) -> Monitor:
    random, monitor = np.random.default_rng(3), Monitor(clock=clock)
    for at, positive in ((0, 0.5), (3700, share)):
        clock.now = START + at
        for value in random.random(1000):
            monitor.record("yes" if value < positive else "no")
    return monitor


def test_classes_that_moved_are_an_alarm(clock: Clock) -> None:
    assert not any(shift.alarm for shift in classes(clock, 0.5).shifts())
    [shift] = classes(clock, 0.8).shifts()
    assert shift.alarm
    assert shift.value == pytest.approx(0.3, abs=0.05)


PRICES = Prices(
    [
        Price("chat", date(2026, 1, 1), Decimal(4), Decimal(20), Decimal("0.4")),
        Price("chat", date(2026, 11, 21), Decimal(2), Decimal(10), Decimal("0.2")),
    ]
)


def test_cached_and_reasoning_tokens_are_not_counted_twice(clock: Clock) -> None:
    monitor = Monitor("chat", prices=PRICES, clock=clock)
    monitor.record("text", usage=Usage(input=1_000_000, cached=500_000, output=100_000, reasoning=90_000))
    totals = monitor.totals()
    assert totals.cost_usd == Decimal("4.2")  # 0.5 M at 4 + 0.5 M at 0.4 + 0.1 M at 20
    assert (totals.input_tokens, totals.output_tokens) == (1_000_000, 100_000)


def test_the_price_of_the_day_holds_and_an_unknown_one_is_not_free(clock: Clock) -> None:
    monitor = Monitor("chat", prices=PRICES, clock=clock)
    clock.now = START + 86_400
    monitor.record("text", usage=Usage(input=1_000_000))
    assert monitor.totals().cost_usd == Decimal(2)
    other = Monitor("unknown", prices=PRICES, clock=clock)
    other.record("text", usage=Usage(input=1_000_000))
    assert (other.totals().cost_usd, other.totals().unpriced_calls) == (Decimal(0), 1)


def test_a_budget_speaks_at_80_and_100_percent_and_again_the_next_day(clock: Clock) -> None:
    monitor = Monitor("chat", prices=PRICES, daily_budget=Decimal(10), clock=clock)
    for _ in range(30):
        monitor.record("text", usage=Usage(input=100_000))
    assert [alert.message for alert in monitor.alerts()] == [
        "8.00 of the daily budget of 10.00 US dollars is spent",
        "10.00 of the daily budget of 10.00 US dollars is spent",
    ]
    clock.now += 86_400
    for _ in range(45):
        monitor.record("text", usage=Usage(input=100_000))
    assert len(monitor.alerts()) == 3


def test_the_matrix_of_feedback_gives_precision_recall_and_f1(clock: Clock) -> None:
    monitor = Monitor(clock=clock)
    said = [("yes", "yes")] * 30 + [("yes", "no")] * 10 + [("no", "yes")] * 20 + [("no", "no")] * 40
    for number, (predicted, word) in enumerate(said):
        monitor.record(predicted, id=f"{number}")
        assert monitor.say(f"{number}", word, kind="sample")
    quality = monitor.feedback.quality("yes")
    assert (quality.precision, quality.recall, quality.support) == (0.75, 0.6, 50)
    assert quality.f1 == pytest.approx(2 * 0.75 * 0.6 / 1.35)
    assert not monitor.feedback.biased
    assert monitor.should_retrain().reasons == ("people agree with 70% of 100 predictions drawn at random",)


def test_feedback_of_disputed_cases_alone_is_marked_and_asks_for_no_training(clock: Clock) -> None:
    monitor = Monitor(clock=clock)
    for number in range(100):
        monitor.record("yes", id=f"{number}")
        monitor.say(f"{number}", "no", kind="dispute")
    assert monitor.feedback.biased
    assert not monitor.should_retrain().yes
    assert not monitor.say("never seen", "no")
    monitor.say("5", "yes")
    assert (monitor.feedback.unknown, monitor.feedback.disagreements) == (1, 1)


def test_memory_does_not_grow_with_the_calls(clock: Clock) -> None:
    monitor = Monitor(clock=clock)

    def burst(n: int) -> None:
        for number in range(n):
            clock.now += 1
            monitor.record(f"class {number}", confidence=0.8, latency=number / 1e4, id=f"{clock.now}")

    burst(15_000)
    tracemalloc.start()
    burst(30_000)
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    held = monitor.last_hour()
    assert len(held.classes) <= 51 * 60
    assert grown < 6_000_000


def test_the_exposition_is_what_the_reference_parser_accepts(clock: Clock) -> None:
    parser = pytest.importorskip("prometheus_client.openmetrics.parser")
    monitor = Monitor('a"b\n', clock=clock)
    calls(monitor, clock, 100, errors=2)
    families = {each.name: each for each in parser.text_string_to_metric_families(openmetrics(monitor))}
    assert families["aimon_model_calls"].samples[0].value == 100
    assert families["aimon_model_errors"].samples[0].labels == {"model": 'a"b\n', "version": "1"}
    assert families["aimon_model_latency_seconds"].type == "histogram"


def test_the_figures_are_json(clock: Clock) -> None:
    monitor = Monitor("m", clock=clock)
    calls(monitor, clock, 50)
    figures = json.loads(json.dumps(as_json(monitor)))
    assert (figures["health"], figures["calls"], figures["should_retrain"]["yes"]) == ("healthy", 50, False)


@pytest.fixture
def logged() -> Iterator[list[str]]:
    lines: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler = Handler()
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("aimon_client")
    logger.addHandler(handler)
    yield lines
    logger.removeHandler(handler)


def test_an_alert_is_raised_once_an_hour_and_logged_as_json(clock: Clock, logged: list[str]) -> None:
    heard = []
    monitor = Monitor("m", on_alert=heard.append, clock=clock)
    for _ in range(10):
        clock.now += 60
        calls(monitor, clock, 100, errors=50, every_s=0.01)
    assert [alert.kind for alert in heard] == ["health unhealthy"]
    entry = json.loads(logged[0])
    assert (entry["level"], entry["model"]) == ("warning", "m")
    assert entry["timestamp"].endswith("Z")


def test_a_name_is_hashed_with_the_key_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIMON_HASH_KEY", "k")
    assert keyed_hash("ann") == keyed_hash("ann", b"k") != keyed_hash("ann", b"other")
    monkeypatch.delenv("AIMON_HASH_KEY")
    assert keyed_hash("ann") == keyed_hash("ann") != keyed_hash("ann", b"k")

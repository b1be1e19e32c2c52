import numpy as np
import pytest

from aimon.metrics.estimate import Estimate
from aimon.metrics.operations import operations


@pytest.fixture
def calls(random) -> dict[str, object]:
    return {
        "s": random.beta(2, 2, 4000),
        "latency": random.lognormal(-1, 0.5, 4000),
        "failed": random.random(4000) < 0.03,
        "tokens": random.integers(1, 900, 4000),
        "cost": np.round(random.random(4000) / 100, 6),
    }


ROLES = {"score": "s", "latency": "latency", "error": "failed", "tokens": "tokens", "cost": "cost", "features": ()}


def _found(counted, reference, current, **roles) -> dict[str, Estimate]:
    _, grid, baseline, window = counted(reference, current, **{**ROLES, **roles})
    return {e.metric: e for e in operations(grid, baseline, window)}


def test_every_call_is_counted_with_its_errors_tokens_and_cost(counted, calls) -> None:
    found = _found(counted, calls, calls)
    assert found["volume"].value == 4000
    assert found["error_rate"].value == pytest.approx(np.mean(calls["failed"]))
    assert found["tokens"].value == calls["tokens"].sum()
    assert found["cost_usd"].value == pytest.approx(calls["cost"].sum(), abs=1e-9)


@pytest.mark.parametrize(("metric", "share"), [("latency_p50", 50), ("latency_p95", 95), ("latency_p99", 99)])
def test_latencies_are_percentiles(metric: str, share: float, counted, calls) -> None:
    found = _found(counted, calls, calls)[metric]
    assert found.value == pytest.approx(np.percentile(calls["latency"], share), rel=0.01)
    assert found.low < found.value < found.high


@pytest.mark.parametrize(("task", "doubt"), [("binary", lambda s: np.maximum(s, 1 - s)), ("multiclass", lambda s: s)])
def test_low_confidence_is_below_seven_tenths(task: str, doubt, counted, calls) -> None:
    found = _found(counted, calls, calls, task=task)
    assert found["low_confidence_rate"].value == pytest.approx((doubt(calls["s"]) < 0.7).mean(), abs=0.002)


def test_a_change_is_told_beside_the_value(counted, calls) -> None:
    slower = {**calls, "latency": calls["latency"] * 2}
    change = _found(counted, calls, slower)["latency_p95"].change
    assert change.value == pytest.approx(change.baseline, rel=0.02)
    assert change.low > 0


def test_what_was_not_recorded_is_not_measured(counted) -> None:
    found = _found(counted, {"x": [1.0, 2.0]}, {"x": [1.0]}, **{**dict.fromkeys(ROLES), "features": ("x",)})
    assert set(found) == {"volume"}


def test_an_empty_window_has_a_volume_of_nothing(counted, calls) -> None:
    found = _found(counted, calls, {name: np.asarray(values)[:0] for name, values in calls.items()})
    assert found["volume"].value == 0
    assert found["error_rate"].value is None
    assert found["latency_p95"].note == "no row has a latency"
    assert found["low_confidence_rate"].note == "no row has a score in [0, 1]"

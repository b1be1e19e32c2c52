from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aimon.metrics.drift import drift, drift_score
from aimon.metrics.estimate import Estimate, Obstacle

DESCRIBED = {"psi", "kl", "js", "hellinger", "chi2", "total_variation", "l_infinity", "ks", "wasserstein"}


def _of(estimates: list[Estimate], column: str) -> dict[str, Estimate]:
    return {e.metric: e for e in estimates if e.column == column}


def test_each_column_has_every_measure_and_one_primary_test(counted, random) -> None:
    data = {"x": random.normal(size=500), "c": random.choice(list("abc"), 500)}
    _, grid, baseline, window = counted(data, data, features=("x", "c"))
    found = drift(grid, baseline, window)
    assert set(_of(found, "x")) == DESCRIBED
    assert set(_of(found, "c")) == DESCRIBED - {"ks", "wasserstein"}
    assert [e.column for e in found if e.primary] == ["x", "c", "y"]
    assert all(e.low <= e.value <= e.high for e in found)


def test_without_detail_there_is_psi_alone(counted, random) -> None:
    data = {"x": random.normal(size=500)}
    _, grid, baseline, window = counted(data, data, features=("x",))
    assert {e.metric for e in drift(grid, baseline, window, detailed=False)} == {"psi"}


def test_equal_samples_are_no_drift(counted, random) -> None:
    data = {"x": random.normal(size=800), "c": random.choice(list("abc"), 800), "y": ["0", "1"] * 400}
    _, grid, baseline, window = counted(data, data, features=("x", "c"))
    for estimate in drift(grid, baseline, window):
        assert estimate.value == pytest.approx(0.0, abs=1e-9)
        assert estimate.low == 0.0


def test_psi_is_that_of_the_categories(counted) -> None:
    reference, current = ["a"] * 600 + ["b"] * 400, ["a"] * 250 + ["b"] * 250
    _, grid, baseline, window = counted({"c": reference}, {"c": current}, features=("c",))
    p, q = np.array([600.5, 400.5]) / 1001, np.array([250.5, 250.5]) / 501
    expected = ((q - p) * np.log(q / p)).sum()
    psi = _of(drift(grid, baseline, window), "c")["psi"]
    assert psi.value == pytest.approx(expected, abs=1e-12)
    assert psi.bins == 2
    assert (psi.n_reference, psi.n_current) == (1000, 500)


def test_rows_are_all_rows_of_the_column_also_where_a_few_are_unseen(counted) -> None:
    _, grid, baseline, window = counted({"c": ["a", "b"] * 500}, {"c": ["a", "b"] * 250 + ["new"] * 3}, features=("c",))
    psi = _of(drift(grid, baseline, window), "c")["psi"]
    assert (psi.n_reference, psi.n_current) == (1000, 503)
    assert psi.value == pytest.approx(0.0, abs=1e-9)


def test_the_p_value_of_psi_is_uniform_without_drift(counted, random) -> None:
    p_values = []
    for _ in range(12):
        sides = [{f"x{i}": random.normal(size=400) for i in range(30)} for _ in range(2)]
        _, grid, baseline, window = counted(*sides, features=tuple(sides[0]))
        p_values += [e.p_value for e in drift(grid, baseline, window, detailed=False) if e.column != "y"]
    assert np.mean(np.array(p_values) < 0.05) == pytest.approx(0.05, abs=0.035)
    assert np.mean(p_values) == pytest.approx(0.5, abs=0.08)


def test_a_column_that_vanished_counts_as_missing(counted, random) -> None:
    x = random.normal(size=1000)
    _, grid, baseline, window = counted({"x": x, "z": x}, {"z": x}, features=("x", "z"))
    psi = _of(drift(grid, baseline, window), "x")["psi"]
    assert psi.value > 1.0
    assert psi.note == "the column is missing from the data, so its rows count as null"
    assert _of(drift(grid, baseline, window), "x")["ks"].obstacle is Obstacle.TOO_FEW_ROWS


def test_a_column_of_numbers_that_became_text_has_drifted(counted, random) -> None:
    x = random.normal(size=1000)
    _, grid, baseline, window = counted({"x": x}, {"x": ["high"] * 500 + ["low"] * 500}, features=("x",))
    assert _of(drift(grid, baseline, window), "x")["psi"].low > 1.0


def test_an_empty_window_has_no_values_and_says_so(counted, random) -> None:
    _, grid, baseline, window = counted({"x": random.normal(size=1000)}, {"x": np.zeros(0)}, features=("x",))
    found = drift(grid, baseline, window)
    assert found
    assert all(e.value is None and e.obstacle is Obstacle.TOO_FEW_ROWS for e in found)
    assert {e.note for e in found} <= {"there are no rows to compare", "one side has no numbers to compare"}


@pytest.mark.parametrize("column", [np.full(300, 7.0), np.full(300, np.nan), np.array(["a"] * 300)])
def test_a_column_with_one_value_does_not_drift_while_it_stays(counted, column) -> None:
    _, grid, baseline, window = counted({"x": column}, {"x": column[:100]}, features=("x",))
    for metric, estimate in _of(drift(grid, baseline, window), "x").items():
        assert estimate.value in (None, 0.0), metric


def test_dates_are_described_and_their_hour_is_tested(counted, random) -> None:
    def days(start: datetime, n: int) -> list[datetime]:
        return [start + timedelta(hours=float(h)) for h in random.uniform(0, 240, n)]

    reference, current = days(datetime(2026, 1, 1), 2000), days(datetime(2026, 3, 1), 1000)  # noqa: DTZ001
    _, grid, baseline, window = counted({"at": reference}, {"at": current}, features={"at": "datetime"})
    found = drift(grid, baseline, window)
    epoch, hour, weekday = (_of(found, name)["psi"] for name in ("at", "hour:at", "weekday:at"))
    assert epoch.value > 1.0
    assert (epoch.described, hour.described, weekday.described) == (True, False, True)
    assert (epoch.primary, hour.primary) == (False, True)
    assert "calendar" in epoch.note


def test_texts_are_compared_by_length_and_by_their_characters(counted) -> None:
    reference, current = (
        ["some words here, " * (i % 7 + 1) for i in range(500)],
        ["12345 67890 " * (i % 7 + 1) for i in range(500)],
    )
    _, grid, baseline, window = counted({"t": reference}, {"t": current}, features={"t": "text"})
    found = drift(grid, baseline, window)
    assert _of(found, "t")["psi"].primary
    assert _of(found, "characters:t")["total_variation"].value > 0.7


def test_the_label_is_compared_where_there_are_labels(counted, random) -> None:
    reference = {"x": random.normal(size=1000), "t": random.choice(["0", "1"], 1000, p=[0.9, 0.1])}
    current = {"x": random.normal(size=1000), "t": [None if i % 2 else str(i // 2 % 2) for i in range(1000)]}
    _, grid, baseline, window = counted(reference, current, label="t", features=("x",))
    label = _of(drift(grid, baseline, window), "t")["psi"]
    assert label.labels
    assert label.n_current == 500
    assert label.value > 0.5


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 1000),
    power=st.sampled_from([-30, -3, 1, 7, 40]),
    law=st.sampled_from(["normal", "cauchy", "counts"]),
)
def test_a_power_of_two_changes_no_drift_measure_at_all(counted, seed: int, power: int, law: str) -> None:
    reference, current = _samples(seed, law)
    plain = _measured(counted, reference, current)
    scaled = _measured(counted, reference * 2.0**power, current * 2.0**power)
    assert scaled == plain


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 1000), factor=st.floats(1e-6, 1e6), law=st.sampled_from(["normal", "cauchy", "counts"]))
def test_no_factor_changes_a_drift_measure_by_a_thousandth(counted, seed: int, factor: float, law: str) -> None:
    reference, current = _samples(seed, law)
    plain = _measured(counted, reference, current)
    scaled = _measured(counted, reference * factor, current * factor)
    assert scaled == pytest.approx(plain, abs=1e-3)


def _samples(seed: int, law: str) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    draw = {
        "normal": lambda n: random.normal(3.0, 2.0, n),
        "cauchy": random.standard_cauchy,
        "counts": lambda n: random.poisson(3.0, n).astype(float),
    }[law]
    return draw(1000), draw(700) * 1.1


def _measured(counted, reference: np.ndarray, current: np.ndarray) -> dict[str, float]:
    _, grid, baseline, window = counted({"x": reference}, {"x": current}, features={"x": "numeric"})
    return {metric: e.value for metric, e in _of(drift(grid, baseline, window), "x").items()}


def test_the_drift_score_weighs_columns_and_stops_at_their_limit() -> None:
    psi, critical = np.array([0.125, 9.0, 0.0]), np.array([0.25, 0.25, 0.25])
    assert drift_score(psi, critical, np.ones(3)) == pytest.approx(50.0)
    assert drift_score(psi, critical, np.array([0.0, 1.0, 0.0])) == 100.0
    assert drift_score(psi, critical, np.zeros(3)) is None
    assert drift_score(np.array([]), np.array([]), np.array([])) is None


def test_values_near_the_largest_number_are_compared_without_overflow(counted) -> None:
    huge = [0.0, 1.0, 1e308, -1e308, 5e-324] * 40
    _, grid, baseline, window = counted({"x": huge}, {"x": huge[:100]}, score="x", features=())
    assert all(e.value is None or np.isfinite(e.value) for e in drift(grid, baseline, window))

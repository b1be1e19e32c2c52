from datetime import datetime

import numpy as np
import pytest

from aimon.metrics.estimate import Estimate, Obstacle
from aimon.metrics.proportions import newcombe, wilson
from aimon.metrics.quality import quality


def _of(estimates: list[Estimate], column: str) -> dict[str, Estimate]:
    return {e.metric: e for e in estimates if e.column == column}


def test_missing_values_are_nulls_and_nans_and_their_change_has_newcombes_interval(counted, random) -> None:
    reference, current = random.normal(size=1000), random.normal(size=800)
    reference[:20], current[:120] = np.nan, np.nan
    _, grid, baseline, window = counted({"x": reference}, {"x": current}, features=("x",))
    found = _of(quality(grid, baseline, window), "x")["missing_shift"]
    assert found.value == pytest.approx(120 / 800 - 20 / 1000)
    assert (found.low, found.high) == pytest.approx(tuple(float(v) for v in newcombe(20, 1000, 120, 800)))


def test_values_beyond_the_range_are_a_share_of_all_rows(counted, random) -> None:
    reference, current = random.uniform(size=5000), random.uniform(size=1000)
    current[:100] = 5.0
    _, grid, baseline, window = counted({"x": reference}, {"x": current}, features=("x",))
    found = _of(quality(grid, baseline, window), "x")["out_of_range"]
    assert found.value == pytest.approx(0.1, abs=0.002)
    assert found.change.low == pytest.approx(float(newcombe(0, 5000, 100, 1000)[0]) - 20 / 5000, abs=0.002)


def test_infinite_and_unreadable_values_are_shares_of_their_own(counted, random) -> None:
    reference = [str(v) for v in random.normal(size=1000)]
    current = [*reference[:900], *["n/a"] * 60, *["inf"] * 40]
    _, grid, baseline, window = counted({"x": reference}, {"x": current}, features={"x": "numeric"})
    found = _of(quality(grid, baseline, window), "x")
    assert found["unreadable_share"].value == pytest.approx(0.06)
    assert found["infinite_share"].value == pytest.approx(0.04)


def test_unseen_categories_are_counted_with_wilsons_interval(counted) -> None:
    _, grid, baseline, window = counted({"c": ["a", "b"] * 500}, {"c": ["a"] * 90 + ["new"] * 10}, features=("c",))
    found = _of(quality(grid, baseline, window), "c")["unseen_share"]
    assert found.value == pytest.approx(0.1)
    assert (found.low, found.high) == pytest.approx(tuple(float(v) for v in wilson(10, 100)))
    assert found.change.baseline == 0.0


def test_scores_beyond_zero_and_one_are_out_of_range(counted, random) -> None:
    reference, current = random.beta(2, 2, 1000), random.beta(2, 2, 1000)
    current[:50] = 1.5
    _, grid, baseline, window = counted({"s": reference}, {"s": current}, score="s", features=())
    assert _of(quality(grid, baseline, window), "s")["out_of_range"].value == pytest.approx(0.05)


def test_empty_texts_are_missing_texts(counted) -> None:
    words = [f"a text about number {i} and {i * i}" for i in range(400)]
    _, grid, baseline, window = counted({"t": words}, {"t": ["", *words[1:300]]}, features={"t": "text"})
    assert _of(quality(grid, baseline, window), "t")["empty_shift"].value == pytest.approx(1 / 300)


def test_distinct_values_are_counted_exactly_where_they_are_few(counted) -> None:
    _, grid, baseline, window = counted({"c": list("abcd") * 100}, {"c": list("ab") * 50}, features=("c",))
    found = _of(quality(grid, baseline, window), "c")["distinct_count"]
    assert (found.value, found.low, found.high) == (2, 2, 2)


def test_distinct_values_are_estimated_where_they_are_many(counted, random) -> None:
    reference, current = (random.integers(0, size, 30_000) for size in (1000, 400))
    data = [{"c": [f"k{v}" for v in side]} for side in (reference, current)]
    _, grid, baseline, window = counted(*data, features={"c": "categorical"})
    found = _of(quality(grid, baseline, window), "c")["distinct_count"]
    truth = len(np.unique(current))
    assert found.value == pytest.approx(truth, rel=0.1)
    assert found.low < truth < found.high


def test_an_empty_window_has_no_shares(counted, random) -> None:
    _, grid, baseline, window = counted({"x": random.normal(size=100)}, {"x": np.zeros(0)}, features=("x",))
    found = _of(quality(grid, baseline, window), "x")
    assert all(e.value is None and e.obstacle is Obstacle.TOO_FEW_ROWS for e in found.values())


def test_a_column_that_vanished_is_all_missing(counted, random) -> None:
    x = random.normal(size=100)
    _, grid, baseline, window = counted({"x": x, "z": x}, {"z": x}, features=("x", "z"))
    found = _of(quality(grid, baseline, window), "x")["missing_shift"]
    assert found.value == 1.0
    assert "missing from the data" in found.note


def test_dates_beyond_the_reference_are_described_since_time_goes_on(counted) -> None:
    days = {start: [datetime(2026, start, 1 + i % 28, i % 24) for i in range(600)] for start in (1, 5)}  # noqa: DTZ001
    _, grid, baseline, window = counted({"at": days[1]}, {"at": days[5]}, features={"at": "datetime"})
    found = _of(quality(grid, baseline, window), "at")["out_of_range"]
    assert found.value > 0.9
    assert found.described

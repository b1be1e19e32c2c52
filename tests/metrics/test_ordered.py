import numpy as np
import pytest
from scipy import stats  # noqa: TID253 - the oracle of these tests

from aimon.metrics.drift import drift
from aimon.metrics.estimate import Estimate
from aimon.metrics.ordered import ks_band, ks_p_value, ordered
from aimon.metrics.panel import Panel, Source
from aimon.profile.axis import NumericAxis

LAWS = {
    "normal": (stats.norm(), stats.norm(0.3, 1.1)),
    "tiny scale": (stats.norm(5e-5, 1e-5), stats.norm(8e-5, 1e-5)),
    "far from zero": (stats.norm(1e6, 3), stats.norm(1e6 + 1, 3)),
    "lognormal": (stats.lognorm(1.0), stats.lognorm(1.0, scale=1.3)),
    "uniform": (stats.uniform(), stats.uniform(0.1, 0.9)),
    "few values": (stats.binom(10, 0.4), stats.binom(10, 0.5)),
    "counts": (stats.poisson(40), stats.poisson(44)),
}


@pytest.fixture(params=LAWS)
def compared(request: pytest.FixtureRequest, counted, random) -> tuple[np.ndarray, np.ndarray, dict[str, Estimate]]:
    before, after = LAWS[request.param]
    reference, current = before.rvs(8000, random_state=random), after.rvs(3000, random_state=random)
    _, grid, baseline, window = counted({"x": reference}, {"x": current}, features=("x",))
    estimates = {e.metric: e for e in drift(grid, baseline, window) if e.column == "x"}
    return reference, current, estimates


def test_the_kolmogorov_smirnov_distance_is_that_of_the_raw_values(compared) -> None:
    reference, current, estimates = compared
    oracle = stats.ks_2samp(reference, current)
    ks = estimates["ks"]
    assert ks.value == pytest.approx(oracle.statistic, abs=0.002)
    assert ks.low <= ks.value <= ks.high
    assert ks.p_value == pytest.approx(oracle.pvalue, abs=0.01)


def test_the_wasserstein_distance_is_that_of_the_raw_values_over_their_quartile_range(compared) -> None:
    reference, current, estimates = compared
    range_ = np.subtract(*np.quantile(reference, [0.75, 0.25]))
    oracle = stats.wasserstein_distance(reference, current) / range_
    assert estimates["wasserstein"].value == pytest.approx(oracle, rel=0.01)


def test_a_shift_of_three_deviations_scores_the_same_at_any_scale(counted, random) -> None:
    reference, current = random.normal(0, 1, 5000), random.normal(3, 1, 5000)
    values = []
    for scale in (1.0, 1e-5, 1e9):
        _, grid, baseline, window = counted({"x": reference * scale}, {"x": current * scale}, features=("x",))
        (found,) = (e for e in drift(grid, baseline, window) if e.metric == "wasserstein" and e.column == "x")
        values.append(found.value)
    range_ = np.subtract(*np.quantile(reference, [0.75, 0.25]))
    assert values[0] == pytest.approx(stats.wasserstein_distance(reference, current) / range_, rel=0.01)
    assert values == pytest.approx([values[0]] * 3, rel=1e-3)


def test_the_interval_of_wasserstein_holds_the_truth(random) -> None:
    axis = NumericAxis(center=0.0, scale=1.349)
    reference, held = _cells(axis, random.normal(0, 1, 200_000)), []
    for _ in range(200):
        sides = (reference,), (_cells(axis, random.normal(0.5, 1, 400)),)
        result = ordered(Panel((Source("column:x", "x", axis),), *sides, frozenset()))
        held.append(abs(result.wasserstein[0] - 0.5 / 1.349) <= 1.96 * result.spread[0])
    assert np.mean(held) == pytest.approx(0.95, abs=0.04)


def _cells(axis: NumericAxis, values: np.ndarray) -> np.ndarray:
    return np.bincount(axis.cell(values), minlength=axis.size)


def test_a_score_is_measured_in_its_own_quartile_range(counted, random) -> None:
    reference, current = random.beta(2, 5, 6000), random.beta(3, 5, 4000)
    _, grid, baseline, window = counted({"s": reference}, {"s": current}, score="s", features=())
    found = {e.metric: e for e in drift(grid, baseline, window) if e.column == "s"}
    range_ = np.subtract(*np.quantile(reference, [0.75, 0.25]))
    assert found["wasserstein"].value == pytest.approx(
        stats.wasserstein_distance(reference, current) / range_, rel=0.01
    )
    assert found["ks"].value == pytest.approx(stats.ks_2samp(reference, current).statistic, abs=0.002)


def test_infinite_values_do_not_make_a_distance_infinite(counted, random) -> None:
    current = random.normal(size=1000)
    current[:10], current[10:20] = np.inf, -np.inf
    _, grid, baseline, window = counted({"x": random.normal(size=1000)}, {"x": current}, features=("x",))
    assert all(e.value is not None and np.isfinite(e.value) for e in drift(grid, baseline, window) if e.column == "x")


def test_the_band_and_the_p_value_are_the_textbook_ones() -> None:
    n, m = np.array([400.0]), np.array([600.0])
    assert ks_band(n, m)[0] == pytest.approx(np.sqrt(np.log(40) / 2 * (1 / 400 + 1 / 600)))
    assert ks_p_value(np.array([0.08]), n, m)[0] == pytest.approx(stats.kstwobign.sf(0.08 * np.sqrt(240)))


def test_a_distance_to_values_beyond_the_grid_says_that_it_is_a_lower_bound(counted, random) -> None:
    near, far = {"x": random.normal(size=2000)}, {"x": np.append(random.normal(size=1999), 1e300)}
    for current, said in ((near, False), (far, True)):
        _, grid, baseline, window = counted(near, current, features=("x",))
        (found,) = (
            each for each in drift(grid, baseline, window) if each.metric == "wasserstein" and each.column == "x"
        )
        assert ("at least" in (found.note or "")) is said

import numpy as np
import pytest
from scipy import stats  # noqa: TID253 - the oracle of these tests

from aimon.metrics.noncentral import bounds, cdf, power, quantile, survival


@pytest.mark.parametrize("size", [1, 30, 400, 10_000, 1e6])
def test_probabilities_are_those_of_scipy(size: float, random: np.random.Generator) -> None:
    degrees, noncentrality = random.integers(1, 120, 200), random.gamma(2, size, 200)
    x = stats.ncx2.rvs(degrees, noncentrality, random_state=1)
    assert cdf(x, degrees, noncentrality) == pytest.approx(stats.ncx2.cdf(x, degrees, noncentrality), abs=1e-4)


def test_a_central_law_is_the_case_of_no_noncentrality(random: np.random.Generator) -> None:
    x, degrees = random.gamma(5, 2, 100), random.integers(1, 50, 100)
    assert cdf(x, degrees, 0.0) == pytest.approx(stats.chi2.cdf(x, degrees), abs=1e-12)
    assert survival(x, degrees) == pytest.approx(stats.chi2.sf(x, degrees), abs=1e-12)


def test_without_degrees_of_freedom_nothing_is_surprising() -> None:
    assert survival(3.0, 0) == 1.0


@pytest.mark.parametrize("size", [1, 10, 100, 1_000, 1e6])
def test_bounds_are_the_noncentralities_at_which_the_value_is_just_believable(
    size: float, random: np.random.Generator
) -> None:
    degrees = random.integers(1, 120, 200).astype(float)
    x = random.gamma(2, size, 200) + degrees
    low, high = bounds(x, degrees)
    assert (low <= high).all()
    assert cdf(x, degrees, low)[low > 0] == pytest.approx(0.95, abs=1e-4)
    assert cdf(x, degrees, high)[high > 0] == pytest.approx(0.05, abs=1e-4)
    assert (cdf(x, degrees, 0.0)[low == 0] <= 0.95).all()


def test_quantiles_invert_probabilities() -> None:
    x = quantile(0.95, np.array([5.0, 9.0, 99.0]), np.array([20.0, 80.0, 500.0]))
    assert stats.ncx2.cdf(x, [5, 9, 99], [20, 80, 500]) == pytest.approx(0.95, abs=1e-3)


def test_power_is_how_often_a_shift_is_shown(random: np.random.Generator) -> None:
    spread, limit, truth = 1 / 500 + 1 / 5000, 0.1, 0.2
    drawn = stats.ncx2.rvs(9, truth / spread, size=4000, random_state=random)
    low, _ = bounds(drawn, np.full(len(drawn), 9.0))
    assert power(spread, 9, limit, truth) == pytest.approx((low * spread > limit).mean(), abs=0.02)


def test_power_grows_with_rows() -> None:
    powers = [power(2 / n, 9, 0.1, 0.25) for n in (50, 100, 500, 1000, 10_000)]
    assert powers == sorted(powers)
    assert powers[0] < 0.3
    assert powers[-1] == pytest.approx(1.0)


def test_a_value_that_is_just_believable_without_drift_has_a_lower_bound_of_zero() -> None:
    x = stats.chi2.ppf(np.array([0.9499, 0.95, 0.9501, 0.951, 0.955]), 14)
    low, _ = bounds(x, np.full(5, 14.0))
    assert np.isfinite(low).all()
    assert low[:2] == pytest.approx(0.0, abs=0.01)
    assert (np.diff(low) >= 0).all()

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats  # noqa: TID253 - the oracle of these tests
from scipy.stats.contingency import relative_risk  # noqa: TID253 - the oracle of these tests

from aimon.metrics.interval import share_of
from aimon.metrics.proportions import fisher, katz, mover, newcombe, share, simultaneous_z, wilson

part = st.integers(1, 2_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(part)
def test_wilson_is_that_of_scipy(counts: tuple[int, int]) -> None:
    x, n = counts
    oracle = stats.binomtest(x, n).proportion_ci(method="wilson")
    low, high = wilson(x, n)
    assert (float(low), float(high)) == pytest.approx((oracle.low, oracle.high), abs=1e-12)


@given(part)
def test_one_share_has_the_interval_of_many(counts: tuple[int, int]) -> None:
    x, n = counts
    low, high = wilson(x, n)
    one = share_of(x, n, "none")
    assert (one.value, one.low, one.high) == pytest.approx((x / n, float(low), float(high)), abs=1e-15)


@given(part, part)
def test_newcombe_holds_the_difference_and_turns_over_with_its_sides(a: tuple[int, int], b: tuple[int, int]) -> None:
    low, high = (float(v) for v in newcombe(*a, *b))
    assert -1 <= low <= b[0] / b[1] - a[0] / a[1] <= high <= 1
    back_low, back_high = (float(v) for v in newcombe(*b, *a))
    assert (back_low, back_high) == pytest.approx((-high, -low), abs=1e-12)


def test_newcombe_gives_the_examples_of_the_paper() -> None:
    table = {  # Newcombe (1998), table II, method 10: (a) (b) (c) (e) (g)
        (48, 80, 56, 70): (-0.3339, -0.0524),
        (3, 10, 9, 10): (-0.8090, -0.1705),
        (2, 7, 6, 7): (-0.8062, -0.0582),
        (0, 29, 5, 56): (-0.1926, 0.0381),
        (0, 10, 10, 10): (-1.0, -0.6075),
    }
    for (x, n, y, m), (low, high) in table.items():
        found = newcombe(y, m, x, n)
        assert (float(found[0]), float(found[1])) == pytest.approx((low, high), abs=5e-5)


@given(part.filter(lambda c: c[0] > 0), part.filter(lambda c: c[0] > 0))
def test_katz_is_the_relative_risk_interval_of_scipy(a: tuple[int, int], b: tuple[int, int]) -> None:
    if a[0] == a[1] and b[0] == b[1]:
        return
    oracle = relative_risk(*a, *b).confidence_interval(0.95)
    low, high = katz(*a, *b)
    assert (float(low), float(high)) == pytest.approx((oracle.low, oracle.high), rel=1e-9)


def test_a_ratio_with_an_empty_side_has_an_honest_interval() -> None:
    low, high = katz(0, 50, 20, 50)
    assert low == 0
    assert 0 < high < 0.6
    low, high = katz(20, 50, 0, 50)
    assert low > 1
    assert high == np.inf


def test_the_interval_of_a_difference_is_built_from_its_parts() -> None:
    low, high = mover(0.6, wilson(48, 80), 0.8, wilson(56, 70))
    assert (float(low), float(high)) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_shares_without_trials_are_not_numbers_and_may_be_anything() -> None:
    assert np.isnan(share(0, 0))
    low, high = wilson(0, 0)
    assert (low, high) == (0.0, 1.0)
    assert share_of(0, 0, "no rows").note == "no rows"


def test_many_intervals_at_once_are_wider() -> None:
    assert simultaneous_z(1) == pytest.approx(stats.norm.ppf(0.975))
    assert simultaneous_z(10) == pytest.approx(stats.norm.ppf(0.5 + 0.95**0.1 / 2))


def test_fisher_is_that_of_scipy() -> None:
    assert fisher(1, 10, 8, 12) == pytest.approx(stats.fisher_exact([[1, 9], [8, 4]]).pvalue)

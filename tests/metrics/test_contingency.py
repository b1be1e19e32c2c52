import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import chi2_contingency  # noqa: TID253 - the oracle of these tests

from aimon.metrics.bins import Binned
from aimon.metrics.contingency import contingency, pool_sparse

large = arrays(np.float64, (2, 6), elements=st.integers(20, 5_000).map(float))
any_counts = arrays(np.float64, (2, 8), elements=st.integers(0, 60).map(float))


@given(large, large)
def test_the_test_is_that_of_scipy_where_all_bins_are_full(reference: np.ndarray, current: np.ndarray) -> None:
    binned = Binned(reference * 50, current * 50)
    test = contingency(binned)
    for row in range(len(reference)):
        oracle = chi2_contingency(np.stack([binned.reference[row], binned.current[row]]), correction=False)
        assert test.statistic[row] == pytest.approx(oracle.statistic, rel=1e-9, abs=1e-9)
        assert test.p_value[row] == pytest.approx(oracle.pvalue, abs=1e-9)
        assert test.degrees[row] == oracle.dof


@given(any_counts, any_counts)
def test_the_test_is_that_of_scipy_on_the_pooled_bins(reference: np.ndarray, current: np.ndarray) -> None:
    binned = Binned(reference, current)
    test, (before, after) = contingency(binned), pool_sparse(binned)
    assert before.sum() == reference.sum()
    assert after.sum() == current.sum()
    for row in range(len(reference)):
        used = (before[row] + after[row]) > 0
        if used.sum() < 2 or before[row].sum() == 0 or after[row].sum() == 0:
            assert test.p_value[row] == 1.0
            continue
        oracle = chi2_contingency(np.stack([before[row][used], after[row][used]]), correction=False)
        assert test.statistic[row] == pytest.approx(oracle.statistic, abs=1e-9)
        assert test.p_value[row] == pytest.approx(oracle.pvalue, abs=1e-9)


@given(any_counts, any_counts)
def test_no_bin_is_left_that_expects_fewer_than_five_rows_while_another_could_take_it(
    reference: np.ndarray, current: np.ndarray
) -> None:
    before, after = pool_sparse(Binned(reference, current))
    both = before + after
    share = np.minimum(before.sum(axis=1), after.sum(axis=1)) / np.maximum(both.sum(axis=1), 1)
    expected = both * share[:, None]
    for row in expected:
        sparse = (row > 0) & (row < 5)
        assert sparse.sum() <= 1
        assert not sparse.any() or (row >= 5).sum() == 0


def test_the_effect_is_about_zero_without_drift_and_one_for_disjoint_shares(random: np.random.Generator) -> None:
    shares = np.full(20, 0.05)
    calm = contingency(Binned(random.multinomial(2000, shares, 200) * 1.0, random.multinomial(2000, shares, 200) * 1.0))
    assert np.median(calm.effect) < 0.02
    apart = contingency(Binned(np.array([[500.0, 0.0]]), np.array([[0.0, 500.0]])))
    assert apart.effect[0] == pytest.approx(1.0, abs=0.01)


def test_a_side_without_rows_is_no_test() -> None:
    test = contingency(Binned(np.array([[10.0, 20.0]]), np.zeros((1, 2))))
    assert test.degrees[0] == 0
    assert test.p_value[0] == 1.0
    assert np.isfinite(test.effect[0])


def test_p_values_are_uniform_without_drift(random: np.random.Generator) -> None:
    shares = np.full(5, 0.2)
    drawn = contingency(
        Binned(random.multinomial(300, shares, 4000) * 1.0, random.multinomial(700, shares, 4000) * 1.0)
    )
    assert (drawn.p_value < 0.05).mean() == pytest.approx(0.05, abs=0.012)

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats  # noqa: TID253 - the oracle of these tests

from aimon.metrics.parity import (
    MOST_GROUPS,
    any_gap,
    difference,
    pairwise_z,
    range_survival,
    ratio,
    spread,
    unknown_difference,
    unknown_ratio,
)


@pytest.mark.parametrize("groups", [2, 3, 6, 20])
def test_the_range_of_normal_variables_is_that_of_scipy(groups: int) -> None:
    for width in (0.5, 2.0, 3.5, 6.0):
        oracle = stats.studentized_range.sf(width, groups, np.inf)
        assert range_survival(width, groups) == pytest.approx(oracle, abs=2e-5)


def test_all_pairs_hold_together_at_tukeys_quantile() -> None:
    assert pairwise_z(6) == pytest.approx(stats.studentized_range.ppf(0.95, 6, np.inf) / np.sqrt(2), abs=1e-4)
    assert pairwise_z(2) == pytest.approx(stats.norm.ppf(0.975), abs=1e-4)


def test_six_equal_groups_of_fifty_show_a_gap_and_none_is_concluded(random: np.random.Generator) -> None:
    trials = np.full(6, 50)
    gaps = [difference(random.binomial(50, 0.3, 6), trials) for _ in range(500)]
    assert np.mean([gap.value > 0.1 for gap in gaps]) == pytest.approx(0.87, abs=0.05)
    assert np.mean([gap.p_value <= 0.05 for gap in gaps]) <= 0.07
    assert np.mean([gap.low > 0.0 for gap in gaps]) <= 0.07


def test_the_bounds_hold_the_true_gap(random: np.random.Generator) -> None:
    rates, trials = np.array([0.2, 0.25, 0.4]), np.array([200, 400, 150])
    held = [
        (gap.low <= 0.2 <= gap.high) for gap in (difference(random.binomial(trials, rates), trials) for _ in range(400))
    ]
    assert np.mean(held) >= 0.95


def test_the_bounds_of_the_ratio_hold_the_true_ratio(random: np.random.Generator) -> None:
    rates, trials = np.array([0.2, 0.25, 0.4]), np.array([200, 400, 150])
    held = [(gap.low <= 0.5 <= gap.high) for gap in (ratio(random.binomial(trials, rates), trials) for _ in range(400))]
    assert np.mean(held) >= 0.95


def test_two_small_groups_are_tested_exactly() -> None:
    assert any_gap(np.array([1, 8]), np.array([10, 12])) == pytest.approx(stats.fisher_exact([[1, 9], [8, 4]]).pvalue)


def test_small_groups_are_permuted_and_no_more_often_apart_than_chance(random: np.random.Generator) -> None:
    trials = np.array([12, 9, 15])
    p_values = np.array([any_gap(random.binomial(trials, 0.2), trials) or 1.0 for _ in range(150)])
    assert (p_values <= 0.05).mean() <= 0.09
    assert any_gap(np.array([12, 0, 0]), trials) < 0.001


def test_permutations_give_the_same_answer_every_time() -> None:
    assert any_gap(np.array([2, 3, 5]), np.array([9, 8, 11])) == any_gap(np.array([2, 3, 5]), np.array([9, 8, 11]))


def test_where_nothing_varies_there_is_nothing_to_test() -> None:
    assert any_gap(np.array([0, 0]), np.array([10, 10])) is None
    assert ratio(np.array([0, 0]), np.array([10, 10])) is None


def test_one_group_is_no_pair() -> None:
    assert difference(np.array([3, 0]), np.array([10, 0])) is None
    assert ratio(np.array([3]), np.array([10])) is None
    assert spread(np.array([0.1]), np.array([0.1]), np.array([5])) is None


def test_a_ratio_to_a_group_nobody_of_which_was_selected_is_zero_with_an_upper_bound() -> None:
    gap = ratio(np.array([0, 30]), np.array([60, 60]))
    assert gap.value == 0.0
    assert gap.low == 0.0
    assert 0.0 < gap.high < 0.3


def test_of_very_many_groups_the_largest_are_compared(random: np.random.Generator) -> None:
    trials = random.integers(5, 50, 3 * MOST_GROUPS)
    trials[17] = 1000
    successes = trials // 2
    successes[17] = 0
    gap = difference(successes, trials)
    assert gap.lowest == 17
    assert gap.low > 0.2


few = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=2, max_size=3).filter(
    lambda groups: all(x + y > 0 for x, y in groups)
)


@settings(max_examples=60)
@given(few, st.integers(0, 3), st.integers(0, 3))
def test_the_bounds_for_unknown_groups_hold_for_every_way_to_fill_them_in(
    groups: list[tuple[int, int]], selected: int, rest: int
) -> None:
    x, n = np.array([a for a, _ in groups]), np.array([a + b for a, b in groups])
    value, low, high = unknown_difference(x, n, selected, rest)
    ratios = unknown_ratio(x, n, selected, rest)
    assert low - 1e-12 <= value <= high + 1e-12
    for picks in product(range(len(groups)), repeat=selected + rest):
        xs, ns = x.astype(float), n.astype(float)
        for place, group in enumerate(picks):
            xs[group] += place < selected
            ns[group] += 1
        rates = xs / ns
        assert low - 1e-9 <= rates.max() - rates.min() <= high + 1e-9
        if ratios is not None and rates.max() > 0:
            assert ratios[1] - 1e-9 <= rates.min() / rates.max() <= ratios[2] + 1e-9


def test_means_are_compared_for_all_pairs_at_once() -> None:
    gap = spread(np.array([0.0, 0.02, 0.3]), np.array([0.05, 0.05, 0.05]), np.array([100, 100, 100]))
    assert (gap.lowest, gap.highest) == (0, 2)
    assert gap.low == pytest.approx(0.3 - pairwise_z(3) / 1.96 * 0.05 * np.sqrt(2), abs=1e-3)
    assert gap.p_value < 1e-6

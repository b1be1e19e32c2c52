import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from aimon.metrics.bins import Binned, beyond_chance, expected_unseen, occupied, rebin, strays
from aimon.metrics.distances import psi, shares
from aimon.metrics.panel import Panel, Source
from aimon.profile.axis import CategoryAxis, NumericAxis, ProbabilityAxis


def _panel(axis, reference: np.ndarray, current: np.ndarray) -> Panel:
    return Panel((Source("column:x", "x", axis),), (reference,), (current,), frozenset())


def _numbers(axis: NumericAxis, values: np.ndarray) -> np.ndarray:
    finite = np.isfinite(values)
    counts = np.bincount(axis.cell(values[finite]), minlength=axis.size)
    counts[axis.nan] += np.isnan(values).sum()
    return counts


def _axis(reference: np.ndarray) -> NumericAxis:
    low, high = np.quantile(reference, [0.25, 0.75])
    return NumericAxis(
        center=float(np.median(reference)),
        scale=float(high - low) or 1.0,
        low=float(reference.min()),
        high=float(reference.max()),
    )


def _binned(reference: np.ndarray, current: np.ndarray) -> Binned:
    axis = _axis(reference)
    return rebin(_panel(axis, _numbers(axis, reference), _numbers(axis, current)))


def _psi(binned: Binned) -> float:
    both = shares(binned)
    return float(psi(both.p, both.q)[0])


def test_numbers_are_cut_at_the_deciles_of_the_reference(random) -> None:
    reference, current = random.normal(size=50_000), random.normal(0.3, 1, 20_000)
    binned = _binned(reference, current)
    used = binned.used[0]
    assert used.sum() == 10
    assert binned.reference[0][used] == pytest.approx(5000, rel=0.02)
    deciles = np.quantile(reference, np.arange(1, 10) / 10)
    raw = np.bincount(np.searchsorted(deciles, current), minlength=10)
    assert binned.current[0][used] == pytest.approx(raw, rel=0.02)


def test_every_row_that_the_reference_has_the_range_of_is_in_a_bin(random) -> None:
    reference, current = random.standard_cauchy(3000), random.standard_cauchy(2000) * 3
    current[:100] = np.nan
    beyond = int(((current < reference.min()) | (current > reference.max())).sum())
    binned = _binned(reference, current)
    assert 0 < beyond < 2 * strays(3000, 2000)
    assert binned.reference.sum() == 3000
    assert 2000 - beyond <= binned.current.sum() < 2000  # one that shares a step with the largest counts there


def test_a_value_that_a_tenth_of_the_reference_shares_has_its_own_bin(random) -> None:
    reference = np.where(random.random(10_000) < 0.6, 0.0, random.lognormal(size=10_000))
    binned = _binned(reference, reference)
    assert (reference == 0).sum() in binned.reference[0]
    assert (binned.reference[0][binned.used[0]] >= 300).all()


def test_a_constant_column_is_one_bin_until_another_value_comes() -> None:
    axis = NumericAxis(center=5.0, scale=1.0, low=5.0, high=5.0, atoms=(5.0,))
    same = rebin(_panel(axis, _numbers(axis, np.full(1000, 5.0)), _numbers(axis, np.full(500, 5.0))))
    assert same.used.sum() == 1
    other = rebin(
        _panel(axis, _numbers(axis, np.full(1000, 5.0)), _numbers(axis, np.r_[np.full(400, 5.0), np.full(100, 6.0)]))
    )
    assert other.current[0][other.used[0]].tolist() == [400, 100]


def test_missing_infinite_and_unreadable_values_have_bins_of_their_own() -> None:
    axis = NumericAxis(center=0.0, scale=1.0, low=-1.0, high=1.0)
    reference, current = np.zeros(axis.size, np.int64), np.zeros(axis.size, np.int64)
    reference[axis.steps // 2] = 100
    current[[axis.null, axis.nan, axis.negative_infinity, axis.positive_infinity, axis.unreadable]] = 20
    binned = rebin(_panel(axis, reference, current))
    assert (binned.current[0] == 20).sum() == 5


rows = st.integers(1, 300)
laws = st.sampled_from(["standard_normal", "standard_cauchy", "standard_exponential"])
outliers = st.sampled_from([1e300, -1e300, 1e6])


@settings(max_examples=150, deadline=None)
@given(rows, rows, st.integers(0, 10_000), outliers, laws, st.floats(-1, 1))
def test_one_outlier_changes_no_psi(n: int, m: int, seed: int, outlier: float, law: str, shift: float) -> None:
    """Not by less than 2/min(n, m), but not at all: with few rows or many, with drift or without."""
    random = np.random.default_rng(seed)
    reference, current = getattr(random, law)(n), getattr(random, law)(m) + shift
    first, last = occupied(_axis(reference))
    assume(not first <= _axis(reference).cell(np.array([outlier]))[0] <= last)  # no number of the reference is as far
    inside = np.clip(current, reference.min(), reference.max())
    assert _psi(_binned(reference, np.append(inside, outlier))) == _psi(_binned(reference, inside))


@settings(max_examples=60, deadline=None)
@given(rows, rows, st.integers(0, 10_000), outliers)
def test_a_row_that_becomes_an_outlier_is_a_row_less(n: int, m: int, seed: int, outlier: float) -> None:
    random = np.random.default_rng(seed)
    reference, current = random.normal(size=n), random.normal(size=m + 1)
    inside = np.clip(current, reference.min(), reference.max())
    assert _psi(_binned(reference, np.append(inside[1:], outlier))) == _psi(_binned(reference, inside[1:]))


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([(200, 200), (500, 500), (1000, 1000), (5000, 1000), (1000, 5000), (500, 20_000)]),
    st.integers(0, 10_000),
    outliers,
    laws,
)
def test_one_more_row_far_away_moves_psi_by_less_than_two_rows(
    sizes: tuple[int, int], seed: int, outlier: float, law: str
) -> None:
    """Also where other rows lie beyond the reference already."""
    random = np.random.default_rng(seed)
    reference, current = getattr(random, law)(sizes[0]), getattr(random, law)(sizes[1])
    before = _psi(_binned(reference, current))
    more = np.append(current, outlier)
    assert abs(_psi(_binned(reference, more)) - before) < 2 / min(sizes)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from([(1000, 1000), (5000, 1000), (1000, 5000)]), st.integers(0, 10_000))
def test_a_row_that_becomes_an_outlier_moves_psi_by_less_than_two_rows(sizes: tuple[int, int], seed: int) -> None:
    random = np.random.default_rng(seed)
    reference, current = random.normal(size=sizes[0]), random.normal(size=sizes[1])
    before = _psi(_binned(reference, current))
    current[0] = 1e300
    assert abs(_psi(_binned(reference, current)) - before) < 2 / min(sizes)


def test_values_beyond_the_range_count_apart_once_they_are_more_than_chance(random) -> None:
    reference, current = random.uniform(size=5000), random.uniform(size=1000)
    few, many = current.copy(), current.copy()
    few[:8], many[:100] = 3.0, 3.0
    assert _binned(reference, few).used.sum() == 10
    assert _binned(reference, few).current.sum() == 1000 - strays(5000, 1000)
    assert _binned(reference, many).used.sum() == 11
    assert _psi(_binned(reference, many)) > 0.25


def test_a_reference_without_numbers_is_compared_by_its_missing_values() -> None:
    axis = NumericAxis(center=0.0, scale=1.0)
    nothing, something = np.zeros(axis.size, np.int64), np.zeros(axis.size, np.int64)
    nothing[axis.null] = 500
    something[axis.cell(np.linspace(-3, 3, 100))] += 3
    binned = rebin(_panel(axis, nothing, something))
    assert binned.used.sum() == 2


def test_scores_are_cut_like_other_numbers(random) -> None:
    axis = ProbabilityAxis()
    reference = np.bincount(axis.cell(random.beta(0.2, 20, 20_000)), minlength=axis.size)
    binned = rebin(_panel(axis, reference, reference))
    assert binned.used.sum() == 10
    assert binned.reference[0][binned.used[0]] == pytest.approx(2000, rel=0.05)


def test_categories_are_bins_and_the_missing_are_one_too() -> None:
    axis = CategoryAxis(values=("a", "b"))
    binned = rebin(_panel(axis, np.array([50, 50, 0, 0, 0]), np.array([40, 40, 0, 0, 20])))
    assert binned.reference[0].tolist() == [50, 50, 0, 0, 0]
    assert binned.current[0].tolist() == [40, 40, 0, 0, 20]


def test_unseen_categories_are_a_bin_once_they_are_more_than_chance() -> None:
    axis = CategoryAxis(values=("a", "b"))
    few = rebin(_panel(axis, np.array([2500, 2500, 0, 0, 0]), np.array([500, 490, 0, 5, 0])))
    many = rebin(_panel(axis, np.array([2500, 2500, 0, 0, 0]), np.array([500, 490, 0, 50, 0])))
    assert few.current[0].tolist() == [500, 490, 0, 0, 0]
    assert many.current[0].tolist() == [500, 490, 0, 50, 0]


def test_a_vocabulary_that_the_reference_cannot_know_does_not_drift_by_its_unseen_values(random) -> None:
    weights = 1 / np.arange(1.0, 5001.0)
    reference, current = (random.choice(5000, 4000, p=weights / weights.sum()) for _ in range(2))
    values, counts = np.unique(reference, return_counts=True)
    order = np.argsort(-counts)
    named, tail = values[order[:100]], values[order[100:]]
    axis = CategoryAxis(values=tuple(map(str, named)), tail=tuple(map(str, tail)))

    def count(rows: np.ndarray) -> np.ndarray:
        cells = [(rows == value).sum() for value in named]
        return np.array([*cells, np.isin(rows, tail).sum(), (~np.isin(rows, values)).sum(), 0])

    before, after = count(reference), count(current)
    assert after[axis.unseen] > 400
    assert expected_unseen(axis, before) * 4000 == pytest.approx(after[axis.unseen], rel=0.6)
    assert _psi(rebin(_panel(axis, before, after))) < 0.05


def test_the_share_of_unknown_values_is_expected_from_those_seen_once(random) -> None:
    weights = np.full(60, 1 / 60)
    missed, expected = [], []
    for _ in range(300):
        counts = random.multinomial(100, weights)
        axis = CategoryAxis(values=tuple(str(i) for i in np.flatnonzero(counts)))
        missed.append((counts == 0).sum() / 60)
        expected.append(expected_unseen(axis, np.r_[counts[counts > 0], 0, 0, 0]))
    assert np.mean(expected) == pytest.approx(np.mean(missed), abs=0.01)
    assert expected_unseen(CategoryAxis(values=()), np.zeros(3, np.int64)) == 0.0


def test_more_rows_than_chance_is_a_chance_of_one_in_half_a_billion() -> None:
    for n, m in ((100, 100), (5000, 500), (500, 5000)):
        rows = float(beyond_chance(n, m))
        assert (m / (n + m)) ** rows == pytest.approx(np.exp(-20))


def test_strays_are_more_than_these_in_one_window_of_a_thousand(random) -> None:
    for n, m in ((100, 100), (5000, 500), (500, 5000)):
        low, high = np.exp(-7) * m / (n + m), np.exp(-7)
        assert low <= (m / (n + m)) ** float(strays(n, m)) <= high
    top = np.sort(random.uniform(size=(3000, 200)), axis=1)[:, -1:]
    beyond = (random.uniform(size=(3000, 200)) > top).sum(axis=1)
    assert (beyond > strays(200, 200)).mean() < 0.004


def test_a_reference_that_has_values_beyond_the_grid_has_no_strays_there() -> None:
    """Another baseline than the one that the grid was made from."""
    axis = NumericAxis(center=0.0, scale=1.0, low=-1.0, high=1.0)
    rows = np.append(np.linspace(-1, 1, 500), 9.0)
    binned = rebin(_panel(axis, _numbers(axis, rows), _numbers(axis, rows)))
    assert binned.current.sum() == 501


def test_a_constant_column_does_not_drift_by_one_other_value() -> None:
    axis = NumericAxis(center=5.0, scale=1.0, low=5.0, high=5.0, atoms=(5.0,))
    one = rebin(_panel(axis, _numbers(axis, np.full(100, 5.0)), _numbers(axis, np.append(np.full(50, 5.0), 1e300))))
    assert one.used.sum() == 1

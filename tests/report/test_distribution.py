import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimon.profile.axis import NumericAxis, ProbabilityAxis
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile, TableKey
from aimon.report.distribution import distribution, quantiles, spoken
from aimon.spec.model import Kind, Task

RNG = np.random.default_rng(5)


def test_every_row_is_in_a_bar_or_beyond_or_special(one_column):
    reference = [*RNG.normal(size=2_000).tolist(), *[None] * 100]
    current = [*RNG.normal(loc=1, size=900).tolist(), *[None] * 100]
    drawn = distribution(*one_column(reference, current)[:1], "x", *one_column(reference, current)[1:])
    shape = drawn.shape
    for side, special in ((shape.reference, 100 / 2_100), (shape.current, 0.1)):
        beyond = shape.beyond[0] if side is shape.reference else shape.beyond[1]
        assert side.sum() + beyond + special == pytest.approx(1.0)
        assert beyond < 0.02
    assert [(part.label, part.current) for part in drawn.special] == [("missing", 0.1)]


def test_the_bars_follow_the_density(one_column):
    grid, before, after = one_column(RNG.normal(size=20_000).tolist(), RNG.normal(size=20_000).tolist())
    shape = distribution(grid, "x", before, after).shape
    middle = (shape.edges[:-1] + shape.edges[1:]) / 2
    width = shape.edges[1] - shape.edges[0]
    density = np.exp(-(middle**2) / 2) / np.sqrt(2 * np.pi) * width
    assert np.abs(shape.reference - density).max() < 0.01


def test_whole_numbers_fall_evenly_into_bars(one_column):
    values = list(range(200)) * 20
    grid, before, after = one_column(values, values)
    shape = distribution(grid, "x", before, after).shape
    inner = shape.reference[1:-1]
    assert inner.max() == pytest.approx(inner.min(), rel=0.05)


def test_a_long_tail_is_drawn_on_a_logarithmic_axis(one_column):
    grid, before, after = one_column(RNG.lognormal(3, 1.3, 5_000).tolist(), RNG.lognormal(3, 1.3, 5_000).tolist())
    shape = distribution(grid, "x", before, after).shape
    assert shape.log
    ratios = shape.edges[1:] / shape.edges[:-1]
    assert ratios.max() == pytest.approx(ratios.min())


def test_few_exact_values_are_drawn_one_by_one_with_the_rest_beside(one_column):
    grid, before, after = one_column([1, 2, 2, 3], [1, 2, 2, 7])
    drawn = distribution(grid, "x", before, after)
    assert drawn.shape is None
    assert drawn.parts == (("1", 0.25, 0.25), ("2", 0.5, 0.5), ("3", 0.25, 0.0), ("other values", 0.0, 0.25))


def test_the_categories_with_most_change_are_drawn_and_the_others_add_up(one_column):
    reference = [f"c{i:02}" for i in range(30)] * 10
    current = ["c29"] * 100 + ["new"] * 100 + ["c00"] * 100
    grid, before, after = one_column(reference, current)
    drawn = distribution(grid, "x", before, after)
    assert len(drawn.parts) == 9
    assert {"c29", "c00"} <= {part.label for part in drawn.parts}
    assert drawn.parts[-1].label == "22 others"
    assert sum(part.reference for part in drawn.parts) == pytest.approx(1.0)
    assert drawn.special == (("never seen before", 0.0, pytest.approx(1 / 3)),)


@pytest.mark.parametrize(
    "values", [[5.0] * 50, [1e300, -1e300] * 30, [1e-300] * 9, list(np.linspace(1, 1 + 1e-12, 50))]
)
def test_degenerate_columns_are_drawn_or_left_out_without_a_fuss(one_column, values):
    grid, before, after = one_column(values, values)
    drawn = distribution(grid, "x", before, after)
    assert drawn.shape is None or np.isfinite(drawn.shape.edges).all()


def test_a_column_that_one_side_lacks_is_not_drawn(one_column):
    grid, before, _ = one_column([1.0, 2.0], [1.0])
    assert distribution(grid, "x", before, Profile(grid.id)) is None
    assert distribution(grid, "y", before, before) is None


def test_a_side_of_nothing_but_nulls_still_shows_the_other(one_column):
    grid, before, after = one_column(RNG.normal(size=200).tolist(), [None] * 10)
    drawn = distribution(grid, "x", before, after)
    assert drawn.shape.current.sum() == 0
    assert drawn.special == (("missing", 0.0, 1.0),)


@given(st.lists(st.floats(-1e6, 1e6), min_size=30, max_size=200))
def test_quantiles_are_near_the_raw_ones_and_in_order(values):
    axis = NumericAxis(center=0.0, scale=1000.0, low=min(values), high=max(values))
    counts = np.bincount(axis.cell(np.array(values)), minlength=axis.size)
    at = np.array([0.1, 0.5, 0.9])
    found = quantiles(axis, counts, at)
    assert (np.diff(found) >= 0).all()
    for share, quantile in zip(at, found, strict=True):
        cell = axis.cell(np.array([np.quantile(values, share, method="inverted_cdf")]))[0]
        low, high = axis.edges[cell], axis.edges[cell + 1]
        assert low - 1e-6 <= quantile <= high + 1e-6


def test_scores_never_leave_zero_to_one():
    axis = ProbabilityAxis()
    grid = Grid(task=Task.BINARY, axes={"x": axis}, kinds={"x": Kind.NUMERIC}, prediction="x", score="x")
    counts = np.bincount(axis.cell(RNG.uniform(size=3_000)), minlength=axis.size)
    profile = Profile(grid.id, {TableKey("column:x"): counts})
    shape = distribution(grid, "x", profile, profile).shape
    assert shape.edges[0] == 0
    assert shape.edges[-1] == 1
    assert not shape.log


def test_tables_beside_a_column_are_drawn_like_columns(one_column):
    grid, before, _ = one_column([1.0, 2.0, 3.0], [1.0])
    hours, characters = np.arange(25), np.array([80, 5, 10, 5, 0])
    side = Profile(grid.id, {TableKey("hour:x"): hours, TableKey("characters:x"): characters})
    drawn = distribution(grid, "hour:x", side, side)
    assert drawn.shape.edges.tolist() == list(range(25))
    assert drawn.shape.current.sum() == pytest.approx(1 - 24 / 300)
    parts = distribution(grid, "characters:x", side, side).parts
    assert [part.label for part in parts] == ["letters", "digits", "spaces", "punctuation"]
    assert distribution(grid, "hour:x", before, side) is None
    assert distribution(grid, "height:x", side, side) is None
    assert spoken(grid, "hour:x") == "hour of x"
    assert spoken(grid, "x") == "x"
    assert spoken(grid, "height:x") == "height:x"

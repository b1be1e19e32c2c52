import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimon.profile.axis import (
    LARGEST,
    BandAxis,
    CategoryAxis,
    NumericAxis,
    ProbabilityAxis,
    folding,
    magic_number,
    nearest,
)

finite = st.floats(allow_nan=False, allow_infinity=False)
scales = st.floats(min_value=5e-324, max_value=LARGEST)
centers = st.floats(min_value=-LARGEST, max_value=LARGEST)


@given(values=st.lists(finite, min_size=1), center=centers, scale=scales)
def test_every_finite_number_has_a_step(values: list[float], center: float, scale: float) -> None:
    axis = NumericAxis(center=center, scale=scale)
    with np.errstate(over="raise", invalid="raise"):
        cells = axis.cell(np.array(values))
    assert ((cells >= 0) & (cells < axis.steps)).all()


@given(values=st.lists(finite, min_size=2), center=centers, scale=scales)
def test_a_larger_number_never_lies_in_a_lower_step(values: list[float], center: float, scale: float) -> None:
    cells = NumericAxis(center=center, scale=scale).cell(np.array(sorted(values)))
    assert (np.diff(cells) >= 0).all()


@given(
    values=st.lists(st.floats(-1e9, 1e9), min_size=1),
    center=st.floats(-1e6, 1e6),
    scale=st.floats(1e-3, 1e6),
    power=st.integers(-100, 100),
)
def test_multiplying_everything_by_a_power_of_two_changes_no_step(
    values: list[float], center: float, scale: float, power: int
) -> None:
    factor = 2.0**power
    before = NumericAxis(center=center, scale=scale).cell(np.array(values))
    after = NumericAxis(center=center * factor, scale=scale * factor).cell(np.array(values) * factor)
    tiny = np.abs(np.array(values) * factor) < 1e-290  # below the smallest normal number digits are lost
    assert (before == after)[~tiny].all()


def test_the_center_lies_in_the_middle_of_its_step() -> None:
    axis = NumericAxis(center=7.0, scale=2.0)
    middle = axis.steps // 2
    assert axis.cell(np.array([7.0]))[0] == middle
    assert axis.edges[middle] < 7.0 < axis.edges[middle + 1]
    assert axis.edges[middle + 1] - 7.0 == pytest.approx(7.0 - axis.edges[middle])


@pytest.mark.parametrize("axis", [NumericAxis(center=3.0, scale=0.5), ProbabilityAxis()])
def test_numbers_lie_between_the_edges_of_their_step(axis: NumericAxis | ProbabilityAxis) -> None:
    random = np.random.default_rng(0)
    values = random.random(10_000) ** 5 if isinstance(axis, ProbabilityAxis) else random.standard_cauchy(10_000)
    cells = axis.cell(values)
    slack = 1e-12 * np.maximum(1.0, values**2)
    assert (values >= axis.edges[cells] - slack).all()
    assert (values <= axis.edges[cells + 1] + slack).all()


@pytest.mark.parametrize("axis", [NumericAxis(center=3.0, scale=0.5), ProbabilityAxis()])
def test_coarse_steps_are_whole_fine_steps(axis: NumericAxis | ProbabilityAxis) -> None:
    fold, coarse = folding(axis), axis.coarse()
    assert len(fold) == axis.size
    assert fold[-1] == coarse.size - 1
    starts = np.flatnonzero(np.diff(fold[: axis.steps])) + 1
    assert np.array_equal(coarse.edges[1:-1], axis.edges[starts])


@pytest.mark.parametrize("axis", [NumericAxis(center=3.0, scale=0.5), ProbabilityAxis()])
def test_the_place_of_a_step_lies_in_the_step(axis: NumericAxis | ProbabilityAxis) -> None:
    inner = np.arange(1, axis.steps - 1)
    assert np.array_equal(axis.cell(axis.places[inner]), inner)


def test_the_place_of_a_step_with_an_exact_value_is_that_value() -> None:
    axis = NumericAxis(center=2.0, scale=1.0, atoms=(1.0, 2.0, 10.0))
    assert axis.places[axis.cell(np.array([10.0]))[0]] == 10.0


def test_scores_are_told_apart_near_zero_and_one() -> None:
    axis = ProbabilityAxis()
    tiny = axis.cell(np.array([1e-6, 1.1e-6, 1e-9, 1.5e-9]))
    assert len(set(tiny.tolist())) == 4
    assert np.array_equal(axis.cell(np.array([0.25])), axis.steps - 1 - axis.cell(np.array([0.75])))


def test_rounding_is_to_the_nearest_even_half() -> None:
    assert nearest(np.array([0.5, 1.5, 2.5, -0.5]) / 4, 4).tolist() == [0, 2, 2, 0]
    assert magic_number(1024) == 1.5 * 2**42


def test_every_cell_has_one_label() -> None:
    for axis in (
        NumericAxis(center=0.0, scale=1.0, atoms=(0.0, 5.0)),
        ProbabilityAxis(),
        CategoryAxis(values=("a", "b"), tail=("c",)),
        BandAxis(edges=(18.0, 65.0)),
        BandAxis(edges=()),
    ):
        assert len(axis.labels) == axis.size
    assert "5.0" in NumericAxis(center=0.0, scale=1.0, atoms=(0.0, 5.0)).labels
    assert BandAxis(edges=(18.0, 65.0)).labels == ("below 18", "18 to 65", "65 and more", "(null)")


def test_special_cells_follow_the_steps() -> None:
    axis, score, category = NumericAxis(center=0.0, scale=1.0), ProbabilityAxis(), CategoryAxis(values=("a",))
    specials = [axis.null, axis.nan, axis.negative_infinity, axis.positive_infinity, axis.unreadable]
    assert specials == list(range(axis.steps, axis.size))
    assert [score.null, score.nan, score.outside, score.unreadable] == list(range(score.steps, score.size))
    assert [category.tail_cell, category.unseen, category.null] == [1, 2, 3]


def test_the_occupied_range_is_that_of_the_reference() -> None:
    axis = NumericAxis(center=0.0, scale=1.0, low=-1.0, high=1.0)
    assert axis.occupied == (512, 1536)
    assert NumericAxis(center=0.0, scale=1.0).occupied is None
    assert math.isinf(axis.edges[0])

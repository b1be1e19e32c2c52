import re

import numpy as np
import pytest

from aimon.report.charts import BOTTOM, LEFT, RIGHT, TOP, curve, end_of_scale, histogram, square_ticks
from aimon.report.distribution import Shape
from aimon.report.outcomes import CurvePoint


def shape(edges, reference, current, *, log=False):
    return Shape(np.array(edges, float), np.array(reference), np.array(current), log, (0.0, 0.0))


def numbers(path):
    return [float(number) for number in re.findall(r"-?\d+\.?\d*", path)]


def test_outlines_stay_inside_the_drawing_and_the_tallest_bar_touches_the_top():
    drawn = histogram(shape([0, 1, 2, 3], [0.2, 0.5, 0.3], [0.1, 0.1, 0.8]))
    heights = [float(y) for y in re.findall(r"V(-?[\d.]+)", drawn.current)]
    assert min(heights) == TOP
    assert max(heights) == BOTTOM
    places = [float(x) for x in re.findall(r"H(-?[\d.]+)", drawn.reference)]
    assert places[-1] == RIGHT
    assert drawn.reference.startswith(f"M{LEFT},{BOTTOM:g}")
    assert drawn.reference.endswith("Z")
    assert not drawn.current_line.endswith("Z")


def test_both_sides_share_one_scale():
    drawn = histogram(shape([0, 1, 2], [0.25, 0.75], [0.5, 0.5]))
    middle = [float(y) for y in re.findall(r"V(-?[\d.]+)", drawn.current)][:2]
    assert middle == [pytest.approx(BOTTOM - 2 / 3 * (BOTTOM - TOP), abs=0.1)] * 2


@pytest.mark.parametrize(
    ("edges", "log", "labels"),
    [
        ([0, 50, 100], False, ["0", "20", "40", "60", "80", "100"]),
        ([-1, 0, 1], False, ["\u22121", "\u22120.5", "0", "0.5", "1"]),
        ([1, 100, 10_000], True, ["1", "10", "100", "1,000", "10,000"]),
        ([3, 6, 12], True, ["5", "10"]),
        ([1e-12, 1, 1e12], True, ["1e-12", "1e-07", "0.01", "1,000", "100,000,000"]),
    ],
)
def test_ticks_are_round_numbers_in_range(edges, log, labels):
    ticks = histogram(shape(edges, [0.5, 0.5], [0.5, 0.5], log=log)).ticks
    assert [tick.label for tick in ticks] == labels
    assert all(LEFT <= tick.at <= RIGHT for tick in ticks)


def test_ticks_of_a_date_column_are_days():
    ticks = histogram(shape([0, 86_400 * 50, 86_400 * 100], [1, 0], [0, 1]), dates=True).ticks
    assert ticks[0].label == "1970-01-01"
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", tick.label) for tick in ticks)


def test_no_rows_at_all_are_a_flat_line():
    drawn = histogram(shape([0, 1], [0.0], [0.0]))
    assert set(re.findall(r"V([\d.]+)", drawn.current)) == {f"{BOTTOM:.1f}", f"{BOTTOM:g}"}


def test_a_curve_runs_through_its_points_and_larger_points_have_more_rows():
    drawn = curve([CurvePoint(0.0, 0.0, 100), CurvePoint(1.0, 1.0, 400)])
    assert (drawn.dots[0].x, drawn.dots[0].y) == (34.0, 246.0)
    assert (drawn.dots[1].x, drawn.dots[1].y) == (270.0, 10.0)
    assert drawn.dots[0].radius < drawn.dots[1].radius
    assert numbers(drawn.line) == [34.0, 246.0, 270.0, 10.0]
    assert curve([]).line == ""


def test_small_scores_get_a_scale_of_their_own():
    assert end_of_scale([CurvePoint(0.03, 0.01, 5)], [CurvePoint(0.01, 0.05, 5)]) == 0.1
    assert end_of_scale([CurvePoint(0.9, 0.7, 5)]) == end_of_scale() == 1.0
    assert curve([CurvePoint(0.1, 0.1, 1)], 0.1).dots[0].x == 270.0
    assert [label for _, _, label in square_ticks(0.2)] == ["0", "0.05", "0.1", "0.15", "0.2"]

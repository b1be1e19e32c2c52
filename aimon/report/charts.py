"""Geometry of the page's drawings: paths and positions as numbers. In: shares. Out: what the SVG templates place.

Nothing here holds text from the data; names are placed, and escaped, by the templates.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from aimon.metrics.numerals import day_of, measure
from aimon.report.distribution import Floats, Shape, round_step
from aimon.report.outcomes import CurvePoint

WIDTH, HEIGHT = 400.0, 132.0
LEFT, RIGHT, TOP, BOTTOM = 6.0, 394.0, 8.0, 108.0
SQUARE, FRAME = 280.0, 34.0
SCALE_ENDS = (0.02, 0.04, 0.1, 0.2, 0.4, 1.0)


@dataclass(frozen=True, slots=True)
class Tick:
    """A labelled position on an axis."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Histogram:
    """Two step outlines over one axis."""

    reference: str
    current: str
    current_line: str
    ticks: tuple[Tick, ...]
    log: bool


@dataclass(frozen=True, slots=True)
class Dot:
    """A point of a curve; its size grows with its rows."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True, slots=True)
class Curve:
    """A line through dots."""

    line: str
    dots: tuple[Dot, ...]


def end_of_scale(*sides: Sequence[CurvePoint]) -> float:
    """Where both axes of a calibration drawing end: 1, or less where all scores are small."""
    largest = max((max(point.score, point.observed) for points in sides for point in points), default=1.0)
    return next(end for end in SCALE_ENDS if end >= min(largest, 1.0))


def histogram(shape: Shape, *, dates: bool = False) -> Histogram:
    """The outlines of both sides on one scale."""
    top = max(float(shape.reference.max()), float(shape.current.max()), 1e-12)
    xs = _positions(shape.edges, log=shape.log)
    return Histogram(
        reference=_outline(xs, shape.reference / top, closed=True),
        current=_outline(xs, shape.current / top, closed=True),
        current_line=_outline(xs, shape.current / top, closed=False),
        ticks=_ticks(shape, dates=dates),
        log=shape.log,
    )


def curve(points: Sequence[CurvePoint], end: float = 1.0) -> Curve:
    """A calibration curve in a square whose two axes run from 0 to `end`."""
    most = max((point.rows for point in points), default=1)
    dots = tuple(_dot(point, most, end) for point in points)
    return Curve("M" + " L".join(f"{dot.x:g},{dot.y:g}" for dot in dots) if dots else "", dots)


def _dot(point: CurvePoint, most: int, end: float) -> Dot:
    radius = 2.5 + 2.5 * math.sqrt(point.rows / most)
    return Dot(round(_square_x(point.score / end), 1), round(_square_y(point.observed / end), 1), round(radius, 1))


def square_ticks(end: float = 1.0) -> tuple[tuple[float, float, str], ...]:
    """Quarters of the square's axes: x, y and label."""
    return tuple((_square_x(t), _square_y(t), f"{t * end:g}") for t in (0.0, 0.25, 0.5, 0.75, 1.0))


def _square_x(value: float) -> float:
    return FRAME + min(max(value, 0.0), 1.0) * (SQUARE - FRAME - 10)


def _square_y(value: float) -> float:
    return SQUARE - FRAME - min(max(value, 0.0), 1.0) * (SQUARE - FRAME - 10)


def _positions(edges: Floats, *, log: bool) -> list[float]:
    values = [math.log(edge) for edge in edges.tolist()] if log else edges.tolist()
    span = (values[-1] - values[0]) or 1.0
    return [LEFT + (value - values[0]) / span * (RIGHT - LEFT) for value in values]


def _outline(xs: list[float], heights: Floats, *, closed: bool) -> str:
    start = f"M{xs[0]:.1f},{BOTTOM:g}"
    steps = [
        f"V{BOTTOM - height * (BOTTOM - TOP):.1f} H{right:.1f}"
        for (_, right), height in zip(pairwise(xs), heights.tolist(), strict=True)
    ]
    return " ".join([start, *steps, f"V{BOTTOM:g}", *(["Z"] if closed else [])])


def _ticks(shape: Shape, *, dates: bool) -> tuple[Tick, ...]:
    low, high = float(shape.edges[0]), float(shape.edges[-1])
    values = _log_values(low, high) if shape.log else _round_values(low, high)
    left = math.log(low) if shape.log else low
    span = ((math.log(high) if shape.log else high) - left) or 1.0
    return tuple(
        Tick(
            round(LEFT + ((math.log(value) if shape.log else value) - left) / span * (RIGHT - LEFT), 1),
            day_of(value) if dates else measure(value),
        )
        for value in values
    )


def _round_values(low: float, high: float) -> list[float]:
    step = round_step((high - low) / 5) if high > low else 1.0
    first = math.ceil(low / step - 1e-9)
    values = [number * step for number in range(first, math.floor(high / step + 1e-9) + 1)]
    return [0.0 if abs(value) < step * 1e-9 else value for value in values]


def _log_values(low: float, high: float) -> list[float]:
    decades = range(math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9) + 1)
    every = max(1, math.ceil(len(decades) / 6))
    values = [10.0**power for power in decades][::every]
    if len(values) < 3:
        values = [m * 10.0**power for power in range(decades.start - 1, decades.stop + 1) for m in (1, 2, 5)]
    return [value for value in values if low <= value <= high]

"""What a column's two distributions look like, in few enough parts to draw. In: counts on an axis. Out: shares by part.

For display only: metrics read the counts themselves.
"""

import math
import sys
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from aimon.profile.axis import CategoryAxis, NumericAxis, ProbabilityAxis
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile
from aimon.profile.tables import CHARACTERS, EMPTY, HOURS, WEEKDAYS

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

LARGEST_EDGE = sys.float_info.max / 2
"""Two edges are never further apart than a number can say."""
StepAxis = NumericAxis | ProbabilityAxis

BESIDE = {"hour": HOURS, "weekday": WEEKDAYS, "characters": CHARACTERS, "empty": EMPTY}
BARS = 36
CATEGORIES = 9
ATOMS = 12
TAIL = 0.005
LOG_SPAN = 60.0
LOG_TAIL = 8.0


class Part(NamedTuple):
    """A category, an exact value or a special cell, with its share of the rows on each side."""

    label: str
    reference: float
    current: float


@dataclass(frozen=True, slots=True)
class Shape:
    """A histogram of both sides on the same edges, as shares of all rows; `beyond` is what lies outside of them."""

    edges: Floats
    reference: Floats
    current: Floats
    log: bool
    beyond: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Distribution:
    """One column on both sides: a histogram or parts, and the special cells (missing, unseen, ...) that hold rows."""

    column: str
    shape: Shape | None
    parts: tuple[Part, ...]
    special: tuple[Part, ...]


def distribution(grid: Grid, column: str, baseline: Profile, current: Profile) -> Distribution | None:
    """The column as it is drawn; None where either side never counted it.

    A table beside a column (`hour:created_at`, `characters:question`) is drawn like a column.
    """
    if column not in grid.axes:
        return _beside(column, baseline.get(column), current.get(column))
    before, after = (column_counts(grid, column, profile) for profile in (baseline, current))
    if before is None or after is None:
        return None
    axis = grid.axes[column]
    special = _special(axis, before, after)
    if isinstance(axis, CategoryAxis):
        return Distribution(column, None, _categories(axis, before, after), special)
    if isinstance(axis, NumericAxis) and 0 < len(axis.atoms) <= ATOMS:
        return Distribution(column, None, _atoms(axis, before, after), special)
    return Distribution(column, _shape(axis, before, after), (), special)


def spoken(grid: Grid, column: str) -> str:
    """The column's name; for a table beside a column (`hour:created_at`) what it is of."""
    beside, _, of = column.partition(":")
    return f"{beside} of {of}" if column not in grid.axes and beside in BESIDE else column


def column_counts(grid: Grid, column: str, profile: Profile) -> Counts | None:
    """The column's counts; None where there are none, or where it has no axis of its own. A label's without nulls."""
    if column not in grid.axes:
        return None
    counts = profile.get("label" if column == grid.label else f"column:{column}")
    if counts is not None and column == grid.label:
        counts = counts.copy()
        counts[grid.axes[column].null] = 0
    return counts if counts is not None and counts.sum() > 0 else None


def quantiles(axis: StepAxis, counts: Counts, at: Floats) -> Floats:
    """Quantiles of the finite values, exact for exact values and by straight lines within steps; NaN without rows."""
    steps = counts[: axis.steps]
    total = int(steps.sum())
    if total == 0:
        return np.full(at.shape, np.nan)
    cumulative = np.cumsum(steps) / total
    cell = np.minimum(np.searchsorted(cumulative, at, side="left"), axis.steps - 1)
    below = np.where(cell > 0, cumulative[cell - 1], 0.0)
    within = np.clip((at - below) / (steps[cell] / total), 0.0, 1.0)
    edges = finite_edges(axis)
    low, high = edges[:-1].copy(), edges[1:].copy()
    if isinstance(axis, NumericAxis) and axis.atoms:
        exact = np.array(axis.atoms)
        low[axis.cell(exact)] = high[axis.cell(exact)] = exact
    return np.asarray(low[cell] + within * (high[cell] - low[cell]))


def finite_edges(axis: StepAxis) -> Floats:
    """The steps' edges, the infinite outer two replaced by the reference's extremes or the next edge."""
    edges = axis.edges.copy()
    if isinstance(axis, NumericAxis):
        edges[0] = min(edges[1], edges[1] if axis.low is None else axis.low)
        edges[-1] = max(edges[-2], edges[-2] if axis.high is None else axis.high)
    return edges


def _beside(name: str, before: Counts | None, after: Counts | None) -> Distribution | None:
    """Hours of the day as a histogram, weekdays and classes of characters as parts."""
    axis = BESIDE.get(name.partition(":")[0])
    if axis is None or before is None or after is None or not before.any() or not after.any():
        return None
    p, q = before / before.sum(), after / after.sum()
    if axis is HOURS:
        return Distribution(name, Shape(np.arange(25.0), p[:24], q[:24], False, (0.0, 0.0)), (), ())
    parts = (Part(label, float(a), float(b)) for label, a, b in zip(axis.labels, p, q, strict=True))
    return Distribution(name, None, tuple(part for part in parts if part.reference or part.current), ())


def _special(axis: CategoryAxis | StepAxis, before: Counts, after: Counts) -> tuple[Part, ...]:
    if isinstance(axis, CategoryAxis):
        cells = {"missing": axis.null, "never seen before": axis.unseen}
    elif isinstance(axis, ProbabilityAxis):
        cells = {"missing": axis.null, "NaN": axis.nan, "outside 0 to 1": axis.outside, "unreadable": axis.unreadable}
    else:
        cells = {"missing": axis.null, "NaN": axis.nan, "unreadable": axis.unreadable}
        cells |= {"minus infinity": axis.negative_infinity, "infinity": axis.positive_infinity}
    rows = (before.sum(), after.sum())
    parts = (Part(name, float(before[cell] / rows[0]), float(after[cell] / rows[1])) for name, cell in cells.items())
    return tuple(part for part in parts if part.reference or part.current)


def _categories(axis: CategoryAxis, before: Counts, after: Counts) -> tuple[Part, ...]:
    names = [*axis.values, "(rare values)"]
    return _largest(names, before[: len(names)] / before.sum(), after[: len(names)] / after.sum())


def _atoms(axis: NumericAxis, before: Counts, after: Counts) -> tuple[Part, ...]:
    cells = axis.cell(np.array(axis.atoms))
    names = [f"{atom:g}" for atom in axis.atoms]
    p, q = before[cells] / before.sum(), after[cells] / after.sum()
    rest = Part(
        "other values",
        float(before[: axis.steps].sum() / before.sum() - p.sum()),
        float(after[: axis.steps].sum() / after.sum() - q.sum()),
    )
    parts = tuple(Part(name, float(a), float(b)) for name, a, b in zip(names, p, q, strict=True))
    return parts if max(rest.reference, rest.current) < 1e-12 else (*parts, rest)


def _largest(names: list[str], p: Floats, q: Floats) -> tuple[Part, ...]:
    """The categories with most rows or most change, by share; the others as one part."""
    parts = [Part(name, float(a), float(b)) for name, a, b in zip(names, p, q, strict=True) if a or b]
    weight = sorted(parts, key=lambda part: -max(part.reference, part.current) - 2 * abs(part.current - part.reference))
    shown = weight if len(weight) <= CATEGORIES else weight[: CATEGORIES - 1]
    rest = weight[len(shown) :]
    shown = sorted(shown, key=lambda part: -part.reference)
    if rest:
        others = Part(f"{len(rest):,} others", sum(r.reference for r in rest), sum(r.current for r in rest))
        shown.append(others)
    return tuple(shown)


def _shape(axis: StepAxis, before: Counts, after: Counts) -> Shape | None:
    at = np.array([TAIL, 0.5, 1 - TAIL])
    spans = [quantiles(axis, counts, at) for counts in (before, after) if counts[: axis.steps].any()]
    if not spans:
        return None
    low, high = float(min(span[0] for span in spans)), float(max(span[-1] for span in spans))
    if not math.isfinite(high - low):
        return None
    long_tail = low > 0 and high / low > LOG_SPAN and high / float(spans[0][1]) > LOG_TAIL
    log = isinstance(axis, NumericAxis) and long_tail
    edges = _log_edges(low, high) if log else _round_edges(low, high)
    if isinstance(axis, ProbabilityAxis):
        edges = np.unique(np.clip(edges, 0.0, 1.0))
    p, q = (_rebin(axis, counts, edges) / counts.sum() for counts in (before, after))
    finite = [float(counts[: axis.steps].sum() / counts.sum()) for counts in (before, after)]
    beyond = (max(0.0, finite[0] - float(p.sum())), max(0.0, finite[1] - float(q.sum())))
    return Shape(edges, p, q, log, beyond)


def _rebin(axis: StepAxis, counts: Counts, edges: Floats) -> Floats:
    """The counts between the edges, each step's rows spread evenly over the step."""
    cumulative = np.concatenate([[0], np.cumsum(counts[: axis.steps])]).astype(np.float64)
    return np.diff(np.interp(edges, finite_edges(axis), cumulative))


def _round_edges(low: float, high: float) -> Floats:
    """About 36 equal bars of a round width (1, 2 or 5 times a power of ten).

    From a width of 1 up the edges lie half-way between whole numbers, so that every bar holds as many of them.
    """
    if high - low <= abs(high) * 1e-9:
        width = max(abs(low), 1.0) * 0.1
        return np.asarray(low + width * (np.arange(12) - 5.5))
    width = round_step((high - low) / BARS)
    shift = 0.5 if width >= 1 else 0.0
    first, last = math.floor((low + shift) / width), math.ceil((high + shift) / width)
    with np.errstate(over="ignore"):
        edges = np.arange(first, max(last, first + 1) + 1) * width - shift
    return np.asarray(np.clip(edges, -LARGEST_EDGE, LARGEST_EDGE))


def _log_edges(low: float, high: float) -> Floats:
    return np.asarray(np.geomspace(low, high, BARS + 1))


def round_step(width: float) -> float:
    """The nearest round width that is not smaller.

    >>> [round_step(width) for width in (0.013, 3.0, 70.0)]
    [0.02, 5.0, 100.0]
    """
    power = 10.0 ** math.floor(math.log10(width))
    return next(power * factor for factor in (1.0, 2.0, 5.0, 10.0) if power * factor >= width * (1 - 1e-9))

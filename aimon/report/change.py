"""How a column changed, in words: which way, how far, what came and what went. In: both sides' counts. Out: phrases."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from aimon.metrics.numerals import day_of, measure, percent
from aimon.profile.axis import CategoryAxis, NumericAxis
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile
from aimon.report.distribution import StepAxis, column_counts, quantiles
from aimon.spec.model import Kind

Counts = NDArray[np.int64]

QUARTERS = np.array([0.25, 0.5, 0.75])
NOTEWORTHY_SHIFT = 0.1
NOTEWORTHY_SPREAD = 1.2
NOTEWORTHY_SHARE = 0.01
FEW_VALUES = 3
DAY_SECONDS = 86_400.0


class Quartiles(NamedTuple):
    """The quartiles of both sides."""

    before: tuple[float, float, float]
    after: tuple[float, float, float]
    off_grid: bool = False
    """Whether the current median lies in an outermost step, of which only the inner end is known."""

    @property
    def shift(self) -> float | None:
        """How far the median moved, in reference inter-quartile ranges; None where that range is nothing."""
        width = self.before[2] - self.before[0]
        moved = self.after[1] - self.before[1]
        return None if width <= abs(self.before[1]) * 1e-9 or width == 0 else moved / width

    @property
    def spread(self) -> float:
        """How many times as wide the middle half became."""
        width = self.before[2] - self.before[0]
        return (self.after[2] - self.after[0]) / width if width > 0 else 1.0


@dataclass(frozen=True, slots=True)
class Change:
    """Phrases that follow a column's name, the most telling first."""

    phrases: tuple[str, ...]

    def __str__(self) -> str:
        return "; ".join(self.phrases)


def change(grid: Grid, column: str, baseline: Profile, current: Profile) -> Change:
    """What happened to the column between the reference and now."""
    before, after = (column_counts(grid, column, profile) for profile in (baseline, current))
    if before is None or after is None:
        return Change(())
    axis = grid.axes[column]
    phrases = (
        _categorical(axis, before, after) if isinstance(axis, CategoryAxis) else _numeric(grid, column, before, after)
    )
    return Change((*phrases, *_special(axis, before, after)))


def quartiles(axis: StepAxis, before: Counts, after: Counts) -> Quartiles | None:
    """Both sides' quartiles; None where one side has no finite value."""
    if not before[: axis.steps].any() or not after[: axis.steps].any():
        return None
    first, second = (quantiles(axis, counts, QUARTERS).tolist() for counts in (before, after))
    outermost = isinstance(axis, NumericAxis) and not axis.edges[1] < second[1] < axis.edges[-2]
    return Quartiles((first[0], first[1], first[2]), (second[0], second[1], second[2]), outermost)


def _numeric(grid: Grid, column: str, before: Counts, after: Counts) -> list[str]:
    axis = grid.axes[column]
    if isinstance(axis, CategoryAxis):
        return []
    found = quartiles(axis, before, after)
    if found is None:
        return []
    shift = found.shift
    if shift is None or _is_exact(axis):
        return _exact_values(axis, before, after) if isinstance(axis, NumericAxis) else []
    subject = "its length " if grid.kinds.get(column) is Kind.TEXT else ""
    if abs(shift) >= NOTEWORTHY_SHIFT:
        return [subject + _moved(grid.kinds.get(column), found, shift)]
    if not 1 / NOTEWORTHY_SPREAD < found.spread < NOTEWORTHY_SPREAD:
        way = "spread out" if found.spread > 1 else "drew together"
        return [f"{subject}{way}: the middle half is {measure(found.spread)} times as wide as in the reference"]
    return [f"{subject}changed shape around the same median ({_value(grid.kinds.get(column), found.after[1])})"]


def _moved(kind: Kind | None, found: Quartiles, shift: float) -> str:
    far = ("more than " if shift > 0 else "less than ") if found.off_grid else ""
    medians = f"median {_value(kind, found.before[1])} to {far}{_value(kind, found.after[1])}"
    if kind is Kind.DATETIME:
        days = measure(abs(found.after[1] - found.before[1]) / DAY_SECONDS)
        return f"moved {days} days {'later' if shift > 0 else 'earlier'} ({medians})"
    if math.isinf(shift):
        return f"shifted {'up' if shift > 0 else 'down'} by more reference IQRs than a number can say ({medians})"
    ranges = f"{abs(shift):.1f}" if abs(shift) < 9.95 else measure(abs(shift))
    unit = "reference IQR" if ranges == "1.0" else "reference IQRs"
    least = "more than " if found.off_grid else ""
    return f"shifted {'up' if shift > 0 else 'down'} by {least}{ranges} {unit} ({medians})"


def _value(kind: Kind | None, value: float) -> str:
    return day_of(value) if kind is Kind.DATETIME else measure(value)


def _exact_values(axis: NumericAxis, before: Counts, after: Counts) -> list[str]:
    """For a column that is mostly one value: what became of the value that changed most."""
    if not axis.atoms:
        return []
    cells = axis.cell(np.array(axis.atoms))
    return _largest_move([f"{atom:g}" for atom in axis.atoms], before[cells] / before.sum(), after[cells] / after.sum())


def _categorical(axis: CategoryAxis, before: Counts, after: Counts) -> list[str]:
    known = len(axis.values)
    names = [f"“{value}”" for value in axis.values]
    return _largest_move(names, before[:known] / before.sum(), after[:known] / after.sum())


def _is_exact(axis: StepAxis) -> bool:
    """Whether the column takes so few values that each is better told by its share than by quartiles."""
    return isinstance(axis, NumericAxis) and 0 < len(axis.atoms) <= FEW_VALUES


def _largest_move(names: list[str], p: NDArray[np.float64], q: NDArray[np.float64]) -> list[str]:
    if not names:
        return []
    most = int(np.argmax(np.round(np.abs(q - p), 12)))
    if abs(q[most] - p[most]) < NOTEWORTHY_SHARE:
        return []
    way = "rose" if q[most] > p[most] else "fell"
    return [f"{names[most]} {way} from {percent(float(p[most]))} to {percent(float(q[most]))} of rows"]


def _special(axis: CategoryAxis | StepAxis, before: Counts, after: Counts) -> list[str]:
    cells = [("missing", axis.null)]
    if isinstance(axis, CategoryAxis):
        cells.append(("a category the reference never had", axis.unseen))
    else:
        cells += [("NaN", axis.nan), ("no number", axis.unreadable)]
    phrases = []
    for name, cell in cells:
        p, q = float(before[cell] / before.sum()), float(after[cell] / after.sum())
        if abs(q - p) >= NOTEWORTHY_SHARE:
            phrases.append(f"{percent(q)} {name}, was {percent(p)}" if p else f"{percent(q)} {name}, was none")
    return phrases

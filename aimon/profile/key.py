"""Keys: the small integers of a row that are counted. In: a grid. Out: what a key reads, and how many cells it has.

A part is a key at a resolution (fine, coarse, groups, segments); a joint is several parts counted together.
"""

from dataclasses import dataclass
from enum import StrEnum

from aimon.profile.axis import CategoryAxis, Cells, folding
from aimon.profile.grid import Grid
from aimon.profile.tables import DISTINCT_BUCKETS, DISTINCT_RANKS, HOURS, SUMS, WEEKDAYS


class Source(StrEnum):
    """What a key reads of a row."""

    CELL = "cell"
    HOUR = "hour"
    WEEKDAY = "weekday"
    DISTINCT = "distinct"
    EMPTY = "empty"
    ERROR = "error"
    CORRECT = "correct"
    OF_CLASS = "of class"
    COVERED = "covered"
    RESIDUAL = "residual"


class Resolution(StrEnum):
    """How finely a key's cell is kept."""

    FINE = "fine"
    COARSE = "coarse"
    GROUP = "group"
    SEGMENT = "segment"


SIZES = {
    Source.HOUR: HOURS.size,
    Source.WEEKDAY: WEEKDAYS.size,
    Source.DISTINCT: DISTINCT_BUCKETS * DISTINCT_RANKS + 1,
    Source.EMPTY: 3,
    Source.ERROR: 2,
    Source.CORRECT: 3,
    Source.OF_CLASS: 3,
    Source.COVERED: 4,
}


@dataclass(frozen=True, slots=True)
class Key:
    """A small integer of each row, read from one column.

    CORRECT and RESIDUAL read the prediction and the label, OF_CLASS the label's class against the one that the column
    scores, COVERED the label and both ends of its interval.
    """

    source: Source
    column: str

    def size(self, grid: Grid) -> int:
        """How many cells the key has; the last of EMPTY, CORRECT, OF_CLASS, COVERED and DISTINCT is `none`."""
        if self.source is Source.CELL:
            return grid.axes[self.column].size
        if self.source is Source.RESIDUAL:
            return grid.residual.size if grid.residual is not None else 0
        return SIZES[self.source]


@dataclass(frozen=True, slots=True)
class Part:
    """A key at a resolution: one axis of a joint histogram."""

    key: Key
    resolution: Resolution = Resolution.FINE

    def fold(self, grid: Grid) -> Cells | None:
        """The part's cell for each cell of the key; None where they are the same."""
        if self.resolution is Resolution.SEGMENT:
            return grid.segment_cells(self.key.column)
        axis = grid.residual if self.key.source is Source.RESIDUAL else grid.axes.get(self.key.column)
        if self.resolution is Resolution.FINE or axis is None or isinstance(axis, CategoryAxis):
            return None
        if self.key.source not in (Source.CELL, Source.RESIDUAL):
            return None
        return grid.group_cells(self.key.column) if self.resolution is Resolution.GROUP else folding(axis)

    def size(self, grid: Grid) -> int:
        """How many cells the part has."""
        if self.resolution is Resolution.SEGMENT:
            return grid.segment_axis(self.key.column).size
        if self.resolution is Resolution.GROUP:
            return grid.group_axis(self.key.column).size
        fold = self.fold(grid)
        return self.key.size(grid) if fold is None else int(fold[-1]) + 1


Joint = tuple[Part, ...]


class Measure(StrEnum):
    """What is summed instead of counted."""

    CHARACTERS = "characters"
    TOKENS = "tokens"
    COST = "cost"
    RESIDUAL = "residual"
    RELATIVE = "relative"
    LABEL = "label"

    @property
    def width(self) -> int:
        """How many integers the measure adds up."""
        return {Measure.CHARACTERS: 5, Measure.TOKENS: 2, Measure.COST: 2}.get(self, SUMS.size)


@dataclass(frozen=True, slots=True)
class Sum:
    """Integers of one measure of a column, added up by the cells of a joint."""

    measure: Measure
    column: str
    by: Joint = ()


def cell(column: str, resolution: Resolution = Resolution.FINE) -> Part:
    """The column's own cell."""
    return Part(Key(Source.CELL, column), resolution)

"""The panel: several columns' counts of the reference and of the window, side by side. In: two profiles on one grid.

A column without a table in the window counts as all null there, so that a vanished column is a drift like any other.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from aimon.profile.axis import Axis, FixedAxis, Floats, NumericAxis, ProbabilityAxis, TableAxis
from aimon.profile.grid import Grid
from aimon.profile.profile import Counts, Profile

LABEL = "label"


class Source(NamedTuple):
    """A table to compare, and the column it speaks about: `column:income`, `hour:signed_at`, `label`."""

    table: str
    column: str
    axis: TableAxis


@dataclass(frozen=True, slots=True)
class Panel:
    """Counts by column; `absent` columns are in the reference and not in the window."""

    sources: tuple[Source, ...]
    reference: tuple[Counts, ...]
    current: tuple[Counts, ...]
    absent: frozenset[str]

    def of(self, chosen: Sequence[int]) -> "Panel":
        """The panel of some of its columns."""
        return Panel(
            tuple(self.sources[i] for i in chosen),
            tuple(self.reference[i] for i in chosen),
            tuple(self.current[i] for i in chosen),
            self.absent,
        )

    def where(self, *kinds: type) -> list[int]:
        """The places of the columns whose axis is of one of these kinds."""
        return [i for i, source in enumerate(self.sources) if isinstance(source.axis, kinds)]

    def stacked(self, width: int) -> tuple[Floats, Floats]:
        """Reference and current as one row a column, filled up with zeros."""
        pair = []
        for side in (self.reference, self.current):
            rows = np.zeros((len(side), width))
            for row, counts in zip(rows, side, strict=True):
                row[: len(counts)] = counts
            pair.append(rows)
        return pair[0], pair[1]


def axis_of(grid: Grid, column: str, segment: str | None) -> Axis:
    """The axis a column is counted on: coarse inside a segment."""
    return grid.axes[column] if segment is None else grid.coarse(column)


def column_sources(grid: Grid, segment: str | None = None) -> list[Source]:
    """Every column of the grid that is counted by itself."""
    return [Source(f"column:{column}", column, axis_of(grid, column, segment)) for column in grid.columns]


def label_source(grid: Grid, segment: str | None = None) -> Iterator[Source]:
    """The label, where the model has one."""
    if grid.label is not None:
        yield Source(LABEL, grid.label, axis_of(grid, grid.label, segment))


def panel(sources: Iterable[Source], baseline: Profile, current: Profile, segment: str | None = None) -> Panel:
    """The sources that the baseline counted, with what the window counted of them."""
    rows = row_count(current, segment)
    kept: list[Source] = []
    reference: list[Counts] = []
    window: list[Counts] = []
    absent = set()
    for source in sources:
        before = baseline.get(source.table, segment)
        if before is None:
            continue
        after = current.get(source.table, segment)
        if after is None:
            after = all_null(source.axis, rows)
            if rows:
                absent.add(source.column)
        if source.table == LABEL:  # rows without a label are not part of its distribution
            before, after = (without_missing(source.axis, counts) for counts in (before, after))
        kept.append(source)
        reference.append(before)
        window.append(after)
    return Panel(tuple(kept), tuple(reference), tuple(window), frozenset(absent))


def row_count(profile: Profile, segment: str | None = None) -> int:
    """The rows of the profile, or of one of its segments."""
    counts = profile.get("rows", segment)
    return 0 if counts is None else int(counts.sum())


def all_null(axis: TableAxis, rows: int) -> Counts:
    """The counts of a column whose every value is null."""
    counts = np.zeros(axis.size, np.int64)
    counts[null_cell(axis)] = rows
    return counts


def null_cell(axis: TableAxis) -> int:
    """The cell of null; the last one of a fixed axis."""
    return axis.size - 1 if isinstance(axis, FixedAxis) else axis.null


def missing_cells(axis: TableAxis) -> list[int]:
    """The cells that hold no value: null, and NaN of numbers."""
    return [axis.null, axis.nan] if isinstance(axis, (NumericAxis, ProbabilityAxis)) else [null_cell(axis)]


def without_missing(axis: TableAxis, counts: Counts) -> Counts:
    """The counts of the rows that hold a value."""
    kept = counts.copy()
    kept[missing_cells(axis)] = 0
    return kept

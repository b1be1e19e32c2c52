"""A profile: dense integer counts by table and segment, on one grid. Adding is exact, associative and commutative."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from aimon.errors import GridMismatchError

Counts = NDArray[np.int64]


class TableKey(NamedTuple):
    """A table (`column:income`, `group:sex`, `score_label`) and a segment (`channel=web`; None for all rows)."""

    table: str
    segment: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """Counts of some rows. A table is an integer array whose axes are the grid's axes of that table."""

    grid_id: str
    tables: Mapping[TableKey, Counts] = field(default_factory=dict)

    def __add__(self, other: Self) -> Self:
        if self.grid_id != other.grid_id:
            raise GridMismatchError(f"profiles of grid {self.grid_id} and grid {other.grid_id} do not add up")
        merged = dict(self.tables)
        for key, counts in other.tables.items():
            present = merged.get(key)
            merged[key] = counts if present is None else present + counts
        return type(self)(self.grid_id, merged)

    def get(self, table: str, segment: str | None = None) -> Counts | None:
        """The table's counts, or None where no row fell into it."""
        return self.tables.get(TableKey(table, segment))

    @property
    def rows(self) -> int:
        """How many rows were counted."""
        counts = self.get("rows")
        return 0 if counts is None else int(counts[0])

    @property
    def segments(self) -> Iterator[str]:
        """Each segment that has at least one table, once, in order."""
        yield from sorted({key.segment for key in self.tables if key.segment is not None})


def total(profiles: Iterable[Profile], grid_id: str) -> Profile:
    """The sum of the profiles; empty on the grid when there are none."""
    result = Profile(grid_id)
    for profile in profiles:
        result += profile
    return result

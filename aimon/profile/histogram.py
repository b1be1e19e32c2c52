"""Counting small integers. In: the cell of each row. Out: counts, added to those there are.

Where cells are few, rows in a row tend to fall into the same one, and each must wait for the last: so a few rows at a
time are counted as one combined cell, and the combinations are taken apart at the end.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aimon.profile.axis import Cells
from aimon.profile.profile import Counts

CHUNK = 32_768
MOST_COMBINATIONS = 4_096
MOST_TOGETHER = 4
LEAST_ROWS = 2 * MOST_COMBINATIONS


def chunks(rows: int) -> Iterator[slice]:
    """Slices of at most CHUNK rows."""
    for start in range(0, rows, CHUNK):
        yield slice(start, min(start + CHUNK, rows))


class Histogram:
    """Counts at most CHUNK rows at a time, in memory of its own: one a thread."""

    def __init__(self) -> None:
        self._index = np.empty(CHUNK, np.int64)

    def add(self, cells: NDArray[Any], counts: Counts) -> None:
        """Count the cells, whole numbers of any type from 0 to `len(counts) - 1`."""
        size = len(counts)
        together = rows_together(size) if len(cells) >= LEAST_ROWS else 1
        if together > 1:
            part = len(cells) // together
            self._add_combined([cells[place * part : (place + 1) * part] for place in range(together)], counts)
            cells = cells[together * part :]
        counts += np.bincount(self._as_index(cells), minlength=size)

    def _add_combined(self, parts: list[NDArray[Any]], counts: Counts) -> None:
        first, *others = parts
        size = len(counts)
        index = self._as_index(first, copy=True)
        for part in others:
            np.multiply(index, size, out=index)
            np.add(index, part, out=index)
        found = np.bincount(index, minlength=size ** len(parts)).reshape((size,) * len(parts))
        for axis in range(len(parts)):
            counts += found.sum(axis=tuple(other for other in range(len(parts)) if other != axis))

    def _as_index(self, cells: NDArray[Any], *, copy: bool = False) -> Cells:
        if cells.dtype == np.int64 and not copy:
            return cells
        index = self._index[: len(cells)]
        np.copyto(index, cells, casting="unsafe")
        return index


def rows_together(size: int) -> int:
    """How many rows are counted as one.

    >>> [rows_together(size) for size in (2, 8, 9, 16, 17, 64, 65, 2054)]
    [4, 4, 3, 3, 2, 2, 1, 1]
    """
    return max((rows for rows in range(2, MOST_TOGETHER + 1) if size**rows <= MOST_COMBINATIONS), default=1)

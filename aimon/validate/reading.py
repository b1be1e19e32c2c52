"""How each value of a column reads against the reference. In: an Arrow column of a grid. Out: a reading for each row.

A reading is fine, missing, unreadable, outside the range, or an unseen category. Values are read as the counting of
profiles reads them, so both speak about the same rows.
"""

from enum import IntEnum
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from aimon.profile.axis import Axis, CategoryAxis, ProbabilityAxis
from aimon.profile.blocks import category_cells
from aimon.profile.encode import encode
from aimon.profile.grid import Grid
from aimon.profile.numbers import Numbers, read_numbers
from aimon.spec.model import Kind

Readings = NDArray[np.int8]
NO_TEXT = -1
"""The length of what is no text, where text is represented by its length."""


class Reading(IntEnum):
    """What a value is, seen from the reference."""

    FINE = 0
    MISSING = 1
    UNREADABLE = 2
    OUTSIDE = 3
    UNSEEN = 4


class ColumnReader:
    """Reads one column of a grid."""

    def __init__(self, kind: Kind, axis: Axis | None) -> None:
        self._kind = kind
        self._axis = axis

    def read(self, array: pa.Array) -> Readings:
        """The reading of each row."""
        if isinstance(self._axis, CategoryAxis):
            return self._categories(array)
        if self._kind is Kind.TEXT:
            return self._lengths(array)
        return self._numbers(read_numbers(array, self._kind))

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(category_cells(self._axis)) if isinstance(self._axis, CategoryAxis) else frozenset()

    def _categories(self, array: pa.Array) -> Readings:
        encoded = encode(array)
        of_code = [
            Reading.MISSING if text is None else Reading.FINE if text in self._known else Reading.UNSEEN
            for text in encoded.texts
        ]
        return np.asarray(np.array(of_code, np.int8).take(encoded.codes))

    def _lengths(self, array: pa.Array) -> Readings:
        lengths = read_numbers(array, Kind.NUMERIC)
        found = np.where(lengths.values == NO_TEXT, Reading.UNREADABLE, Reading.FINE).astype(np.int8)
        _mark_missing(found, lengths)
        return found

    def _numbers(self, numbers: Numbers) -> Readings:
        values = numbers.values
        found = np.zeros(len(values), np.int8)
        low, high = self.bounds
        if low is not None and high is not None:
            found[(values < low) | (values > high)] = Reading.OUTSIDE
        if values.dtype.kind == "f":
            found[np.isnan(values)] = Reading.MISSING
        _mark_missing(found, numbers)
        return found

    @property
    def bounds(self) -> tuple[float | None, float | None]:
        """The reference's smallest and largest number; of times there are none, for they go on."""
        if self._kind is Kind.DATETIME or self._axis is None or isinstance(self._axis, CategoryAxis):
            return None, None
        return (0.0, 1.0) if isinstance(self._axis, ProbabilityAxis) else (self._axis.low, self._axis.high)


class GridReader:
    """Readers of every column that a grid knows."""

    def __init__(self, grid: Grid) -> None:
        self.id = grid.id
        self._readers = {column: ColumnReader(kind, grid.axes.get(column)) for column, kind in grid.kinds.items()}

    def column(self, name: str) -> ColumnReader:
        """The reader of one column."""
        return self._readers[name]


def _mark_missing(found: Readings, numbers: Numbers) -> None:
    if numbers.unreadable is not None:
        found[numbers.unreadable] = Reading.UNREADABLE
    if numbers.null is not None:
        found[numbers.null] = Reading.MISSING

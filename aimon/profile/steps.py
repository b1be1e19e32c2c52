"""Numbers to cells in chunks that stay in the processor's cache. In: numbers of a column and its axis. Out: cells.

This is the hot loop of the streaming kernel: a handful of array operations a chunk, nothing allocated.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from aimon.profile.axis import Cells, Floats, NumericAxis, ProbabilityAxis, magic_number
from aimon.profile.histogram import CHUNK
from aimon.profile.numbers import Mask, Numbers, whole_numbers_above


class Scratch:
    """Work space of one thread."""

    def __init__(self) -> None:
        self.first = np.empty(CHUNK)
        self.second = np.empty(CHUNK)
        self.cells = self.first.view(np.int64)
        self.index = np.empty(CHUNK, np.int64)


def cells_of(axis: NumericAxis | ProbabilityAxis, numbers: Numbers, rows: slice, scratch: Scratch) -> Cells:
    """The cells of at most CHUNK rows, in the scratch's memory."""
    values, cells = numbers.values[rows], scratch.cells[: rows.stop - rows.start]
    if isinstance(axis, NumericAxis):
        clean = _numeric(axis, values, cells, scratch)
    else:
        clean = _probability(axis, values, cells, scratch)
    if not clean:
        _mark_specials(axis, values, cells)
    if numbers.null is not None:
        np.copyto(cells, axis.null, where=numbers.null[rows])
    if numbers.unreadable is not None:
        np.copyto(cells, axis.unreadable, where=numbers.unreadable[rows])
    return cells


def _numeric(axis: NumericAxis, values: NDArray[Any], cells: Cells, scratch: Scratch) -> bool:
    """Fill in steps; False if there were values that are not finite."""
    d, b = scratch.first[: len(values)], scratch.second[: len(values)]
    np.subtract(values, axis.center, out=d, dtype=np.float64)
    np.abs(d, out=b)
    np.add(b, axis.scale, out=b)
    np.divide(d, b, out=d)
    half = axis.steps // 2
    return _round(d, half, half, cells)


def _probability(axis: ProbabilityAxis, values: NDArray[Any], cells: Cells, scratch: Scratch) -> bool:
    """Fill in steps; False if there were values outside [0, 1]."""
    a, b = scratch.first[: len(values)], scratch.second[: len(values)]
    np.subtract(1.0, values, out=b, dtype=np.float64)
    np.sqrt(b, out=b)
    np.sqrt(b, out=b)
    np.sqrt(values, out=a, dtype=np.float64)
    np.sqrt(a, out=a)
    np.add(a, b, out=b)
    np.divide(a, b, out=a)
    return _round(a, axis.steps - 1, 0, cells)


def _round(t: Floats, parts: int, middle: int, cells: Cells) -> bool:
    """Fill in `nearest(t, parts) + middle`, read off the last bits of t beside the magic number."""
    magic = magic_number(parts)
    np.add(t, magic, out=t)
    clean = not np.isnan(np.add.reduce(t))
    if not clean:
        np.copyto(t, magic, where=np.isnan(t))
    np.subtract(t.view(np.int64), int(np.float64(magic).view(np.int64)) - middle, out=cells)
    return clean


def _mark_specials(axis: NumericAxis | ProbabilityAxis, values: NDArray[Any], cells: Cells) -> None:
    cells[np.isnan(values)] = axis.nan
    if isinstance(axis, NumericAxis):
        cells[np.isposinf(values)] = axis.positive_infinity
        cells[np.isneginf(values)] = axis.negative_infinity
    else:
        cells[(values < 0) | (values > 1)] = axis.outside


def small_range(values: NDArray[Any]) -> tuple[int, int] | None:
    """The bounds of whole numbers that lie close together: counting them by value is cheaper than by formula."""
    if values.dtype.kind not in "iu" or len(values) == 0:
        return None
    low, high = int(values.min()), int(values.max())
    return (low, high) if high - low < min(len(values) // 8, CHUNK) else None


def codes_of_range(numbers: Numbers, rows: slice, bounds: tuple[int, int], scratch: Scratch) -> Cells:
    """How far each whole number lies above the lower bound; after the upper one come null and unreadable."""
    low, high = bounds
    codes = scratch.cells[: rows.stop - rows.start]
    whole_numbers_above(low, numbers.values[rows], codes)
    if numbers.null is not None:
        np.copyto(codes, high - low + 1, where=numbers.null[rows])
    if numbers.unreadable is not None:
        np.copyto(codes, high - low + 2, where=numbers.unreadable[rows])
    return codes


def cells_of_range(axis: NumericAxis | ProbabilityAxis, low: int, high: int) -> Cells:
    """The cell of each whole number from `low` to `high`."""
    values = np.arange(low, high + 1, dtype=np.float64)
    inside: Mask = np.ones(len(values), np.bool_)
    if isinstance(axis, ProbabilityAxis):
        inside = (values >= 0) & (values <= 1)
    cells = np.full(len(values), axis.null + 2)
    cells[inside] = axis.cell(values[inside])
    return cells

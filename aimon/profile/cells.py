"""Keys of some rows of a block. In: a view and a slice of its rows. Out: the cells of each key, made once a slice."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aimon.profile.axis import CategoryAxis, Cells
from aimon.profile.blocks import View
from aimon.profile.key import Key, Source
from aimon.profile.numbers import Numbers, is_text, null_mask, raw_values
from aimon.profile.steps import Scratch, cells_of

OF_SEVERAL = (Source.CORRECT, Source.OF_CLASS, Source.COVERED, Source.RESIDUAL)


class SliceCells:
    """The cells of at most CHUNK rows."""

    def __init__(self, view: View, rows: slice, scratch: Scratch) -> None:
        self._view = view
        self._rows = rows
        self._scratch = scratch
        self._cells: dict[Key, Cells] = {}

    def of(self, key: Key) -> Cells:
        """The key's cell of each row."""
        if key not in self._cells:
            self._cells[key] = self._make(key)
        return self._cells[key]

    def _make(self, key: Key) -> Cells:
        by_code = self._view.by_code(key)
        if by_code is not None:
            cells: Cells = by_code.take(self._view.encoded(key.column).codes[self._rows])
            return cells
        return self._of_several(key) if key.source in OF_SEVERAL else self._of_one(key)

    def _of_several(self, key: Key) -> Cells:
        """Keys that compare columns of the row."""
        match key.source:
            case Source.CORRECT:
                return self._correct()
            case Source.OF_CLASS:
                return self._of_class(key.column)
            case Source.COVERED:
                return self._covered()
        return self._residual()

    def _of_one(self, key: Key) -> Cells:
        match key.source:
            case Source.EMPTY:
                return self._empty(key.column)
            case Source.HOUR | Source.WEEKDAY:
                return self._turns(key)
        axis = self._view.grid.axes[key.column]
        assert not isinstance(axis, CategoryAxis)  # noqa: S101 - those have cells by code
        return cells_of(axis, self._view.numbers(key.column), self._rows, self._scratch).copy()

    def _correct(self) -> Cells:
        """0 wrong, 1 correct, 2 where either is missing or both are values without a cell of their own."""
        grid = self._view.grid
        axis, truth = grid.axes[grid.prediction], grid.axes[grid.label or ""]
        assert isinstance(axis, CategoryAxis)  # noqa: S101 - classes only
        assert isinstance(truth, CategoryAxis)  # noqa: S101 - classes only
        left, right = self.of(Key(Source.CELL, grid.prediction)), self.of(Key(Source.CELL, grid.label or ""))
        same = left == right
        correct: Cells = same.astype(np.int64)
        correct[(same & (left >= axis.tail_cell)) | (left == axis.null) | (right == truth.null)] = 2
        return correct

    def _of_class(self, column: str) -> Cells:
        """0 for labels of other classes, 1 for those of the class that the column scores, 2 for none."""
        grid = self._view.grid
        label = grid.label or ""
        axis, actual = grid.axes[label], self.of(Key(Source.CELL, label))
        assert isinstance(axis, CategoryAxis)  # noqa: S101 - classes only
        found: Cells = (actual == grid.class_cell(column)).astype(np.int64)
        found[actual == axis.null] = 2
        return found

    def _covered(self) -> Cells:
        """0 for labels below their interval, 1 inside, 2 above, 3 where one of the three is no number."""
        grid = self._view.grid
        lower, upper, actual = (
            self._view.numbers(name or "").part(self._rows) for name in (grid.lower, grid.upper, grid.label)
        )
        low, high, value = (numbers.values.astype(np.float64) for numbers in (lower, upper, actual))
        covered = np.ones(len(value), np.int64)
        covered[value > high] = 2
        covered[value < low] = 0
        covered[~(lower.known() & upper.known() & actual.finite())] = 3
        return covered

    def _residual(self) -> Cells:
        axis = self._view.grid.residual
        assert axis is not None  # noqa: S101 - the key exists only where the axis does
        difference, finite = self._view.residuals()
        return cells_of(axis, Numbers(difference, ~finite), self._rows, self._scratch).copy()

    def _empty(self, column: str) -> Cells:
        """0 for text with something in it, 1 for none or only spaces, 2 for null and for what is no text."""
        array = self._view.block.column(column)[self._rows]
        array = array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
        if not is_text(array.type):
            return np.full(len(array), 2)
        trimmed = pc.utf8_length(pc.utf8_trim(array.cast(pa.string()), characters=" "))
        cells: Cells = (raw_values(trimmed.fill_null(1)) == 0).astype(np.int64)
        null = null_mask(array)
        if null is not None:
            cells[null] = 2
        return cells

    def _turns(self, key: Key) -> Cells:
        """The hour of the UTC day, or the weekday from Monday; the last cell is none."""
        numbers = self._view.numbers(key.column).part(self._rows)
        seconds, period = (3_600, 24) if key.source is Source.HOUR else (86_400, 7)
        shift = 0 if key.source is Source.HOUR else 3  # 1970-01-01 was a Thursday
        finite = numbers.finite()
        turns = np.floor(np.where(finite, numbers.values, 0.0) / seconds).astype(np.int64) + shift
        cells: Cells = np.where(finite, turns % period, period)
        return cells

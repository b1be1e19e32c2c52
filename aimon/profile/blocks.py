"""A block: some rows, read column by column when asked. In: Arrow. Out: numbers, categories, cells, each made once."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from aimon.clock import SLOT_HOURS, SLOTS_PER_DAY
from aimon.profile.axis import Axis, CategoryAxis, Cells, Floats
from aimon.profile.canonical import with_synonyms
from aimon.profile.distinct import distinct_cell
from aimon.profile.encode import Encoded, encode
from aimon.profile.grid import Grid
from aimon.profile.key import Key, Source
from aimon.profile.numbers import Mask, Numbers, is_text, null_mask, raw_values, read_numbers
from aimon.profile.steps import Scratch, all_cells
from aimon.spec.model import Kind

SLOT_SECONDS = SLOT_HOURS * 3_600
LARGEST_OUTCOME = 2.0**1022
"""Beyond this a prediction or label counts as no number, so that their difference is finite."""
NO_ERROR = (None, "", "false", "0")


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows of a source; `column` reads one column of them."""

    rows: int
    column: Callable[[str], pa.Array]


def category_cells(axis: CategoryAxis) -> dict[str, int]:
    """The cell of each category that an axis knows."""
    cells = {value: cell for cell, value in enumerate(axis.values)}
    return with_synonyms(dict.fromkeys(axis.tail, axis.tail_cell) | cells)


class Lookup:
    """The cells of codes of categories."""

    def __init__(self, axis: CategoryAxis) -> None:
        self._cells = category_cells(axis)
        self._axis = axis

    def cells(self, encoded: Encoded) -> Cells:
        """The cell of each code."""
        unseen, null = self._axis.unseen, self._axis.null
        found = (null if text is None else self._cells.get(text, unseen) for text in encoded.texts)
        return np.fromiter(found, np.int64, len(encoded.texts))


@dataclass(slots=True)
class View:
    """A block seen through a grid. What is read once is kept as long as the view lives."""

    grid: Grid
    block: Block
    lookups: dict[str, Lookup]
    scratch: Scratch
    _numbers: dict[str, Numbers] = field(default_factory=dict)
    _encoded: dict[str, Encoded] = field(default_factory=dict)
    _cells: dict[Key, Cells] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return self.block.rows

    def axis(self, key: Key) -> Axis:
        """The axis of a CELL key."""
        return self.grid.axes[key.column]

    def read_numbers(self, column: str) -> Numbers:
        """The column's numbers; read again each time."""
        return read_numbers(self.block.column(column), self.grid.kinds[column])

    def numbers(self, column: str) -> Numbers:
        """The column's numbers, kept."""
        if column not in self._numbers:
            self._numbers[column] = self.read_numbers(column)
        return self._numbers[column]

    def encoded(self, column: str) -> Encoded:
        """The column's categories, kept."""
        if column not in self._encoded:
            self._encoded[column] = encode(self.block.column(column))
        return self._encoded[column]

    def code_cells(self, key: Key) -> Cells | None:
        """For keys of categories: the key's cell of each code of the column."""
        if key.source is Source.CELL and key.column in self.lookups:
            return self.lookups[key.column].cells(self.encoded(key.column))
        if key.source is Source.ERROR:
            return np.array([int(text not in NO_ERROR) for text in self.encoded(key.column).texts], np.int64)
        if key.source is Source.DISTINCT:
            none = key.size(self.grid) - 1
            texts = self.encoded(key.column).texts
            return np.array([none if text is None else distinct_cell(text) for text in texts], np.int64)
        return None

    def cells(self, key: Key) -> Cells:
        """The key's cell of each row, kept."""
        if key not in self._cells:
            self._cells[key] = self._make_cells(key)
        return self._cells[key]

    def _make_cells(self, key: Key) -> Cells:
        by_code = self.code_cells(key)
        if by_code is not None:
            return np.asarray(by_code.take(self.encoded(key.column).codes))
        match key.source:
            case Source.CORRECT:
                return self._correct()
            case Source.RESIDUAL:
                return self._residual_cells()
            case Source.EMPTY:
                return self._empty(key.column)
            case Source.HOUR | Source.WEEKDAY:
                return self._time_cells(key)
        axis = self.axis(key)
        assert not isinstance(axis, CategoryAxis)  # noqa: S101 - those have cells by code
        return all_cells(axis, self.numbers(key.column), self.scratch)

    def _correct(self) -> Cells:
        """0 wrong, 1 correct, 2 where either is missing or both are values without a cell of their own."""
        grid = self.grid
        predicted, actual = Key(Source.CELL, grid.prediction), Key(Source.CELL, grid.label or "")
        axis, truth = grid.axes[grid.prediction], grid.axes[grid.label or ""]
        assert isinstance(axis, CategoryAxis)  # noqa: S101 - classes only
        assert isinstance(truth, CategoryAxis)  # noqa: S101 - classes only
        left, right = self.cells(predicted), self.cells(actual)
        same = left == right
        correct: Cells = same.astype(np.int64)
        correct[(same & (left >= axis.tail_cell)) | (left == axis.null) | (right == truth.null)] = 2
        return correct

    def residuals(self) -> tuple[Floats, Mask]:
        """Prediction minus label, and for which rows both are finite numbers."""
        predicted, actual = self.numbers(self.grid.prediction), self.numbers(self.grid.label or "")
        finite = predicted.finite() & actual.finite()
        for numbers in (predicted, actual):
            finite &= np.abs(numbers.values.astype(np.float64)) < LARGEST_OUTCOME
        return np.subtract(predicted.values, actual.values, dtype=np.float64), finite

    def _residual_cells(self) -> Cells:
        axis = self.grid.residual
        assert axis is not None  # noqa: S101 - the key exists only where the axis does
        difference, finite = self.residuals()
        return all_cells(axis, Numbers(difference, ~finite), self.scratch)

    def _empty(self, column: str) -> Cells:
        """0 for text with something in it, 1 for none or only spaces, 2 for null and for what is no text."""
        array = self.block.column(column)
        array = array.dictionary_decode() if pa.types.is_dictionary(array.type) else array
        if not is_text(array.type):
            return np.full(self.rows, 2)
        trimmed = pc.utf8_length(pc.utf8_trim(array.cast(pa.string()), characters=" "))
        cells: Cells = (raw_values(trimmed.fill_null(1)) == 0).astype(np.int64)
        null = null_mask(array)
        if null is not None:
            cells[null] = 2
        return cells

    def _time_cells(self, key: Key) -> Cells:
        """The hour of the UTC day, or the weekday from Monday; the last cell is none."""
        numbers = self.numbers(key.column)
        seconds, period = (3_600, 24) if key.source is Source.HOUR else (86_400, 7)
        shift = 0 if key.source is Source.HOUR else 3  # 1970-01-01 was a Thursday
        finite = numbers.finite()
        turns = np.floor(np.where(finite, numbers.values, 0.0) / seconds).astype(np.int64) + shift
        cells: Cells = np.where(finite, turns % period, period)
        return cells


def slots_of(block: Block, column: str) -> Cells:
    """The 6-hour slot of the UTC day that each row's timestamp lies in; 0 where there is none."""
    numbers = read_numbers(block.column(column), Kind.DATETIME)
    values = np.where(numbers.finite(), numbers.values, 0.0)
    slots: Cells = np.floor(values / SLOT_SECONDS).astype(np.int64) % SLOTS_PER_DAY
    return slots

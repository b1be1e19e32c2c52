"""A block: some rows, read column by column when asked. In: Arrow. Out: numbers and categories, each read once."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from aimon.clock import SLOT_HOURS, SLOTS_PER_DAY
from aimon.profile.axis import CategoryAxis, Cells, Floats
from aimon.profile.canonical import canonical_text, raw_texts, with_synonyms
from aimon.profile.distinct import distinct_cell
from aimon.profile.encode import Encoded, encode
from aimon.profile.grid import Grid
from aimon.profile.key import Key, Source
from aimon.profile.numbers import Mask, Numbers, read_numbers
from aimon.profile.sums import LEAST_LABEL, MOST_LABEL
from aimon.spec.model import Kind

SLOT_SECONDS = SLOT_HOURS * 3_600
LARGEST_OUTCOME = 2.0**1022
"""Beyond this a prediction or label counts as no number, so that their difference is finite."""
NO_ERROR = (None, "", "false", "0")
MOST_REMEMBERED = 100_000


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
    """The cells of codes of categories, of one column."""

    def __init__(self, axis: CategoryAxis) -> None:
        self._axis = axis
        self._cells = category_cells(axis)
        self._raw = {raw: cell for text, cell in self._cells.items() for raw in raw_texts(text)}
        self._distinct: dict[bool, dict[str | None, int]] = {False: {}, True: {}}

    def cells(self, encoded: Encoded) -> Cells:
        """The axis's cell of each code."""
        known, unseen, null = self._raw if encoded.raw else self._cells, self._axis.unseen, self._axis.null
        found = (null if value is None else known.get(value, unseen) for value in encoded.values)
        return np.fromiter(found, np.int64, len(encoded.values))

    def distinct(self, encoded: Encoded, none: int) -> Cells:
        """The cell of each code in the table of different values."""
        known = self._distinct[encoded.raw]
        if len(known) > MOST_REMEMBERED:
            known.clear()
        for value in encoded.values:
            if value not in known:
                text = canonical_text(value)
                known[value] = none if text is None else distinct_cell(text)
        return np.fromiter(map(known.__getitem__, encoded.values), np.int64, len(encoded.values))


@dataclass(slots=True)
class View:
    """A block seen through a grid. What is read once is kept as long as the view lives."""

    grid: Grid
    block: Block
    lookups: dict[str, Lookup]
    _numbers: dict[str, Numbers] = field(default_factory=dict)
    _encoded: dict[str, Encoded] = field(default_factory=dict)
    _by_code: dict[Key, Cells | None] = field(default_factory=dict)
    _residuals: tuple[Floats, Mask] | None = None
    _relative: tuple[Floats, Mask] | None = None

    @property
    def rows(self) -> int:
        return self.block.rows

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

    def by_code(self, key: Key) -> Cells | None:
        """For keys of categories: the key's cell of each code of the column."""
        if key not in self._by_code:
            self._by_code[key] = self._cells_by_code(key)
        return self._by_code[key]

    def _cells_by_code(self, key: Key) -> Cells | None:
        if key.source is Source.CELL and key.column in self.lookups:
            return self.lookups[key.column].cells(self.encoded(key.column))
        if key.source is Source.ERROR:
            return np.array([int(text not in NO_ERROR) for text in self.encoded(key.column).texts], np.int64)
        if key.source is Source.DISTINCT:
            return self.lookups[key.column].distinct(self.encoded(key.column), key.size(self.grid) - 1)
        return None

    def residuals(self) -> tuple[Floats, Mask]:
        """Prediction minus label, and for which rows both are finite numbers; kept."""
        if self._residuals is None:
            predicted, actual = self.numbers(self.grid.prediction), self.numbers(self.grid.label or "")
            finite = predicted.finite() & actual.finite()
            for numbers in (predicted, actual):
                finite &= np.abs(numbers.values.astype(np.float64)) < LARGEST_OUTCOME
            self._residuals = np.subtract(predicted.values, actual.values, dtype=np.float64), finite
        return self._residuals

    def relative_errors(self) -> tuple[Floats, Mask]:
        """The size of each residual as a share of its label, and for which rows there is one; kept."""
        if self._relative is None:
            difference, both = self.residuals()
            label = np.abs(self.numbers(self.grid.label or "").values.astype(np.float64))
            usable = both & (label >= LEAST_LABEL) & (label <= MOST_LABEL)
            shares = np.divide(np.abs(difference), label, out=np.zeros(len(label)), where=usable)
            self._relative = shares, usable
        return self._relative


def slots_of(block: Block, column: str) -> Cells:
    """The 6-hour slot of the UTC day that each row's timestamp lies in; 0 where there is none."""
    numbers = read_numbers(block.column(column), Kind.DATETIME)
    values = np.where(numbers.finite(), numbers.values, 0.0)
    slots: Cells = np.floor(values / SLOT_SECONDS).astype(np.int64) % SLOTS_PER_DAY
    return slots

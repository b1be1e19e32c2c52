"""Which digit means what. In: a sealed grid, an attribute. Out: records as slots, and sums of slots as counts.

A digit has 7 bits, so that at most 127 records may be added into one: that bounds how many envelopes are joined at
once. Cells that do not fit the digits of one ciphertext go to further ones, called shards.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from aimon.errors import SealedError
from aimon.profile.axis import CategoryAxis, Cells
from aimon.profile.blocks import Block, Lookup, View
from aimon.profile.cells import SliceCells
from aimon.profile.grid import NO_PREDICTION, Grid
from aimon.profile.histogram import CHUNK
from aimon.profile.key import Key, Source
from aimon.profile.steps import Scratch
from aimon.sealed.seal.parameters import JOIN, Parameters
from aimon.spec.model import Task

DIGIT_BITS = 7
MOST_IN_DIGIT = 2**DIGIT_BITS - 1
DECISIONS = 2
"""Not selected and selected. Records without a prediction are left out, as in the tables of outcomes."""
CANARY = -1
"""The last slot is 1 in every envelope, so its sum tells how many were joined."""

Totals = NDArray[np.int64]


@dataclass(frozen=True)
class JoinLayout:
    """The digits of (group, decision) of one protected attribute under one parameter set."""

    grid: Grid
    attribute: str
    parameters: Parameters

    def __post_init__(self) -> None:
        grid = self.grid
        if grid.task is not Task.BINARY or not grid.selects or not grid.label_positive:
            raise SealedError("joining counts decisions by label: it needs a binary model with a positive value")
        if self.attribute not in grid.protected:
            raise SealedError(f"{self.attribute} is no protected attribute of the grid: {', '.join(grid.protected)}")
        if self.digits < 1:
            raise SealedError(f"the parameter set {self.parameters.name!r} has no room for a product; seal with 'join'")

    @cached_property
    def id(self) -> str:
        """The first 16 hexadecimal digits of a SHA-256 of what the digits mean."""
        text = f"join;{self.grid.id};{self.attribute};{self.parameters.name};{DIGIT_BITS}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def table(self) -> str:
        """The table of a profile that a join counts."""
        return f"outcome:{self.attribute}"

    @property
    def groups(self) -> int:
        """How many groups the attribute has, with those of rare, unseen and missing values."""
        return self.grid.group_axis(self.attribute).size

    @property
    def digits(self) -> int:
        """How many cells one ciphertext counts."""
        return (self.parameters.plain_bits - 1) // DIGIT_BITS if self.parameters.plain_bits > 50 else 0

    @property
    def shards(self) -> int:
        """How many ciphertexts an envelope of records has."""
        return -(-self.groups * DECISIONS // self.digits)

    @property
    def records(self) -> int:
        """How many records one envelope takes."""
        return self.parameters.slots - 1

    def cells(self, rows: pa.Table) -> Cells:
        """The (group, decision) of each row; -1 where there is no prediction."""
        selected = self.grid.selected_cells().take(self._cells(rows, self.grid.prediction))
        groups = self.grid.group_cells(self.attribute).take(self._cells(rows, self.attribute))
        cells: Cells = np.where(selected == NO_PREDICTION, -1, groups * DECISIONS + selected)
        return cells

    def truths(self, rows: pa.Table) -> Cells:
        """1 for each row with a positive label, 0 for another one, 2 for none."""
        return self.grid.positive_cells().take(self._cells(rows, self.grid.label or ""))

    def slots_of(self, cells: Cells) -> list[list[int]]:
        """The slots of each shard."""
        self.check_size(len(cells))
        slots = np.zeros((self.shards, self.parameters.slots), np.int64)
        shard, digit = np.divmod(cells, self.digits)
        slots[shard, np.arange(len(cells))] = np.left_shift(1, digit * DIGIT_BITS)
        slots[:, CANARY] = 1
        rows: list[list[int]] = slots.tolist()
        return rows

    def flags_of(self, flags: NDArray[np.bool_]) -> list[int]:
        """The slots of one flag a record."""
        self.check_size(len(flags))
        slots = np.zeros(self.parameters.slots, np.int64)
        slots[: len(flags)] = flags
        slots[CANARY] = 1
        row: list[int] = slots.tolist()
        return row

    def counts_of(self, sums: Totals) -> Totals:
        """Counts of (group, decision), from the sums of slots of each shard."""
        shifts = np.arange(self.digits) * DIGIT_BITS
        digits = (sums[:, :, None] >> shifts) & MOST_IN_DIGIT
        counts: Totals = digits.sum(axis=1).ravel()[: self.groups * DECISIONS].reshape(self.groups, DECISIONS)
        return counts

    def check_size(self, records: int) -> None:
        """SealedError where an envelope cannot take so many records."""
        if records > self.records:
            raise SealedError(f"{records} records do not fit one envelope of {self.records}; seal smaller flushes")

    def _cells(self, rows: pa.Table, column: str) -> Cells:
        axis = self.grid.axes[column]
        if column not in rows.schema.names:
            raise SealedError(f"the rows have no column {column!r}, which joining needs")
        lookups = {column: Lookup(axis)} if isinstance(axis, CategoryAxis) else {}
        view = View(self.grid, Block(rows.num_rows, lambda name: _array(rows, name)), lookups)
        scratch, key = Scratch(), Key(Source.CELL, column)
        parts = [
            SliceCells(view, slice(start, min(start + CHUNK, rows.num_rows)), scratch).of(key)
            for start in range(0, rows.num_rows, CHUNK)
        ]
        return np.concatenate(parts) if parts else np.zeros(0, np.int64)


def _array(rows: pa.Table, column: str) -> pa.Array:
    combined = rows.column(column).combine_chunks()
    return combined.chunk(0) if isinstance(combined, pa.ChunkedArray) else combined


def join_layouts(grid: Grid) -> dict[str, str]:
    """By attribute, the id of the layout that joins its labels; none where the model has nothing to join."""
    if grid.task is not Task.BINARY or not grid.selects or not grid.label_positive:
        return {}
    return {attribute: JoinLayout(grid, attribute, JOIN).id for attribute in grid.protected}

"""Which digit means what. In: a sealed grid, attributes. Out: records as slots, and sums of slots as counts.

A digit has 7 bits, so that at most 127 records may be added into one: that bounds how many envelopes are joined at
once. Cells that do not fit the digits of one ciphertext go to further ones, called shards; so do further attributes.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from math import prod

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
from aimon.profile.tables import tables
from aimon.sealed.seal.parameters import JOIN, Parameters
from aimon.spec.model import Task

DIGIT_BITS = 7
MOST_IN_DIGIT = 2**DIGIT_BITS - 1
DECISIONS = 2
"""Not selected and selected. Records without a prediction are left out, as in the tables of outcomes."""
OUTCOME = "outcome:"
"""How the tables of a profile begin that a join counts."""
CANARY = -1
"""The last slot is 1 in every envelope, so its sum tells how many were joined."""

Totals = NDArray[np.int64]


@dataclass(frozen=True)
class JoinLayout:
    """The digits of (group, decision) of each attribute under one parameter set.

    An attribute is a protected one, or two of them together, as `sex*age`.
    """

    grid: Grid
    attributes: tuple[str, ...]
    parameters: Parameters

    def __post_init__(self) -> None:
        grid = self.grid
        if grid.task is not Task.BINARY or not grid.selects or not grid.label_positive:
            raise SealedError("joining counts decisions by label: it needs a binary model with a positive value")
        known = [name.removeprefix(OUTCOME) for name in tables(grid) if name.startswith(OUTCOME)]
        unknown = [each for each in self.attributes if each not in known]
        if unknown or not self.attributes or len(set(self.attributes)) < len(self.attributes):
            told = unknown[0] if unknown else "a list without an attribute, or with one twice,"
            raise SealedError(f"{told} is no protected attribute of the grid: {', '.join(known)}")
        if self.digits < 1:
            raise SealedError(f"the parameter set {self.parameters.name!r} has no room for a product; seal with 'join'")

    @cached_property
    def id(self) -> str:
        """The first 16 hexadecimal digits of a SHA-256 of what the digits mean."""
        text = f"join;{self.grid.id};{','.join(self.attributes)};{self.parameters.name};{DIGIT_BITS}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables of a profile that a join counts."""
        return tuple(OUTCOME + each for each in self.attributes)

    def groups(self, attribute: str) -> tuple[int, ...]:
        """How many groups each part of the attribute has, with those of rare, unseen and missing values."""
        return tuple(self.grid.group_axis(part).size for part in attribute.split("*"))

    @property
    def digits(self) -> int:
        """How many cells one ciphertext counts."""
        return (self.parameters.plain_bits - 1) // DIGIT_BITS if self.parameters.plain_bits > 50 else 0

    @cached_property
    def places(self) -> dict[str, slice]:
        """Which shards each attribute has: none shares one with another."""
        found, start = dict[str, slice](), 0
        for attribute in self.attributes:
            stop = start - (-prod(self.groups(attribute)) * DECISIONS // self.digits)
            found[attribute] = slice(start, stop)
            start = stop
        return found

    @property
    def shards(self) -> int:
        """How many ciphertexts an envelope of records has."""
        stops: list[int] = [each.stop for each in self.places.values()]
        return max(stops)

    @property
    def records(self) -> int:
        """How many records one envelope takes."""
        return self.parameters.slots - 1

    def cells(self, rows: pa.Table) -> Cells:
        """The (group, decision) of each row, a line for each attribute; -1 where there is no prediction."""
        selected = self.grid.selected_cells().take(self._cells(rows, self.grid.prediction))
        found = []
        for attribute in self.attributes:
            parts = attribute.split("*")
            places = [self.grid.group_cells(part).take(self._cells(rows, part)) for part in parts]
            groups = np.ravel_multi_index(tuple(places), self.groups(attribute))
            found.append(np.where(selected == NO_PREDICTION, -1, groups * DECISIONS + selected))
        cells: Cells = np.stack(found)
        return cells

    def segment(self, rows: pa.Table, column: str) -> str:
        """Which segment of the column all the rows are of; SealedError where they are of several."""
        if column not in self.grid.segments:
            raise SealedError(f"{column} is no segment of the plan: {', '.join(self.grid.segments) or 'it has none'}")
        labels = self.grid.segment_axis(column).labels
        found = [labels[place] for place in np.unique(self.grid.segment_cells(column).take(self._cells(rows, column)))]
        if len(found) != 1:
            raise SealedError(f"the rows are of {len(found)} segments: {', '.join(found)}; seal those of each apart")
        value: str = found[0].removeprefix(f"{column}=")
        return value

    def truths(self, rows: pa.Table) -> Cells:
        """1 for each row with a positive label, 0 for another one, 2 for none."""
        return self.grid.positive_cells().take(self._cells(rows, self.grid.label or ""))

    def slots_of(self, cells: Cells) -> list[list[int]]:
        """The slots of each shard."""
        records = cells.shape[1]
        self.check_size(records)
        slots = np.zeros((self.shards, self.parameters.slots), np.int64)
        for line, place in zip(cells, self.places.values(), strict=True):
            shard, digit = np.divmod(line, self.digits)
            slots[place.start + shard, np.arange(records)] = np.left_shift(1, digit * DIGIT_BITS)
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

    def counts_of(self, sums: Totals) -> dict[str, Totals]:
        """By table, counts of (groups, decision), from the sums of slots of each shard."""
        shifts = np.arange(self.digits) * DIGIT_BITS
        digits = ((sums[:, :, None] >> shifts) & MOST_IN_DIGIT).sum(axis=1)
        found: dict[str, Totals] = {}
        for attribute, place in self.places.items():
            shape = (*self.groups(attribute), DECISIONS)
            found[OUTCOME + attribute] = digits[place].ravel()[: prod(shape)].reshape(shape)
        return found

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


def join_layouts(grid: Grid) -> dict[tuple[str, ...], str]:
    """The id of the layout that joins labels by each attribute, and by all; none where there is nothing to join."""
    if grid.task is not Task.BINARY or not grid.selects or not grid.label_positive:
        return {}
    alone = [(attribute,) for attribute in grid.protected]
    wanted = [*alone, grid.protected] if len(alone) > 1 else alone
    return {attributes: JoinLayout(grid, attributes, JOIN).id for attributes in wanted}

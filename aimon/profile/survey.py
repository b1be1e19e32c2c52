"""What the reference rows are like. In: opened rows. Out: a sketch of each column, and each number column's spread.

Two passes as a rule: one that looks at everything, and one that finds exact quantiles among few remaining numbers.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from aimon.profile.axis import Floats
from aimon.profile.blocks import Block
from aimon.profile.numbers import Numbers, is_text
from aimon.profile.ondisk import about_how_many
from aimon.profile.quantiles import Selection
from aimon.profile.rows import Opened
from aimon.profile.sketch import Sketch
from aimon.profile.threads import one_pass

SHARES = (0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999)
MOST_ATOMS = 256
PROBE = 2_048
TOGETHER = 16
"""Columns whose quantiles are searched for in the same pass: bounds memory, not time, as columns are read alone."""

NumbersOf = Callable[[Block], Numbers]


def sketch_columns(opened: Opened, columns: Collection[str], counted: Collection[str]) -> dict[str, Sketch]:
    """A first look at each column, wherever it is; the categories of `counted` ones are counted whatever their type."""
    found: dict[str, Sketch] = {}
    for rows in opened.groups:
        here = [column for column in columns if column in rows.schema.names]
        types = {column: rows.schema.field(column).type for column in here}

        def start(types: Mapping[str, object] = types) -> dict[str, Sketch]:
            return {column: Sketch(kind, column in counted) for column, kind in types.items()}

        for worker in one_pass(rows, here, start, _sketch):
            for column, sketch in worker.items():
                if column in found:
                    found[column].merge(sketch)
                else:
                    found[column] = sketch
    for column, sketch in found.items():
        if sketch.texts is None and (sketch.counted or sketch.low is not None or is_text(sketch.type)):
            sketch.estimated = about_how_many(opened, column)
    return found


def _sketch(sketches: dict[str, Sketch], block: Block) -> None:
    for column, sketch in sketches.items():
        if block.rows and sketch.looks:
            sketch.add(block.column(column))


@dataclass(slots=True)
class Spread:
    """Where a column's finite numbers lie. `atoms` are all of them where there are few, with their rows."""

    low: float | None = None
    high: float | None = None
    atoms: dict[float, int] | None = field(default_factory=dict)
    selection: Selection = field(default_factory=lambda: Selection(SHARES))

    def add(self, values: Floats) -> None:
        """Look at finite numbers, in the first pass."""
        if len(values) == 0:
            return
        low, high = float(values.min()), float(values.max())
        self.low = low if self.low is None else min(self.low, low)
        self.high = high if self.high is None else max(self.high, high)
        if self.atoms is not None and len(np.unique(values[:PROBE])) > MOST_ATOMS:
            self.atoms = None
        if self.atoms is not None:
            different, rows = np.unique(values + 0.0, return_counts=True)
            few = len(different) <= MOST_ATOMS
            self._add_atoms(dict(zip(different.tolist(), rows.tolist(), strict=True)) if few else None)
        self.selection.add(values)

    def merge(self, other: "Spread") -> None:
        """Add what another thread saw."""
        if other.low is not None and other.high is not None:
            self.low = other.low if self.low is None else min(self.low, other.low)
            self.high = other.high if self.high is None else max(self.high, other.high)
        self._add_atoms(other.atoms)
        self.selection.merge(other.selection)

    def quantiles(self) -> Floats:
        """The numbers at SHARES."""
        assert self.selection.found is not None  # noqa: S101 - `spreads` goes on until it is
        return self.selection.found

    def _add_atoms(self, atoms: Mapping[float, int] | None) -> None:
        if self.atoms is None or atoms is None:
            self.atoms = None
            return
        for value, rows in atoms.items():
            self.atoms[value] = self.atoms.get(value, 0) + rows
        if len(self.atoms) > MOST_ATOMS:
            self.atoms = None


def spreads(opened: Opened, numbers: Mapping[str, NumbersOf], needs: Mapping[str, Sequence[str]]) -> dict[str, Spread]:
    """The spread of each named series of numbers; `needs` are the columns that a series reads."""
    found: dict[str, Spread] = {}
    names = list(numbers)
    for start in range(0, len(names), TOGETHER):
        some = {name: Spread() for name in names[start : start + TOGETHER]}
        _pass(opened, some, numbers, needs, first=True)
        while searched := {name: spread for name, spread in some.items() if not spread.selection.done}:
            _pass(opened, searched, numbers, needs, first=False)
        found |= some
    return found


def _pass(
    opened: Opened,
    some: Mapping[str, Spread],
    numbers: Mapping[str, NumbersOf],
    needs: Mapping[str, Sequence[str]],
    *,
    first: bool,
) -> None:
    for rows in opened.groups:
        here = [name for name in some if set(needs[name]) <= set(rows.schema.names)]

        def start(here: Sequence[str] = here) -> dict[str, Spread]:
            return {name: Spread(selection=some[name].selection.spare()) for name in here}

        def take(spreads: dict[str, Spread], block: Block) -> None:
            for name, values in _finite(block, spreads, numbers):
                if first:
                    spreads[name].add(values)
                else:
                    spreads[name].selection.add(values)

        for worker in one_pass(rows, (), start, take):
            for name, spread in worker.items():
                some[name].merge(spread) if first else some[name].selection.merge(spread.selection)
    for spread in some.values():
        spread.selection.finish_pass()


def _finite(block: Block, names: Collection[str], numbers: Mapping[str, NumbersOf]) -> Iterator[tuple[str, Floats]]:
    for name in names:
        if block.rows:
            found = numbers[name](block)
            yield name, found.values[found.finite()].astype(np.float64)

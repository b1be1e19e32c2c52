"""The streaming kernel's counter. In: blocks of rows. Out: integer counts of every joint and sum of a plan.

One tally a thread; tallies of the same plan add up. Columns that no cross-table needs are counted in passing; cells of
the others are made for a slice of rows at a time, so that they stay in the processor's cache.
"""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aimon.profile.axis import CategoryAxis, Cells, NumericAxis, ProbabilityAxis
from aimon.profile.blocks import Block, Lookup, View, slots_of
from aimon.profile.cells import SliceCells
from aimon.profile.key import Joint, Key, Source, Sum
from aimon.profile.numbers import Numbers
from aimon.profile.plan import Plan
from aimon.profile.profile import Counts
from aimon.profile.steps import Scratch, cells_of, cells_of_range, chunks, small_range
from aimon.profile.summing import add_sum


class Tally:
    """Counts of the rows added so far: `made[joint]` has the slot as its first axis."""

    def __init__(self, plan: Plan, timestamp: str | None, slots: int) -> None:
        self.made: dict[Joint | Sum, Counts] = {
            made_of: np.zeros((slots, *plan.shape(made_of)), np.int64) for made_of in plan.made_of
        }
        grid = plan.grid
        self._plan = plan
        self._timestamp = timestamp
        self._slots = slots
        self._folds = {part: (part.fold(grid), part.size(grid)) for part in plan.parts}
        shared = _shared_keys(plan)
        self._alone = [joint for joint in plan.joints if len(joint) == 1 and joint[0].key not in shared]
        self._together = [joint for joint in plan.joints if joint and joint not in self._alone]
        self._scratch = Scratch()
        self._lookups = {column: Lookup(axis) for column, axis in grid.axes.items() if isinstance(axis, CategoryAxis)}

    def add(self, block: Block) -> None:
        """Count a block of rows."""
        if block.rows == 0:
            return
        view = View(self._plan.grid, block, self._lookups)
        slot = self._slot(block)
        if () in self.made:
            self._count_rows(block.rows, slot)
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            for joint in self._alone:
                self._count_alone(view, joint[0].key, slot, self.made[joint])
            if self._together or self._plan.sums:
                for rows in chunks(block.rows):
                    self._count_slice(view, rows, slot if isinstance(slot, int) else slot[rows])

    def merge(self, other: "Tally") -> None:
        """Add the counts of another tally of the same plan."""
        for made_of, counts in other.made.items():
            self.made[made_of] += counts

    def _slot(self, block: Block) -> int | Cells:
        """The slot of each row, or of all of them where they share one."""
        if self._timestamp is None or self._slots == 1:
            return 0
        slots = slots_of(block, self._timestamp)
        first = int(slots[0])
        return first if (slots == first).all() else slots

    def _count_rows(self, rows: int, slot: int | Cells) -> None:
        if isinstance(slot, int):
            self.made[()][slot] += rows
        else:
            self.made[()] += np.bincount(slot, minlength=self._slots)

    def _count_alone(self, view: View, key: Key, slot: int | Cells, counts: Counts) -> None:
        by_code = view.by_code(key)
        if by_code is not None:
            _count_codes(view.encoded(key.column).codes, by_code, slot, counts)
            return
        axis = view.grid.axes.get(key.column) if key.source is Source.CELL else None
        numbers = None if axis is None else view.read_numbers(key.column)
        if axis is None or numbers is None or isinstance(axis, CategoryAxis):
            for rows in chunks(view.rows):
                cells = SliceCells(view, rows, self._scratch).of(key)
                _count_cells(cells, slot if isinstance(slot, int) else slot[rows], counts)
            return
        bounds = small_range(numbers.values)
        if bounds is not None:
            _count_range(numbers, axis, bounds, slot, counts)
            return
        for rows in chunks(view.rows):
            cells = cells_of(axis, numbers, rows, self._scratch)
            _count_cells(cells, slot if isinstance(slot, int) else slot[rows], counts)

    def _count_slice(self, view: View, rows: slice, slot: int | Cells) -> None:
        cells = SliceCells(view, rows, self._scratch)
        for joint in self._together:
            counts: Counts = self.made[joint].reshape(-1)
            counts += np.bincount(self._index(cells, joint, rows, slot), minlength=len(counts))
        for each in self._plan.sums:
            into: Counts = self.made[each].reshape(-1, each.measure.width)
            add_sum(each, view, rows, self._index(cells, each.by, rows, slot), into)

    def _index(self, cells: SliceCells, joint: Joint, rows: slice, slot: int | Cells) -> Cells:
        """The flat position of each row in the joint's counts, in the scratch's memory."""
        index = self._scratch.index[: rows.stop - rows.start]
        index[:] = slot
        for part in joint:
            found, (fold, size) = cells.of(part.key), self._folds[part]
            np.multiply(index, size, out=index)
            np.add(index, found if fold is None else fold.take(found), out=index)
        return index


def _count_cells(cells: Cells, slot: int | Cells, counts: Counts) -> None:
    size = counts.shape[1]
    if isinstance(slot, int):
        counts[slot] += np.bincount(cells, minlength=size)
    else:
        counts += np.bincount(slot * size + cells, minlength=counts.size).reshape(counts.shape)


def _count_codes(codes: NDArray[Any], cell_of_code: Cells, slot: int | Cells, counts: Counts) -> None:
    """Count by code first: there are far fewer codes than rows."""
    by_code = np.zeros((len(counts), len(cell_of_code)), np.int64)
    _count_cells(codes, slot, by_code)
    for totals, found in zip(counts, by_code, strict=True):
        np.add.at(totals, cell_of_code, found)


def _count_range(
    numbers: Numbers, axis: NumericAxis | ProbabilityAxis, bounds: tuple[int, int], slot: int | Cells, counts: Counts
) -> None:
    low, high = bounds
    cell_of_code = np.append(cells_of_range(axis, low, high), [axis.null, axis.unreadable])
    values = numbers.values
    codes = np.subtract(values, np.array(low, values.dtype)).astype(np.int64, copy=False)
    if numbers.null is not None:
        codes[numbers.null] = len(cell_of_code) - 2
    if numbers.unreadable is not None:
        codes[numbers.unreadable] = len(cell_of_code) - 1
    _count_codes(codes, cell_of_code, slot, counts)


def _shared_keys(plan: Plan) -> set[Key]:
    """Keys whose cells are made for slices: those of cross-tables and sums, and those counted more than once."""
    uses = Counter(part.key for joint in plan.joints for part in joint)
    together = {part.key for joint in plan.joints if len(joint) > 1 for part in joint}
    together |= {part.key for each in plan.sums for part in each.by}
    return together | {key for key, used in uses.items() if used > 1}

"""The streaming kernel's counter. In: blocks of rows. Out: integer counts of every joint and sum of a plan.

One tally a thread; tallies of the same plan add up. Columns that no cross-table needs are counted in passing; the cells
of the others are kept for the length of a block.
"""

from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aimon.profile.axis import CategoryAxis, Cells, NumericAxis, ProbabilityAxis
from aimon.profile.blocks import Block, Lookup, View, slots_of
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
        self._plan = plan
        self._timestamp = timestamp
        self._slots = slots
        self._folds = {part: part.fold(plan.grid) for made_of in self.made for part in _parts(made_of)}
        self._shared = _shared_keys(plan)
        self._scratch = Scratch()
        self._lookups = {
            column: Lookup(axis) for column, axis in plan.grid.axes.items() if isinstance(axis, CategoryAxis)
        }

    def add(self, block: Block) -> None:
        """Count a block of rows."""
        if block.rows == 0:
            return
        view = View(self._plan.grid, block, self._lookups, self._scratch)
        slot = self._slot(block)
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            for joint in self._plan.joints:
                counts = self.made[joint]
                if len(joint) == 1 and joint[0].key not in self._shared:
                    self._count_alone(view, joint[0].key, slot, counts)
                else:
                    self._count_jointly(view, joint, slot, counts)
            for each in self._plan.sums:
                flat = self.made[each].reshape(-1, each.measure.width)
                add_sum(each, view, self._index(view, each.by, slot), flat)

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

    def _index(self, view: View, joint: Joint, slot: int | Cells) -> Cells:
        """The flat position of each row in the joint's counts."""
        grid = self._plan.grid
        index = np.full(view.rows, slot) if isinstance(slot, int) else slot
        for position, part in enumerate(joint):
            cells, fold = view.cells(part.key), self._folds[part]
            cells = cells if fold is None else fold.take(cells)
            if position == 0 and isinstance(slot, int) and slot == 0:
                index = cells
                continue
            index = index * part.size(grid)
            index += cells
        return index

    def _count_jointly(self, view: View, joint: Joint, slot: int | Cells, counts: Counts) -> None:
        if not joint:
            if isinstance(slot, int):
                counts[slot] += view.rows
            else:
                counts += np.bincount(slot, minlength=self._slots)
            return
        flat = counts.reshape(-1)
        flat += np.bincount(self._index(view, joint, slot), minlength=len(flat))

    def _count_alone(self, view: View, key: Key, slot: int | Cells, counts: Counts) -> None:
        by_code = view.code_cells(key)
        if by_code is not None:
            _count_codes(view.encoded(key.column).codes, by_code, slot, counts)
            return
        axis = view.grid.axes.get(key.column) if key.source is Source.CELL else None
        if axis is None or isinstance(axis, CategoryAxis):
            _count_cells(view.cells(key), slot, counts)
            return
        numbers = view.read_numbers(key.column)
        bounds = small_range(numbers.values)
        if bounds is not None:
            _count_range(numbers, axis, bounds, slot, counts)
            return
        for rows in chunks(view.rows):
            cells = cells_of(axis, numbers, rows, self._scratch)
            _count_cells(cells, slot if isinstance(slot, int) else slot[rows], counts)


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
    codes = np.subtract(numbers.values, np.array(low, numbers.values.dtype)).astype(np.int64)
    if numbers.null is not None:
        codes[numbers.null] = len(cell_of_code) - 2
    if numbers.unreadable is not None:
        codes[numbers.unreadable] = len(cell_of_code) - 1
    _count_codes(codes, cell_of_code, slot, counts)


def _parts(made_of: Joint | Sum) -> Joint:
    return made_of.by if isinstance(made_of, Sum) else made_of


def _shared_keys(plan: Plan) -> set[Key]:
    """Keys whose cells are worth keeping: those of cross-tables, and those counted more than once."""
    uses = Counter(part.key for made_of in plan.made_of for part in _parts(made_of))
    together = {part.key for joint in plan.joints if len(joint) > 1 for part in joint}
    together |= {part.key for each in plan.sums for part in each.by}
    return together | {key for key, used in uses.items() if used > 1}

"""The streaming kernel's counter. In: blocks of rows. Out: integer counts of every joint and sum of a plan.

One tally a thread; tallies of the same plan add up. Columns that no cross-table needs are counted in passing; cells of
the others are made for a slice of rows at a time, so that they stay in the processor's cache.
"""

from collections import Counter
from collections.abc import Collection, Mapping

import numpy as np

from aimon.profile.axis import CategoryAxis, Cells, NumericAxis, ProbabilityAxis
from aimon.profile.blocks import Block, Lookup, View, slots_of
from aimon.profile.cells import SliceCells
from aimon.profile.histogram import Histogram, chunks
from aimon.profile.key import Joint, Key, Source, Sum
from aimon.profile.marginals import marginal
from aimon.profile.numbers import Numbers
from aimon.profile.plan import Made, Plan
from aimon.profile.profile import Counts
from aimon.profile.steps import Scratch, cells_of, cells_of_range, codes_of_range, small_range
from aimon.profile.summing import add_sum


class Tally:
    """Counts of the rows added so far. `sources` tells which joint each is read off; only sources are counted.

    `counted[joint]` has the slot as its first axis.
    """

    def __init__(self, plan: Plan, sources: Mapping[Joint, Joint], timestamp: str | None, slots: int) -> None:
        grid = plan.grid
        self._sources = sources
        counted = [joint for joint, source in sources.items() if joint == source]
        wanted: list[Joint | Sum] = [*counted, *plan.sums]
        self.counted = {made_of: np.zeros((slots, *plan.shape(made_of)), np.int64) for made_of in wanted}
        self._plan = plan
        self._timestamp = timestamp
        self._slots = slots
        self._folds = {part: (part.fold(grid), part.size(grid)) for part in plan.parts}
        shared = _shared_keys(counted, plan.sums)
        self._alone = [joint for joint in counted if len(joint) == 1 and joint[0].key not in shared]
        self._together = [joint for joint in counted if joint and joint not in self._alone]
        self._scratch = Scratch()
        self._histogram = Histogram()
        self._lookups = {column: Lookup(axis) for column, axis in grid.axes.items() if isinstance(axis, CategoryAxis)}

    def add(self, block: Block) -> None:
        """Count a block of rows."""
        if block.rows == 0:
            return
        view = View(self._plan.grid, block, self._lookups)
        slot = self._slot(block)
        if () in self.counted:
            self._count_rows(block.rows, slot)
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            by_code: dict[str, Counts] = {}
            for joint in self._alone:
                self._count_alone(view, joint[0].key, slot, self.counted[joint], by_code)
            if self._together or self._plan.sums:
                for rows in chunks(block.rows):
                    self._count_slice(view, rows, slot if isinstance(slot, int) else slot[rows])

    def merge(self, other: "Tally") -> None:
        """Add the counts of another tally of the same plan."""
        for made_of, counts in other.counted.items():
            self.counted[made_of] += counts

    def made(self) -> Made:
        """The counts of every joint and sum of the plan."""
        grid = self._plan.grid
        read = {
            joint: marginal(grid, joint, source, self.counted[source])
            for joint, source in self._sources.items()
            if joint != source
        }
        return self.counted | read

    def _slot(self, block: Block) -> int | Cells:
        """The slot of each row, or of all of them where they share one."""
        if self._timestamp is None or self._slots == 1:
            return 0
        slots = slots_of(block, self._timestamp)
        first = int(slots[0])
        return first if (slots == first).all() else slots

    def _count_rows(self, rows: int, slot: int | Cells) -> None:
        if isinstance(slot, int):
            self.counted[()][slot] += rows
        else:
            self.counted[()] += np.bincount(slot, minlength=self._slots)

    def _count_alone(self, view: View, key: Key, slot: int | Cells, counts: Counts, by_code: dict[str, Counts]) -> None:
        cell_of_code = view.by_code(key)
        if cell_of_code is not None:
            if key.column not in by_code:
                by_code[key.column] = self._counts_by_code(view, key.column, slot)
            _spread(by_code[key.column], cell_of_code, counts)
            return
        axis = view.grid.axes.get(key.column) if key.source is Source.CELL else None
        numbers = None if axis is None else view.read_numbers(key.column)
        if axis is None or numbers is None or isinstance(axis, CategoryAxis):
            for rows in chunks(view.rows):
                self._count(SliceCells(view, rows, self._scratch).of(key), rows, slot, counts)
            return
        bounds = small_range(numbers.values)
        if bounds is not None:
            self._count_range(numbers, axis, bounds, slot, counts)
            return
        for rows in chunks(view.rows):
            self._count(cells_of(axis, numbers, rows, self._scratch), rows, slot, counts)

    def _counts_by_code(self, view: View, column: str, slot: int | Cells) -> Counts:
        """How many rows of each slot have each code of the column: there are far fewer codes than rows."""
        encoded = view.encoded(column)
        counts = np.zeros((self._slots, len(encoded.values)), np.int64)
        for rows in chunks(view.rows):
            self._count(encoded.codes[rows], rows, slot, counts)
        return counts

    def _count_range(
        self,
        numbers: Numbers,
        axis: NumericAxis | ProbabilityAxis,
        bounds: tuple[int, int],
        slot: int | Cells,
        counts: Counts,
    ) -> None:
        """Count whole numbers that lie close together by value, then by cell."""
        cell_of_code = np.append(cells_of_range(axis, *bounds), [axis.null, axis.unreadable])
        by_code = np.zeros((self._slots, len(cell_of_code)), np.int64)
        for rows in chunks(len(numbers.values)):
            self._count(codes_of_range(numbers, rows, bounds, self._scratch), rows, slot, by_code)
        _spread(by_code, cell_of_code, counts)

    def _count(self, cells: Cells, rows: slice, slot: int | Cells, counts: Counts) -> None:
        """Count the cells of a slice of rows; the first axis of the counts is the slot."""
        if isinstance(slot, int):
            self._histogram.add(cells, counts[slot])
        else:
            self._histogram.add(slot[rows] * counts.shape[1] + cells, counts.reshape(-1))

    def _count_slice(self, view: View, rows: slice, slot: int | Cells) -> None:
        cells = SliceCells(view, rows, self._scratch)
        for joint in self._together:
            counts = self.counted[joint]
            counts = counts[slot] if isinstance(slot, int) else counts
            self._histogram.add(self._index(cells, joint, rows, slot), counts.reshape(-1))
        for each in self._plan.sums:
            counts = self.counted[each]
            counts = counts[slot] if isinstance(slot, int) else counts
            add_sum(each, view, rows, self._index(cells, each.by, rows, slot), counts.reshape(-1, each.measure.width))

    def _index(self, cells: SliceCells, joint: Joint, rows: slice, slot: int | Cells) -> Cells:
        """The flat position of each row in the joint's counts, of its slot or of all, in the scratch's memory."""
        index = self._scratch.index[: rows.stop - rows.start]
        started = not isinstance(slot, int)
        if started or not joint:
            index[:] = slot if started else 0
        for part in joint:
            found, (fold, size) = cells.of(part.key), self._folds[part]
            if fold is not None:
                found = fold.take(found)
            if started:
                np.multiply(index, size, out=index)
                np.add(index, found, out=index)
            else:
                index[:] = found
                started = True
        return index


def _spread(by_code: Counts, cell_of_code: Cells, counts: Counts) -> None:
    for totals, found in zip(counts, by_code, strict=True):
        np.add.at(totals, cell_of_code, found)


def _shared_keys(counted: Collection[Joint], sums: Collection[Sum]) -> set[Key]:
    """Keys whose cells are made for slices: those of cross-tables and sums, and those counted more than once."""
    uses = Counter(part.key for joint in counted for part in joint)
    together = {part.key for joint in counted if len(joint) > 1 for part in joint}
    together |= {part.key for each in sums for part in each.by}
    return together | {key for key, used in uses.items() if used > 1}

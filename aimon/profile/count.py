"""Counting by streaming, the default kernel. In: a grid and rows. Out: profiles, by slot or in one.

Threads share out row groups; each counts blocks on a tally of its own, and tallies add up.
"""

from functools import partial

import numpy as np

from aimon.clock import SLOTS_PER_DAY
from aimon.errors import DataError
from aimon.profile.axis import CategoryAxis
from aimon.profile.grid import Grid
from aimon.profile.marginals import sources
from aimon.profile.plan import What, make_plan
from aimon.profile.profile import Profile
from aimon.profile.rows import Data, open_rows
from aimon.profile.tally import Tally
from aimon.profile.threads import one_pass


def count(grid: Grid, data: Data, *, what: What = "both", by_slot: bool = False) -> dict[int, Profile]:
    """Count rows by streaming them. A column that the data does not have leaves its tables out."""
    slots = SLOTS_PER_DAY if by_slot else 1
    counted = {slot: Profile(grid.id) for slot in range(slots)}
    categories = [column for column, axis in grid.axes.items() if isinstance(axis, CategoryAxis)]
    with open_rows(data) as opened:
        for rows in opened.groups:
            if by_slot and grid.timestamp not in rows.schema.names:
                raise DataError(f"the rows have no column {grid.timestamp!r}, so they cannot be counted by time of day")
            plan = make_plan(grid, rows.schema.names, what)
            timestamp = grid.timestamp if by_slot else None
            start = partial(Tally, plan, sources(grid, plan.joints), timestamp, slots)
            first, *others = one_pass(rows, categories, start, Tally.add)
            for other in others:
                first.merge(other)
            for slot, profile in plan.profiles(first.made(), slots).items():
                counted[slot] += profile
    return {slot: profile if profile.tables else empty_profile(grid, what) for slot, profile in counted.items()}


def count_all(grid: Grid, data: Data, *, what: What = "both") -> Profile:
    """Count rows into one profile."""
    return count(grid, data, what=what)[0]


def empty_profile(grid: Grid, what: What = "both") -> Profile:
    """The profile of no rows that have no columns."""
    plan = make_plan(grid, (), what)
    return plan.profiles({each: np.zeros((1, *plan.shape(each)), np.int64) for each in plan.made_of}, 1)[0]

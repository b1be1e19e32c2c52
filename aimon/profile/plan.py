"""The plan of a count: which joint histograms and sums a kernel must make, and how profiles are read off them.

In: a grid and the columns that the data has. Out: joints and sums to make, the same for every kernel; then profiles.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from aimon.profile.grid import Grid
from aimon.profile.key import Joint, Part, Sum
from aimon.profile.profile import Counts, Profile, TableKey
from aimon.profile.recipe import Recipe, recipe
from aimon.profile.tables import tables

What = Literal["feature", "outcome", "both"]
Made = Mapping[Joint | Sum, Counts]
"""Counts of each joint and sum; the first axis is the slot."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a kernel has to make, and what becomes of it."""

    grid: Grid
    recipes: tuple[Recipe, ...]

    @property
    def made_of(self) -> list[Joint | Sum]:
        """Everything a kernel has to make, once."""
        return list(dict.fromkeys(recipe.made_of for recipe in self.recipes))

    @property
    def joints(self) -> list[Joint]:
        """Each joint histogram, once."""
        return [made_of for made_of in self.made_of if not isinstance(made_of, Sum)]

    @property
    def sums(self) -> list[Sum]:
        """Each sum, once."""
        return [made_of for made_of in self.made_of if isinstance(made_of, Sum)]

    @property
    def parts(self) -> list[Part]:
        """The parts of every joint and sum, once."""
        joints = (made_of.by if isinstance(made_of, Sum) else made_of for made_of in self.made_of)
        return list(dict.fromkeys(part for joint in joints for part in joint))

    def shape(self, made_of: Joint | Sum) -> tuple[int, ...]:
        """The shape of one slot's counts of the joint or sum."""
        if isinstance(made_of, Sum):
            return (*(part.size(self.grid) for part in made_of.by), made_of.measure.width)
        return tuple(part.size(self.grid) for part in made_of)

    def profiles(self, made: Made, slots: int) -> dict[int, Profile]:
        """One profile a slot. A table without rows in a segment is left out."""
        profiles = {}
        for slot in range(slots):
            found: dict[TableKey, Counts] = {}
            for each in self.recipes:
                counts = each.read(made[each.made_of][slot])
                if each.segments is None:
                    found[TableKey(each.table.name)] = counts
                    continue
                labels = self.grid.segment_axis(each.segments).labels
                rows = zip(labels, counts, strict=True)
                found |= {TableKey(each.table.name, label): part for label, part in rows if part.any()}
            profiles[slot] = Profile(self.grid.id, found)
        return profiles


def make_plan(grid: Grid, available: Collection[str], what: What = "both") -> Plan:
    """The plan for data that has the `available` columns; tables that need others are left out."""
    wanted = {
        name: table
        for name, table in tables(grid).items()
        if set(table.columns) <= set(available) and what in ("both", "outcome" if table.outcome else "feature")
    }
    recipes = [recipe(grid, table, wanted) for table in wanted.values()]
    inner = [each for each in recipes if each.table.segmented]
    columns = [column for column in grid.segments if column in available]
    return Plan(grid, (*recipes, *(each.within(column) for column in columns for each in inner)))

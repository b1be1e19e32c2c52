"""The groups of protected attributes. In: a grid and a profile. Out: named groups with their counts, and the unknown.

A row whose attribute is null, unseen, or too rare for a cell of its own is of unknown group: counted, and in no rate.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from aimon.profile.axis import CategoryAxis, GroupAxis
from aimon.profile.grid import NO_PREDICTION, NOT_SELECTED, SELECTED, Grid
from aimon.profile.profile import Counts, Profile

Ints = NDArray[np.int64]
Name = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of one attribute, or of a pair of them.

    `selection` is by group and prediction, `outcome` by group,
    prediction and label; `unknown` is the selection of the rows of unknown group.
    """

    column: Name
    names: tuple[Name, ...]
    selection: Counts
    unknown: Counts
    outcome: Counts | None
    scores: Counts | None

    @property
    def rows(self) -> Ints:
        """Rows by group, with and without a prediction."""
        return np.asarray(self.selection.sum(axis=1))

    @property
    def predicted(self) -> Ints:
        """Rows by group that have a prediction."""
        return np.asarray(self.rows - self.selection[:, NO_PREDICTION])

    @property
    def selected(self) -> Ints:
        return np.asarray(self.selection[:, SELECTED])

    @property
    def unknown_predicted(self) -> tuple[int, int]:
        """Selected and not selected rows of unknown group."""
        return int(self.unknown[SELECTED]), int(self.unknown[NOT_SELECTED])


def attributes(grid: Grid, segment: str | None) -> Iterator[tuple[str, ...]]:
    """Each protected attribute, then each pair; a segment has single attributes only."""
    yield from ((attribute,) for attribute in grid.protected)
    if segment is None:
        yield from combinations(grid.protected, 2)


def groups_of(grid: Grid, profile: Profile, chosen: tuple[str, ...], segment: str | None = None) -> Groups | None:
    """The groups of the chosen attributes; None where their selection was not counted."""
    name = "*".join(chosen)
    table = profile.get(f"selection:{name}", segment)
    if table is None:
        return None
    axes = [grid.group_axis(attribute) for attribute in chosen]
    sizes = [named_cells(axis) for axis in axes]
    labels = [axis.labels[:size] for axis, size in zip(axes, sizes, strict=True)]
    names: tuple[Name, ...] = labels[0] if len(chosen) == 1 else tuple(product(*labels))
    inside = tuple(slice(size) for size in sizes)
    selection = table[inside].reshape(len(names), table.shape[-1])
    outcome = profile.get(f"outcome:{name}", segment)
    scores = profile.get(f"score_label:{name}", segment)
    return Groups(
        column=chosen[0] if len(chosen) == 1 else chosen,
        names=names,
        selection=selection,
        unknown=table.reshape(-1, table.shape[-1]).sum(axis=0) - selection.sum(axis=0),
        outcome=None if outcome is None else outcome[inside].reshape(len(names), 2, 2),
        scores=None if scores is None else scores[inside],
    )


def named_cells(axis: GroupAxis) -> int:
    """How many cells of the axis are groups; those after them are the unknown."""
    return axis.tail_cell if isinstance(axis, CategoryAxis) else axis.null

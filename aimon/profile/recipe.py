"""Which joint histogram or sum each table is read off, and how. In: a table of a grid. Out: its recipe.

Tables that share columns share a joint: selection, confusion and outcome are all read off (groups, prediction, label).
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from aimon.profile.axis import Cells
from aimon.profile.grid import NO_PREDICTION, Grid
from aimon.profile.key import Joint, Key, Measure, Part, Resolution, Source, Sum, cell
from aimon.profile.profile import Counts
from aimon.profile.tables import Table
from aimon.spec.model import Task

DROP = -1


class Fold(NamedTuple):
    """The table's cell for each cell of a part; DROP leaves the rows out."""

    cells: Cells
    size: int


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one table is read off a joint or a sum: `folds` are by part, None keeps the part as it is."""

    table: Table
    made_of: Joint | Sum
    folds: tuple[Fold | None, ...] = ()
    segments: str | None = None

    def within(self, column: str) -> "Recipe":
        """The same table, coarse, in each segment of a column: the segment becomes the first axis."""
        part = cell(column, Resolution.SEGMENT)
        if isinstance(self.made_of, Sum):
            made_of: Joint | Sum = replace(self.made_of, by=(part, *self.made_of.by))
        else:
            made_of = (part, *map(_coarse, self.made_of))
        return Recipe(self.table.coarse(), made_of, (None, *self.folds), column)

    def read(self, counts: Counts) -> Counts:
        """The table's counts, from one slot's counts of what it is made of."""
        for position, fold in enumerate(self.folds):
            if fold is not None:
                counts = _folded(counts, position, fold)
        leading = counts.shape[:1] if self.segments is not None else ()
        return counts.reshape(*leading, *self.table.shape)


def recipe(grid: Grid, table: Table, wanted: Collection[str]) -> Recipe:
    """The recipe of a table of all rows; `wanted` names the tables that are counted with it."""
    kind, _, subject = table.name.partition(":")
    if kind in ("selection", "outcome") or (kind == "confusion" and grid.task is Task.BINARY):
        return _decisions(grid, table, kind, wanted)
    if kind == "score_label":
        return _scores(grid, table, subject)
    if kind == "class_score":
        column = grid.class_scores[subject]
        return Recipe(table, (cell(column), Part(Key(Source.OF_CLASS, column))), (None, _without_last(3)))
    if kind == "labelled":
        return _labelled(grid, table)
    return Recipe(table, *_counted(grid, table, kind, subject))


def _counted(grid: Grid, table: Table, kind: str, subject: str) -> tuple[Joint | Sum, tuple[Fold | None, ...]]:
    label = cell(grid.label or "")
    made: dict[str, tuple[Joint | Sum, tuple[Fold | None, ...]]] = {
        "rows": ((), ()),
        "column": ((cell(subject),), (None,)),
        "label": ((label,), (None,)),
        "confusion": ((cell(grid.prediction), label), (None, None)),
        "residual": ((Part(Key(Source.RESIDUAL, grid.prediction)),), (None,)),
        "residual_by_prediction": (
            Sum(Measure.RESIDUAL, grid.prediction, (cell(grid.prediction, Resolution.COARSE),)),
            (None,),
        ),
        "relative_error": (Sum(Measure.RELATIVE, grid.prediction), ()),
        "coverage": ((Part(Key(Source.COVERED, grid.lower or "")),), (_without_last(4),)),
        "label_moments": (Sum(Measure.LABEL, label.key.column), ()),
        "characters": (Sum(Measure.CHARACTERS, subject), ()),
    }
    if kind in made:
        return made[kind]
    if kind == "operations":
        return _operation(table.columns[0], subject)
    part = Part(Key(Source(kind), subject))
    drops_none = part.key.source in (Source.EMPTY, Source.DISTINCT)
    return (part,), (_without_last(part.size(grid)) if drops_none else None,)


def _decisions(grid: Grid, table: Table, kind: str, wanted: Collection[str]) -> Recipe:
    """Selection, outcome and confusion, off (groups, prediction, label) where the label is counted too."""
    attributes = tuple(column for column in table.columns if column not in (grid.prediction, grid.label))
    if kind == "confusion":
        attributes = next(((name,) for name in grid.protected if f"outcome:{name}" in wanted), ())
    groups = tuple(cell(attribute, Resolution.GROUP) for attribute in attributes)
    kept = tuple(_summed(part.size(grid)) if kind == "confusion" else None for part in groups)
    prediction, label = cell(grid.prediction), cell(grid.label or "")
    selected = grid.selected_cells()
    if kind != "selection":
        decided = Fold(np.where(selected == NO_PREDICTION, DROP, selected), 2)
        return Recipe(table, (*groups, prediction, label), (*kept, decided, _truth(grid)))
    decided = Fold(selected, 3)
    if f"outcome:{'*'.join(attributes)}" in wanted:
        return Recipe(table, (*groups, prediction, label), (*kept, decided, _summed(label.size(grid))))
    return Recipe(table, (*groups, prediction), (*kept, decided))


def _scores(grid: Grid, table: Table, attribute: str) -> Recipe:
    score, label = grid.score or "", grid.label or ""
    if grid.task is Task.MULTICLASS:
        truth, fold = Part(Key(Source.CORRECT, grid.prediction)), _without_last(3)
    else:
        truth, fold = cell(label), _truth(grid)
    if not attribute:
        return Recipe(table, (cell(score), truth), (None, fold))
    group = cell(attribute, Resolution.GROUP)
    return Recipe(table, (group, cell(score, Resolution.COARSE), truth), (None, None, fold))


def _operation(column: str, operation: str) -> tuple[Joint | Sum, tuple[Fold | None, ...]]:
    if operation in ("tokens", "cost"):
        return Sum(Measure(operation), column), ()
    part = Part(Key(Source.ERROR, column)) if operation == "error" else cell(column)
    return (part,), (None,)


def _truth(grid: Grid) -> Fold:
    positive = grid.positive_cells()
    return Fold(np.where(positive == 2, DROP, positive), 2)


def _labelled(grid: Grid, table: Table) -> Recipe:
    """With a label, or without; a label that is no finite number is none. Coarse, so that segments read it alike."""
    label = grid.label or ""
    axis = grid.coarse(label)
    cells = np.zeros(axis.size, np.int64)
    cells[axis.null :] = 1  # for numbers null, NaN, infinities and unreadable text are the last cells
    return Recipe(table, (cell(label, Resolution.COARSE),), (Fold(cells, 2),))


def _summed(size: int) -> Fold:
    return Fold(np.zeros(size, np.int64), 1)


def _without_last(size: int) -> Fold:
    return Fold(np.append(np.arange(size - 1), DROP), size - 1)


def _coarse(part: Part) -> Part:
    return replace(part, resolution=Resolution.COARSE) if part.resolution is Resolution.FINE else part


def _folded(counts: Counts, position: int, fold: Fold) -> Counts:
    moved = np.moveaxis(counts, position, 0)
    folded = np.zeros((fold.size, *moved.shape[1:]), np.int64)
    kept = fold.cells != DROP
    np.add.at(folded, fold.cells[kept], moved[kept])
    return np.moveaxis(folded, 0, position)

"""The tables of a grid: their names, axes and shapes. In: a grid. Out: what a profile on it may hold.

Feature tables hold nothing of a label, outcome tables need one, so that late labels recount only the second kind.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from aimon.profile.axis import CategoryAxis, FixedAxis, TableAxis
from aimon.profile.grid import Grid
from aimon.profile.sums import SUM_LABELS
from aimon.spec.model import Kind, Task

ROWS = FixedAxis(labels=("rows",))
SELECTION = FixedAxis(labels=("not selected", "selected", "no prediction"))
SELECTED = FixedAxis(labels=("not selected", "selected"))
POSITIVE = FixedAxis(labels=("negative", "positive"))
CORRECT = FixedAxis(labels=("wrong", "correct"))
COVERED = FixedAxis(labels=("below", "inside", "above"))
LABELLED = FixedAxis(labels=("with label", "without label"))
HOURS = FixedAxis(labels=(*(f"{hour:02}h" for hour in range(24)), "none"))
WEEKDAYS = FixedAxis(labels=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "none"))
CHARACTERS = FixedAxis(labels=("letters", "digits", "spaces", "punctuation", "other"))
EMPTY = FixedAxis(labels=("filled", "empty"))
ERROR = FixedAxis(labels=("ok", "error"))
TOKENS = FixedAxis(labels=("rows", "sum"))
COST = FixedAxis(labels=("rows", "micro-USD"))
SUMS = FixedAxis(labels=SUM_LABELS)
OUTCOMES = {
    *("labelled", "label", "confusion", "outcome", "score_label"),
    *("residual", "residual_by_prediction", "relative_error", "label_moments", "coverage", "class_score"),
}
DISTINCT_BUCKETS, DISTINCT_RANKS = 1024, 24
BUCKETS = FixedAxis(labels=tuple(f"bucket {bucket}" for bucket in range(DISTINCT_BUCKETS)))
RANKS = FixedAxis(labels=tuple(f"rank {rank}" for rank in range(DISTINCT_RANKS)))


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a grid. `columns` are the data's columns it needs: where one is missing, the table is absent."""

    name: str
    axes: tuple[TableAxis, ...]
    columns: tuple[str, ...]
    outcome: bool = False
    segmented: bool = True

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(axis.size for axis in self.axes)

    def coarse(self) -> "Table":
        """The table as it is counted in a segment: numbers in 32 steps."""
        axes = tuple(
            axis if isinstance(axis, FixedAxis) or axis.kind == "band" else axis.coarse() for axis in self.axes
        )
        return Table(self.name, axes, self.columns, self.outcome, self.segmented)


def tables(grid: Grid) -> dict[str, Table]:
    """Every table of the grid by name, for all rows; `table.coarse()` is its form in a segment."""
    return {table.name: table for table in (*_feature_tables(grid), *_outcome_tables(grid))}


def is_outcome(table: str) -> bool:
    """Whether a table of this name needs labels."""
    return table.partition(":")[0] in OUTCOMES


def segments(grid: Grid) -> list[str]:
    """Every segment of the grid, as in `TableKey.segment`."""
    return [label for column in grid.segments for label in grid.segment_axis(column).labels]


def _feature_tables(grid: Grid) -> Iterator[Table]:
    yield Table("rows", (ROWS,), ())
    for column in grid.columns:
        yield Table(f"column:{column}", (grid.axes[column],), (column,))
        yield from _beside_column(grid, column)
    if grid.selects:
        for attributes in _groups(grid):
            axes = tuple(grid.group_axis(attribute) for attribute in attributes)
            name = "*".join(attributes)
            needs = (*attributes, grid.prediction)
            yield Table(f"selection:{name}", (*axes, SELECTION), needs, segmented=len(attributes) == 1)
    yield from _operations(grid)


def _operations(grid: Grid) -> Iterator[Table]:
    if grid.latency is not None:
        yield Table("operations:latency", (grid.axes[grid.latency],), (grid.latency,))
    counted = (("error", grid.error, ERROR), ("tokens", grid.tokens, TOKENS), ("cost", grid.cost, COST))
    for operation, column, axis in counted:
        if column is not None:
            yield Table(f"operations:{operation}", (axis,), (column,))


def _beside_column(grid: Grid, column: str) -> Iterator[Table]:
    if grid.kinds[column] is Kind.DATETIME:
        yield Table(f"hour:{column}", (HOURS,), (column,), segmented=False)
        yield Table(f"weekday:{column}", (WEEKDAYS,), (column,), segmented=False)
    if grid.kinds[column] is Kind.TEXT:
        yield Table(f"characters:{column}", (CHARACTERS,), (column,), segmented=False)
        yield Table(f"empty:{column}", (EMPTY,), (column,), segmented=False)
    if column in grid.crowded:
        yield Table(f"distinct:{column}", (BUCKETS, RANKS), (column,), segmented=False)


def _outcome_tables(grid: Grid) -> Iterator[Table]:
    if grid.label is None:
        return
    label = (grid.label,)
    both = (grid.prediction, grid.label)
    yield Table("labelled", (LABELLED,), label, outcome=True)
    yield Table("label", (grid.axes[grid.label],), label, outcome=True)
    if grid.task is Task.BINARY and grid.selects:
        yield Table("confusion", (SELECTED, POSITIVE), both, outcome=True)
        for attributes in _groups(grid):
            axes = (*(grid.group_axis(attribute) for attribute in attributes), SELECTED, POSITIVE)
            name = f"outcome:{'*'.join(attributes)}"
            yield Table(name, axes, (*attributes, *both), outcome=True, segmented=len(attributes) == 1)
    if grid.task is Task.MULTICLASS:
        yield Table("confusion", (grid.axes[grid.prediction], grid.axes[grid.label]), both, outcome=True)
    if grid.score is not None and _labels_are_classes(grid):
        yield from _score_tables(grid, grid.score, both)
    for name, column in grid.class_scores.items():
        yield Table(f"class_score:{name}", (grid.axes[column], POSITIVE), (column, *label), outcome=True)
    if grid.residual is not None:
        yield Table("residual", (grid.residual,), both, outcome=True)
        yield Table("residual_by_prediction", (grid.coarse(grid.prediction), SUMS), both, outcome=True)
        yield Table("relative_error", (SUMS,), both, outcome=True)
        yield Table("label_moments", (SUMS,), label, outcome=True)
    if grid.lower is not None and grid.upper is not None:
        yield Table("coverage", (COVERED,), (grid.lower, grid.upper, *label), outcome=True)


def _score_tables(grid: Grid, score: str, both: tuple[str, str]) -> Iterator[Table]:
    truth = CORRECT if grid.task is Task.MULTICLASS else POSITIVE
    needs = both if grid.task is Task.MULTICLASS else both[1:]
    yield Table("score_label", (grid.axes[score], truth), (score, *needs), outcome=True)
    for attribute in grid.protected:
        axes = (grid.group_axis(attribute), grid.coarse(score), truth)
        yield Table(f"score_label:{attribute}", axes, (attribute, score, *needs), outcome=True, segmented=False)


def _labels_are_classes(grid: Grid) -> bool:
    if grid.task is Task.BINARY:
        return bool(grid.label_positive)
    return grid.task is Task.MULTICLASS and isinstance(grid.axes[grid.label or ""], CategoryAxis)


def _groups(grid: Grid) -> Iterator[tuple[str, ...]]:
    """Each protected attribute, then each pair of them."""
    yield from ((attribute,) for attribute in grid.protected)
    yield from combinations(grid.protected, 2)

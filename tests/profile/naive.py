"""Counting as one would by hand: row after row, in plain Python, straight from the definitions. Slow and obvious."""

import math
from collections import Counter
from datetime import UTC, date, datetime
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa

from aimon.profile.axis import BandAxis, CategoryAxis, NumericAxis, ProbabilityAxis
from aimon.profile.canonical import canonical_text
from aimon.profile.distinct import distinct_cell
from aimon.profile.grid import Grid
from aimon.spec.model import Kind, Task

Naive = dict[str, Counter[tuple[int, ...]]]


def number_of(value: Any, kind: Kind) -> float | str | None:
    """A number, None where null, `?` where unreadable."""
    if value is None:
        return None
    if kind is Kind.TEXT:
        return float(len(value)) if isinstance(value, str) else "?"
    if kind is Kind.DATETIME:
        return seconds_of(value)
    if isinstance(value, str):
        return parsed(value)
    return "?" if isinstance(value, datetime | date | list) else float(value)


def parsed(text: str) -> float | str:
    if "\n" in text or text.endswith("e400"):
        return "?"
    try:
        return float(text.strip(" "))
    except ValueError:
        return "?"


def seconds_of(value: Any) -> float | str:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return "?"
    if not isinstance(value, date):
        return "?"
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)  # noqa: DTZ001
    aware = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    microseconds = (aware - datetime(1970, 1, 1, tzinfo=UTC)) / np.timedelta64(1, "us").item()
    return round(microseconds) / 1e6


def cell_of(grid: Grid, column: str, value: Any) -> int:
    """The cell of one value on its column's axis."""
    axis = grid.axes[column]
    if isinstance(axis, CategoryAxis):
        return category_of(axis, canonical_text(value))
    return step_of(axis, number_of(value, grid.kinds[column]))


def category_of(axis: CategoryAxis, text: str | None) -> int:
    if text is None:
        return axis.null
    other = {"true": "1", "1": "true", "false": "0", "0": "false"}.get(text)
    both = {"true", "1"} <= set(axis.values) or {"false", "0"} <= set(axis.values)
    for known in (text, other) if not both else (text,):
        if known in axis.values:
            return axis.values.index(known)
    return axis.tail_cell if text in axis.tail else axis.unseen


def step_of(axis: NumericAxis | ProbabilityAxis, number: float | str | None) -> int:
    if number is None:
        return axis.null
    if isinstance(number, str):
        return axis.unreadable
    if math.isnan(number):
        return axis.nan
    if isinstance(axis, ProbabilityAxis):
        return int(axis.cell(np.array([number]))[0]) if 0 <= number <= 1 else axis.outside
    if math.isinf(number):
        return axis.positive_infinity if number > 0 else axis.negative_infinity
    return int(axis.cell(np.array([number]))[0])


def group_of(grid: Grid, attribute: str, value: Any) -> int:
    axis = grid.group_axis(attribute)
    if isinstance(axis, CategoryAxis):
        return cell_of(grid, attribute, value)
    assert isinstance(axis, BandAxis)
    number = number_of(value, grid.kinds[attribute])
    if number is None or isinstance(number, str) or math.isnan(number):
        return axis.null
    return sum(number >= edge for edge in axis.edges)


def count_by_hand(grid: Grid, table: pa.Table) -> Naive:
    """Every table of counts (not of sums) for all rows, as Counters of cells."""
    counted: Naive = {}
    for row in table.to_pylist():
        for name, cells in cells_of_row(grid, row):
            counted.setdefault(name, Counter())[cells] += 1
    return counted


def cells_of_row(grid: Grid, row: dict[str, Any]) -> Any:
    yield "rows", (0,)
    for column in grid.columns:
        yield f"column:{column}", (cell_of(grid, column, row[column]),)
        if column in grid.crowded and canonical_text(row[column]) is not None:
            yield f"distinct:{column}", divmod(distinct_cell(str(canonical_text(row[column]))), 24)
        if grid.kinds[column] is Kind.TEXT and isinstance(row[column], str):
            yield f"empty:{column}", (int(not row[column].strip(" ")),)
        if grid.kinds[column] is Kind.DATETIME:
            seconds = number_of(row[column], Kind.DATETIME)
            known = isinstance(seconds, float)
            yield f"hour:{column}", (int(seconds // 3600) % 24 if known else 24,)
            yield f"weekday:{column}", ((int(seconds // 86400) + 3) % 7 if known else 7,)
    prediction = canonical_text(row[grid.prediction])
    if grid.positive:
        selected = 2 if prediction is None else int(prediction in grid.positive)
        for attributes in groups(grid):
            yield f"selection:{'*'.join(attributes)}", (*(group_of(grid, a, row[a]) for a in attributes), selected)
    if grid.latency:
        yield "operations:latency", (cell_of(grid, grid.latency, row[grid.latency]),)
    if grid.error:
        yield "operations:error", (int(canonical_text(row[grid.error]) not in (None, "", "false", "0")),)
    if grid.label:
        yield from outcomes_of_row(grid, row, prediction)


def outcomes_of_row(grid: Grid, row: dict[str, Any], prediction: str | None) -> Any:
    label = grid.label or ""
    yield "label", (cell_of(grid, label, row[label]),)
    if grid.task in (Task.BINARY, Task.MULTICLASS):
        truth = canonical_text(row[label])
        yield "labelled", (int(truth is None),)
    else:
        number = number_of(row[label], Kind.NUMERIC)
        yield "labelled", (int(not isinstance(number, float) or not math.isfinite(number)),)
    if grid.task is Task.MULTICLASS:
        yield from classes_of_row(grid, row, prediction, truth)
    if grid.task is Task.BINARY and truth is not None:
        positive = int(truth in grid.label_positive)
        yield "score_label", (cell_of(grid, grid.score or "", row[grid.score]), positive)
        if prediction is not None:
            selected = int(prediction in grid.positive)
            yield "confusion", (selected, positive)
            for attributes in groups(grid):
                where = tuple(group_of(grid, a, row[a]) for a in attributes)
                yield f"outcome:{'*'.join(attributes)}", (*where, selected, positive)
    if grid.residual is not None:
        yield from numbers_of_row(grid, row)


def classes_of_row(grid: Grid, row: dict[str, Any], prediction: str | None, truth: str | None) -> Any:
    label = grid.label or ""
    cells = cell_of(grid, grid.prediction, row[grid.prediction]), cell_of(grid, label, row[label])
    yield "confusion", cells
    if prediction is not None and truth is not None and not (cells[0] == cells[1] >= len(grid.axes[label].values)):  # type: ignore[union-attr]
        yield "score_label", (cell_of(grid, grid.score or "", row[grid.score]), int(prediction == truth))
    if truth is not None:
        for name, column in grid.class_scores.items():
            yield f"class_score:{name}", (cell_of(grid, column, row[column]), int(truth == name))


def numbers_of_row(grid: Grid, row: dict[str, Any]) -> Any:
    label = grid.label or ""
    if grid.lower is not None and grid.upper is not None:
        low, high, actual = (number_of(row[name], Kind.NUMERIC) for name in (grid.lower, grid.upper, label))
        three = [each for each in (low, high, actual) if isinstance(each, float) and not math.isnan(each)]
        if len(three) == 3 and math.isfinite(three[2]):
            yield "coverage", (0 if three[2] < three[0] else 2 if three[2] > three[1] else 1,)
    assert grid.residual is not None
    pair = [number_of(row[name], Kind.NUMERIC) for name in (grid.prediction, label)]
    known = all(isinstance(each, float) and math.isfinite(each) for each in pair)
    yield "residual", (step_of(grid.residual, pair[0] - pair[1] if known else None),)  # type: ignore[operator]


def groups(grid: Grid) -> list[tuple[str, ...]]:
    return [(attribute,) for attribute in grid.protected] + list(combinations(grid.protected, 2))

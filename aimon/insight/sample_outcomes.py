"""What became of each row of two samples, read by the roles of the grid. In: grid and tables. Out: losses, answers.

The one place where insight meets predictions and labels; everything behind it takes arrays.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from aimon.insight.rootcause_model import Answer, Answers
from aimon.insight.sample_columns import Column, Floats, categories, numbers
from aimon.insight.segments_question import Outcomes
from aimon.profile.grid import Grid
from aimon.spec.model import Task


def explored(grid: Grid) -> list[str]:
    """The columns that are looked at: what the model reads, protected attributes and segment columns."""
    return list(dict.fromkeys((*grid.features, *grid.protected, *grid.segments)))


def targets(grid: Grid) -> list[str]:
    """The columns whose drift inside segments is looked for beside these: the model's answers."""
    return [grid.prediction, *([] if grid.score is None else [grid.score])]


def outcomes(grid: Grid, reference: pa.Table, current: pa.Table, columns: Sequence[Column]) -> Outcomes:
    """How wrong each prediction was, who was selected, what came true, and the protected attributes."""
    selected = _selected(grid, reference, current)
    loss, name = _loss(grid, reference, current, selected)
    groups = {column.name: column for column in columns if column.name in grid.protected and not column.is_numeric}
    return Outcomes(loss=loss, selected=selected, groups=groups, loss_name=name)


def answers(grid: Grid, reference: pa.Table, current: pa.Table) -> Answers | None:
    """The model's answers and the truth; None for tasks without a truth to compare with, or without labels."""
    if grid.label is None or not _has(grid.label, reference) or not _has(grid.prediction, reference, current):
        return None
    if grid.task is Task.REGRESSION:
        return Answers(
            Answer.NUMBER, _numbers(grid.prediction, reference, current), _numbers(grid.label, reference, current)
        )
    if grid.task is Task.MULTICLASS:
        return Answers(Answer.CLASS, *_classes(grid.prediction, grid.label, reference, current))
    selected = _selected(grid, reference, current)
    if grid.task is not Task.BINARY or selected is None:
        return None
    given = selected
    if grid.score is not None and grid.scores_are_probabilities and _has(grid.score, reference, current):
        given = _numbers(grid.score, reference, current)
    return Answers(Answer.PROBABILITY, given, _members(grid.label, grid.label_positive, reference, current))


def _loss(grid: Grid, reference: pa.Table, current: pa.Table, selected: Floats | None) -> tuple[Floats | None, str]:
    if grid.label is None or not _has(grid.label, current) or not _has(grid.prediction, reference, current):
        return None, "error"
    if grid.task is Task.REGRESSION:
        given, truth = (_numbers(name, reference, current) for name in (grid.prediction, grid.label))
        return np.abs(given - truth), "mean absolute error"
    if grid.task is Task.MULTICLASS:
        given, truth = _classes(grid.prediction, grid.label, reference, current)
    elif grid.task is Task.BINARY and selected is not None:
        given, truth = selected, _members(grid.label, grid.label_positive, reference, current)
    else:
        return None, "error"
    known = ~np.isnan(given) & ~np.isnan(truth)
    return np.where(known, (given != truth).astype(np.float64), np.nan), "error rate"


def _selected(grid: Grid, reference: pa.Table, current: pa.Table) -> Floats | None:
    if not grid.selects or not _has(grid.prediction, reference, current):
        return None
    return _members(grid.prediction, grid.positive, reference, current)


def _has(name: str, *tables: pa.Table) -> bool:
    return all(name in table.column_names for table in tables)


def _pooled(name: str, reference: pa.Table, current: pa.Table) -> list[pa.ChunkedArray]:
    """The column of both tables; nulls where one lacks it."""
    return [
        table[name] if name in table.column_names else pa.chunked_array([pa.nulls(table.num_rows, pa.string())])
        for table in (reference, current)
    ]


def _numbers(name: str, reference: pa.Table, current: pa.Table) -> Floats:
    return np.concatenate([numbers(part) for part in _pooled(name, reference, current)])


def _texts(name: str, reference: pa.Table, current: pa.Table) -> list[tuple[np.ndarray, list[str | None]]]:
    return [categories(part) for part in _pooled(name, reference, current)]


def _members(name: str, positive: Sequence[str], reference: pa.Table, current: pa.Table) -> Floats:
    """1 where the value is one of these, 0 where it is another, NaN where there is none."""
    parts = []
    for rows, texts in _texts(name, reference, current):
        meaning = np.array([np.nan if text is None else float(text in positive) for text in texts])
        parts.append(meaning[rows])
    return np.concatenate(parts)


def _classes(prediction: str, label: str, reference: pa.Table, current: pa.Table) -> tuple[Floats, Floats]:
    """Predictions and labels under one coding."""
    coded = {name: _texts(name, reference, current) for name in (prediction, label)}
    known = sorted({text for parts in coded.values() for _, texts in parts for text in texts if text is not None})
    code = {text: float(number) for number, text in enumerate(known)}
    given, truth = (
        np.concatenate(
            [np.array([np.nan if text is None else code[text] for text in texts])[rows] for rows, texts in coded[name]]
        )
        for name in (prediction, label)
    )
    return given, truth

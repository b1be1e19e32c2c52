"""Predictions against labels, as they are drawn: a calibration curve and a confusion table. In: outcome counts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aimon.profile.axis import CategoryAxis, ProbabilityAxis
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile
from aimon.spec.model import Task

CURVE_POINTS = 10
CLASSES = 12
REST = "(other classes)"


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Rows of similar score: their mean score, the share that came true, and how many they are."""

    score: float
    observed: float
    rows: int


@dataclass(frozen=True, slots=True)
class Confusion:
    """Counts by prediction (rows) and label (columns)."""

    predicted: tuple[str, ...]
    actual: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]

    @property
    def total(self) -> int:
        return sum(map(sum, self.counts))


def calibration(grid: Grid, profile: Profile) -> tuple[CurvePoint, ...]:
    """Ten points of equally many rows, from low scores to high; none where there are no scores or labels."""
    counts = profile.get("score_label")
    axis = grid.axes[grid.score] if grid.score is not None else None
    if counts is None or not isinstance(axis, ProbabilityAxis):
        return ()
    steps = counts[: axis.steps]
    rows = steps.sum(axis=1)
    if rows.sum() == 0:
        return ()
    middle = (axis.edges[:-1] + axis.edges[1:]) / 2
    position = (np.cumsum(rows) - rows / 2) / rows.sum()
    point = np.minimum((position * CURVE_POINTS).astype(np.int64), CURVE_POINTS - 1)
    return tuple(
        CurvePoint(
            score=float((middle * rows)[point == number].sum() / rows[point == number].sum()),
            observed=float(steps[point == number, 1].sum() / rows[point == number].sum()),
            rows=int(rows[point == number].sum()),
        )
        for number in range(CURVE_POINTS)
        if rows[point == number].sum() > 0
    )


def confusion(grid: Grid, profile: Profile) -> Confusion | None:
    """The confusion table: two by two, or the classes with most rows and the others as one."""
    counts = profile.get("confusion")
    if counts is None or counts.sum() == 0:
        return None
    if grid.task is Task.BINARY:
        return _binary(grid, counts)
    axis = grid.axes[grid.prediction]
    label = grid.axes[grid.label or ""]
    if not isinstance(axis, CategoryAxis) or not isinstance(label, CategoryAxis):
        return None
    table = _several(axis, label, counts)
    return table if table.total else None


def _binary(grid: Grid, counts: NDArray[np.int64]) -> Confusion:
    selected, positive = " or ".join(grid.positive), " or ".join(grid.label_positive)
    return Confusion(
        predicted=(selected, f"not {selected}"),
        actual=(positive, f"not {positive}"),
        counts=tuple(tuple(int(cell) for cell in row[::-1]) for row in counts[::-1]),
    )


def _several(predicted: CategoryAxis, actual: CategoryAxis, counts: NDArray[np.int64]) -> Confusion:
    counts = counts.copy()
    counts[predicted.null], counts[:, actual.null] = 0, 0
    names = sorted({*predicted.values, *actual.values})
    weight = {name: _of(predicted, name, counts, 0) + _of(actual, name, counts, 1) for name in names}
    shown = sorted(names, key=lambda name: -weight[name])[:CLASSES]
    table = _sum(_sum(counts, _cells(predicted, shown), axis=0), _cells(actual, shown), axis=1)
    labels = (*shown, REST)
    keep = [i for i in range(len(labels)) if table[i].any() or table[:, i].any()]
    return Confusion(
        predicted=tuple(labels[i] for i in keep),
        actual=tuple(labels[i] for i in keep),
        counts=tuple(tuple(int(table[i, j]) for j in keep) for i in keep),
    )


def _of(axis: CategoryAxis, name: str, counts: NDArray[np.int64], side: int) -> int:
    return int(counts.take(axis.values.index(name), axis=side).sum()) if name in axis.values else 0


def _cells(axis: CategoryAxis, shown: list[str]) -> NDArray[np.int64]:
    """For each cell of the axis the place of its class among the shown ones; the last place is all others."""
    places = {name: place for place, name in enumerate(shown)}
    return np.array([places.get(name, len(shown)) for name in axis.values] + [len(shown)] * 3)


def _sum(counts: NDArray[np.int64], places: NDArray[np.int64], *, axis: int) -> NDArray[np.int64]:
    shape = list(counts.shape)
    shape[axis] = int(places.max()) + 1
    summed = np.zeros(shape, np.int64)
    np.add.at(summed if axis == 0 else summed.T, places, counts if axis == 0 else counts.T)
    return summed

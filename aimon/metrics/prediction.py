"""How the model's answers moved: classes, confidence, entropy. In: two profiles. Out: estimates. Needs no labels.

Up or down is not better or worse: a model that is more sure of itself is not an improved one.
"""

from collections.abc import Iterator

import numpy as np

from aimon.metrics.estimate import Estimate, Obstacle
from aimon.metrics.interval import LEAST_ROWS, few
from aimon.metrics.ordered import unit_places
from aimon.metrics.panel import LABEL, axis_of, without_missing
from aimon.metrics.proportions import Z95, newcombe, simultaneous_z
from aimon.profile.axis import CategoryAxis, Floats, ProbabilityAxis
from aimon.profile.grid import Grid
from aimon.profile.profile import Counts, Profile

NO_ROWS = "there are no rows to compare"


def prediction_shift(grid: Grid, baseline: Profile, current: Profile, segment: str | None = None) -> list[Estimate]:
    """Class shift of the prediction and the label, confidence and entropy shift of the score."""
    return [
        *_class_shifts(grid, baseline, current, segment),
        *_score_shifts(grid, baseline, current, segment),
    ]


def _class_shifts(grid: Grid, baseline: Profile, current: Profile, segment: str | None) -> Iterator[Estimate]:
    for table, column in ((f"column:{grid.prediction}", grid.prediction), (LABEL, grid.label)):
        before, after = baseline.get(table, segment), current.get(table, segment)
        axis = None if column is None else grid.axes[column]
        if column is None or before is None or after is None or not isinstance(axis, CategoryAxis):
            continue
        if table == LABEL:
            before, after = without_missing(axis, before), without_missing(axis, after)
        yield class_shift(column, before, after, labels=table == LABEL)


def class_shift(column: str, before: Counts, after: Counts, *, labels: bool = False) -> Estimate:
    """The largest absolute change of a class's share, over the union of classes.

    Its lower bound is the greatest over classes of Newcombe's, at a confidence at which all of them hold together.

    >>> shift = class_shift("decision", np.array([500, 500, 0]), np.array([300, 600, 100]))
    >>> round(shift.value, 2), round(shift.low, 3), round(shift.high, 3)
    (0.2, 0.151, 0.247)
    """
    n, m = int(before.sum()), int(after.sum())
    if n == 0 or m == 0:
        return Estimate(
            metric="class_shift",
            column=column,
            n_reference=n,
            n_current=m,
            labels=labels,
            obstacle=Obstacle.TOO_FEW_ROWS,
            note=NO_ROWS,
        )
    classes = (before > 0) | (after > 0)
    x, y = before[classes], after[classes]
    value = float(np.abs(y / m - x / n).max())
    low, high = newcombe(x, n, y, m, simultaneous_z(max(len(x) - 1, 1)))
    return Estimate(
        metric="class_shift",
        column=column,
        value=value,
        low=max(float(np.maximum(low, -high).max()), 0.0),
        high=max(float(np.maximum(-low, high).max()), value),
        n_reference=n,
        n_current=m,
        labels=labels,
    )


def _score_shifts(grid: Grid, baseline: Profile, current: Profile, segment: str | None) -> Iterator[Estimate]:
    if grid.score is None:
        return
    table = f"column:{grid.score}"
    before, after = baseline.get(table, segment), current.get(table, segment)
    axis = axis_of(grid, grid.score, segment)
    if before is None or after is None or isinstance(axis, CategoryAxis):
        return
    sides = before[: axis.steps], after[: axis.steps]
    if isinstance(axis, ProbabilityAxis):
        yield mean_shift("confidence_shift", grid.score, *sides, axis.places)
        yield mean_shift("entropy_shift", grid.score, *sides, entropy(axis.places))
    else:
        yield mean_shift("confidence_shift", grid.score, *sides, unit_places(axis), unit=axis.scale, described=True)


def entropy(scores: Floats) -> Floats:
    """How undecided a score is: -s ln s - (1 - s) ln(1 - s). Unit: nats; at most ln 2, at 0.5.

    >>> entropy(np.array([0.5, 0.9])).round(4).tolist()
    [0.6931, 0.3251]
    """
    from scipy.special import entr

    return np.asarray(entr(scores) + entr(1.0 - scores))


def mean_shift(
    metric: str,
    column: str,
    before: Counts,
    after: Counts,
    values: Floats,
    *,
    unit: float = 1.0,
    described: bool = False,
) -> Estimate:
    """Current mean minus reference mean of each step's value, with the interval and p-value of its standard error.

    Values are in this unit.

    Reference: Welch (1947), The generalization of Student's problem.

    >>> shift = mean_shift("confidence_shift", "p", np.array([50, 50]), np.array([20, 80]), np.array([0.4, 0.8]))
    >>> round(shift.value, 2), round(shift.low, 3), round(shift.high, 3)
    (0.12, 0.07, 0.17)
    """
    from scipy.special import ndtr

    n, m = int(before.sum()), int(after.sum())
    if n == 0 or m == 0:
        return Estimate(
            metric=metric, column=column, n_reference=n, n_current=m, obstacle=Obstacle.TOO_FEW_ROWS, note=NO_ROWS
        )
    small = min(n, m) < LEAST_ROWS
    means = [float((counts * values).sum()) / rows for counts, rows in ((before, n), (after, m))]
    error2 = sum(
        float((counts * (values - mean) ** 2).sum()) / max(rows - 1, 1) / rows
        for counts, rows, mean in ((before, n, means[0]), (after, m, means[1]))
    )
    value, error = (means[1] - means[0]) * unit, float(np.sqrt(error2)) * unit
    return Estimate(
        metric=metric,
        column=column,
        value=value,
        low=None if small else value - Z95 * error,
        high=None if small else value + Z95 * error,
        p_value=None if small else float(2.0 * ndtr(-abs(value) / error)) if error > 0 else float(value == 0.0),
        n_reference=n,
        n_current=m,
        described=described,
        obstacle=Obstacle.TOO_FEW_ROWS if small else None,
        note=few(min(n, m)) if small else None if value == 0.0 else f"the mean went {'up' if value > 0 else 'down'}",
    )

"""Concept drift: whether the model's errors changed along the rows of a period, and when. In: times and errors of rows.

It needs labels: a changed relation of rows and labels leaves no trace in anything else. Out: shifts of the error.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from aimon.insight.estimate_rows import Rows
from aimon.metrics.estimate import Estimate, Obstacle
from aimon.metrics.interval import Measure, compare, normal
from aimon.profile.grid import Grid
from aimon.profile.numbers import read_numbers
from aimon.spec.model import Kind, Task

Floats = NDArray[np.float64]

DELTA = 0.002
MOST_UPDATES = 100_000
LEAST_ROWS = 100


@dataclass(frozen=True, slots=True)
class Shift:
    """The mean error moved from `before` to `after` at about row `start`; it was noticed at row `noticed`."""

    start: int
    noticed: int
    before: Measure
    after: Measure

    @property
    def worse(self) -> bool:
        return (self.after.value or 0.0) > (self.before.value or 0.0)


@dataclass(frozen=True, slots=True)
class ErrorStream:
    """Errors of the labelled rows in the order of their time: 1 and 0 for wrong and right, or `sizes` of residuals."""

    seconds: Floats
    errors: Floats
    sizes: bool = False

    def moment(self, row: int) -> datetime:
        """When the row was predicted."""
        return datetime.fromtimestamp(float(self.seconds[row]), UTC)


def error_stream(grid: Grid, table: pa.Table) -> ErrorStream | None:
    """The errors of a table's labelled rows; None where it has no times or labels, or they make no error."""
    rows = Rows(grid, table)
    if grid.timestamp is None or not rows.has(grid.timestamp, grid.prediction, grid.label):
        return None
    times = read_numbers(table[grid.timestamp].combine_chunks(), Kind.DATETIME)
    if grid.task is Task.REGRESSION:
        errors = np.abs(rows.residuals)
    elif grid.task is Task.MULTICLASS or grid.selects:
        errors = _wrong(rows)
    else:
        return None
    kept = np.isfinite(errors) & times.finite()
    seconds = np.asarray(times.values[kept], np.float64)
    order = np.argsort(seconds, kind="stable")
    return ErrorStream(seconds[order], errors[kept][order], grid.task is Task.REGRESSION)


def shifts(errors: Floats, *, delta: float = DELTA) -> list[Shift]:
    """Where ADWIN, an adaptive window, finds that the mean of the stream changed; none below 100 rows.

    It keeps the longest window in which no two parts differ by more than chance allows with confidence 1 - `delta`.
    It says that there was a shift; where is the likeliest place between the last one and the moment it was noticed.
    Errors beyond their 99.9 % quantile count as that, and long streams are fed as means of at most 100,000 runs.
    Reference: Bifet and Gavalda (2007), Learning from time-changing data with adaptive windowing.

    >>> wrong = np.random.default_rng(1).random(4_000) < np.where(np.arange(4_000) < 2_000, 0.05, 0.2)
    >>> [(abs(shift.start - 2_000) < 200, shift.worse) for shift in shifts(wrong.astype(float))]
    [(True, True)]
    """
    from river.drift import ADWIN

    if len(errors) < LEAST_ROWS:
        return []
    run = -(-len(errors) // MOST_UPDATES)
    scaled, largest = errors, float(np.quantile(errors, 0.999, method="higher"))
    if largest > 0:
        scaled = np.minimum(errors / largest, 1.0)
    starts = np.arange(0, len(errors), run)
    means = np.add.reduceat(scaled, starts) / np.diff(np.append(starts, len(errors)))
    detector, cuts, begin = ADWIN(delta=delta), [], 0  # type: ignore[no-untyped-call]
    for place, mean in enumerate(means.tolist()):
        detector.update(mean)  # type: ignore[no-untyped-call]
        if detector.drift_detected:
            noticed = min((place + 1) * run, len(errors)) - 1
            begin += _steepest(scaled[begin : noticed + 1])
            cuts.append((begin, noticed))
    return _described(errors, cuts)


def concept_drift(stream: ErrorStream | None) -> Estimate:
    """`concept_drift`: the mean error since the last shift, less that before it; 0 where ADWIN found none."""
    rows = 0 if stream is None else len(stream.errors)
    if stream is None or rows < LEAST_ROWS:
        note = f"{rows} rows have a time and a label; {LEAST_ROWS} are the least"
        return Estimate(metric="concept_drift", n_current=rows, obstacle=Obstacle.TOO_FEW_ROWS, note=note)
    found = shifts(stream.errors)
    if not found:
        return Estimate(
            metric="concept_drift", value=0.0, low=0.0, high=0.0, n_current=rows, labels=True, described=stream.sizes
        )
    last = found[-1]
    moved = compare("concept_drift", last.after, last.before).change
    return Estimate(
        metric="concept_drift",
        value=None if moved is None else moved.value,
        low=None if moved is None else moved.low,
        high=None if moved is None else moved.high,
        n_reference=last.before.n,
        n_current=last.after.n,
        labels=True,
        described=stream.sizes,
        note=f"since about {stream.moment(last.start):%Y-%m-%d %H:%M} UTC",
    )


def _described(errors: Floats, cuts: list[tuple[int, int]]) -> list[Shift]:
    """Each cut with the mean errors between its neighbours."""
    edges = [0, *(start for start, _ in cuts), len(errors)]
    return [
        Shift(start, noticed, _mean(errors[edges[place] : start]), _mean(errors[start : edges[place + 2]]))
        for place, (start, noticed) in enumerate(cuts)
    ]


def _steepest(errors: Floats) -> int:
    """The cut of a stretch into two that explains most of its variance: the largest standardised cumulative sum."""
    n = len(errors)
    before = np.arange(1, n)
    gap = np.cumsum(errors)[:-1] - before * errors.mean()
    return int(np.argmax(gap**2 / (before * (n - before)))) + 1 if n > 1 else 0


def _mean(errors: Floats) -> Measure:
    if not len(errors):
        return Measure(None, None, None, 0)
    spread = float(errors.std(ddof=1)) if len(errors) > 1 else 0.0
    return normal(float(errors.mean()), spread / len(errors) ** 0.5, len(errors), least=0.0)


def _wrong(rows: Rows) -> Floats:
    """1 where the answer was wrong, 0 where right, NaN where unknown."""
    if rows.grid.task is Task.MULTICLASS:
        return 1.0 - rows.true
    return np.where(np.isfinite(rows.selected + rows.true), np.abs(rows.selected - rows.true), np.nan)

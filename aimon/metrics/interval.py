"""A measured number of one profile: value, bounds, rows. What performance, fairness and operations are made of."""

import math
from dataclasses import dataclass

import numpy as np

from aimon.metrics.estimate import Change, Column, Estimate, Group, Obstacle
from aimon.metrics.metric import Basis
from aimon.metrics.proportions import Z95, mover


@dataclass(frozen=True, slots=True)
class Measure:
    """A value, its 95 % interval, and the rows it rests on; the obstacle and note say why it cannot be had."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    obstacle: Obstacle | None = None
    note: str | None = None


def undefined(n: int, note: str) -> Measure:
    """A measure whose denominator is empty."""
    return Measure(None, None, None, n, Obstacle.NO_DENOMINATOR, note)


def share_of(successes: int, trials: int, empty: str) -> Measure:
    """A share with its Wilson interval; undefined, in the words of `empty`, without trials.

    One share at a time: the arrays of `proportions.wilson` cost ten times as much for a single one.

    >>> part = share_of(45, 50, "no rows")
    >>> part.value, round(part.low, 4), round(part.high, 4), part.n
    (0.9, 0.7864, 0.9565, 50)
    """
    if trials == 0:
        return undefined(0, empty)
    p, shrink = successes / trials, Z95 * Z95 / trials
    center = (p + shrink / 2.0) / (1.0 + shrink)
    half = Z95 * math.sqrt(p * (1.0 - p) / trials + shrink / (4.0 * trials)) / (1.0 + shrink)
    low, high = (0.0 if successes == 0 else center - half), (1.0 if successes == trials else center + half)
    return Measure(p, max(low, 0.0), min(high, 1.0), trials)


LEAST_ROWS = 30
"""A mean of fewer rows has no normal interval."""


def few(n: int) -> str:
    """Why so few rows have no interval."""
    return f"it rests on {n} row{'' if n == 1 else 's'}; an interval needs {LEAST_ROWS}"


def normal(value: float, error: float, n: int, *, least: float = -math.inf, most: float = math.inf) -> Measure:
    """A value with its standard error as a normal interval, inside the measure's range; none for few rows."""
    if n < LEAST_ROWS:
        return Measure(value, None, None, n, Obstacle.TOO_FEW_ROWS, few(n))
    return Measure(value, max(value - Z95 * error, least), min(value + Z95 * error, most), n)


def count_of(value: int, n: int) -> Measure:
    """A plain count: certain, so its bounds are itself."""
    return Measure(float(value), float(value), float(value), n)


def compare(
    metric: str,
    current: Measure,
    baseline: Measure | None,
    *,
    basis: Basis = Basis.VALUE,
    column: Column = None,
    group: Group = None,
    labels: bool = False,
) -> Estimate:
    """The current measure as an estimate, with its change since the baseline where both have a value."""
    return Estimate(
        metric=metric,
        column=column,
        group=group,
        value=current.value,
        low=current.low,
        high=current.high,
        n_reference=None if baseline is None else baseline.n,
        n_current=current.n,
        change=None if baseline is None else change(current, baseline, relative=basis is Basis.GROWTH),
        labels=labels,
        obstacle=current.obstacle,
        note=current.note,
    )


def change(current: Measure, baseline: Measure, *, relative: bool) -> Change | None:
    """Current minus baseline, or current over baseline minus 1, with the interval from both intervals.

    The ratio's interval is that of the difference of logarithms.

    >>> moved = change(Measure(0.7, 0.6, 0.8, 100), Measure(0.5, 0.4, 0.6, 100), relative=False)
    >>> round(moved.value, 3), round(moved.low, 4), round(moved.high, 4)
    (0.2, 0.0586, 0.3414)
    """
    now, then = _parts(current), _parts(baseline)
    if now is None or then is None:
        return None
    if not relative:
        low, high = mover(then[0], then[1:], now[0], now[1:])
        if not (np.isfinite(low) and np.isfinite(high)):
            return None
        return Change(baseline=then[0], value=now[0] - then[0], low=float(low), high=float(high))
    if now[0] <= 0 or then[0] <= 0:
        return None
    low, high = (np.expm1(np.minimum(bound, 700.0)) for bound in mover(*_logarithms(then), *_logarithms(now)))
    return Change(baseline=then[0], value=now[0] / then[0] - 1.0, low=float(low), high=float(high))


def _parts(measure: Measure) -> tuple[float, float, float] | None:
    """Value and bounds, where there are all three."""
    value, low, high = measure.value, measure.low, measure.high
    return None if value is None or low is None or high is None else (value, low, high)


def _logarithms(parts: tuple[float, float, float]) -> tuple[float, tuple[float, float]]:
    value, low, high = (math.log(max(part, 1e-300)) for part in parts)
    return value, (low, high)

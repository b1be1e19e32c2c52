"""A measured number of one profile: value, bounds, rows. What performance, fairness and operations are made of."""

import math
from dataclasses import dataclass

from aimon.metrics.estimate import Change, Column, Estimate, Group, Obstacle
from aimon.metrics.metric import Basis
from aimon.metrics.proportions import Z95, mover, wilson


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

    >>> part = share_of(45, 50, "no rows")
    >>> part.value, round(part.low, 4), round(part.high, 4), part.n
    (0.9, 0.7864, 0.9565, 50)
    """
    if trials == 0:
        return undefined(0, empty)
    low, high = wilson(successes, trials)
    return Measure(successes / trials, float(low), float(high), trials)


def normal(value: float, error: float, n: int, *, least: float = -math.inf, most: float = math.inf) -> Measure:
    """A value with its standard error as a normal interval, inside the measure's range."""
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
    if current.value is None or baseline.value is None:
        return None
    if not relative:
        low, high = _difference(current, baseline)
        return Change(baseline=baseline.value, value=current.value - baseline.value, low=low, high=high)
    if current.value <= 0 or baseline.value <= 0:
        return None
    low, high = _difference(_logarithm(current), _logarithm(baseline))
    return Change(
        baseline=baseline.value,
        value=current.value / baseline.value - 1.0,
        low=None if low is None else math.exp(min(low, 700.0)) - 1.0,
        high=None if high is None else math.exp(min(high, 700.0)) - 1.0,
    )


def _difference(current: Measure, baseline: Measure) -> tuple[float | None, float | None]:
    if None in (current.value, current.low, current.high, baseline.value, baseline.low, baseline.high):
        return None, None
    low, high = mover(
        baseline.value or 0.0,
        (baseline.low or 0.0, baseline.high or 0.0),
        current.value or 0.0,
        (current.low or 0.0, current.high or 0.0),
    )
    return float(low), float(high)


def _logarithm(measure: Measure) -> Measure:
    value, low, high = (
        None if v is None else math.log(max(v, 1e-300)) for v in (measure.value, measure.low, measure.high)
    )
    return Measure(value, low, high, measure.n)

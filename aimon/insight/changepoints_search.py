"""The regimes of a series: how many there are, and where each begins. In: a prepared series. Out: the fitted regimes.

The number of regimes, the autocorrelation and the variance of the noise are chosen together, as what has the least
minus-twice-log-likelihood plus penalty. So a slowly wandering series is not cut into levels, nor a cut one called slow.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aimon.insight.changepoints_cost import SHORTEST, Costs, Residuals, bends, price, residuals
from aimon.insight.changepoints_series import NORMAL_MAD, Series

Floats = NDArray[np.float64]

PHIS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
_ROUNDS = 3
_CAUTION = 1.5
"""Places are chosen from many: without this divisor of the log-likelihood 95 % intervals hold in 90 %."""
_SMALLEST_VARIANCE = 1e-8


@dataclass(frozen=True, slots=True)
class Regimes:
    """Where regimes begin (the first at 0), with the noise they were found under."""

    starts: tuple[int, ...]
    phi: float
    variance: float
    parts: Residuals
    costs: Costs


@dataclass(frozen=True, slots=True)
class Location:
    """A change: the index of the first observation after it, and how likely each index is to be it.

    `lines` says that a side of it is a line, or both are one that bends.
    """

    index: int
    lines: bool
    candidates: NDArray[np.int64]
    weight: Floats
    gain: float


def regimes(series: Series, penalty: float) -> Regimes:
    """The regimes of the least penalised cost over the autocorrelations 0, 0.1, ..., 0.8.

    Every change costs `penalty` log(n); exact by dynamic programming over all places of all changes.
    """
    best: tuple[float, Regimes] | None = None
    floor = _SMALLEST_VARIANCE * float(np.var(series.value))
    for phi in PHIS:
        parts = residuals(series.day, series.value, phi)
        total, found = _settle(series, parts, phi, penalty, floor)
        if best is None or total < best[0]:
            best = total, found
    assert best is not None  # noqa: S101 - there are nine to choose from
    return best[1]


def locate(series: Series, found: Regimes) -> list[Location]:
    """Each change again, its neighbours held still, now also as a bend of a continuous line."""
    cuts, n = list(found.starts[1:]), len(series)
    for _ in range(2):
        located = []
        for i in range(len(cuts)):
            start, end = (cuts[i - 1] if i else 0), (cuts[i + 1] if i + 1 < len(cuts) else n)
            location = _locate_one(series, found, start, end)
            cuts[i] = location.index
            located.append(location)
    return located if cuts else []


def _locate_one(series: Series, found: Regimes, start: int, end: int) -> Location:
    candidates = np.arange(start + SHORTEST, end - SHORTEST + 1)
    jump = found.costs.cost[start, candidates - 1] + found.costs.cost[candidates, end - 1]
    stretch = slice(start, end)
    parameter = float(np.log(len(series)))
    bend = bends(series.day[stretch], series.value[stretch], found.phi, found.variance, parameter)
    cost = np.minimum(jump, bend[candidates - start])
    least = int(cost.argmin())
    weight = np.exp((cost[least] - cost) / (2.0 * _CAUTION))
    gain = float(found.costs.cost[start, end - 1] - cost[least])
    index = int(candidates[least])
    sides = int(found.costs.model[start, index - 1]), int(found.costs.model[index, end - 1])
    lines = bool(bend[index - start] < jump[least]) or any(side % 2 for side in sides)
    return Location(index, lines, candidates, weight / weight.sum(), gain)


def _settle(series: Series, parts: Residuals, phi: float, penalty: float, floor: float) -> tuple[float, Regimes]:
    """Cut and measure the variance in turn until it stays."""
    steps = np.diff(series.value)
    spread = float(np.median(np.abs(steps - np.median(steps)))) / NORMAL_MAD
    variance = max(spread**2 / 2.0 / (1.0 - phi), floor) if spread else max(float(np.var(steps)) / 2.0, floor)
    for _ in range(_ROUNDS):
        costs = price(parts, variance)
        total, starts = _cut(costs, penalty * np.log(len(series)))
        total += len(series) * float(np.log(variance))
        found = Regimes(starts, phi, variance, parts, costs)
        measured = _pooled_variance(found, len(series))
        if measured is None or abs(max(measured, floor) / variance - 1.0) < 0.02:
            break
        variance = max(measured, floor)
    return total, found


def _cut(costs: Costs, change: float) -> tuple[float, tuple[int, ...]]:
    """The cheapest way to cut all observations into stretches, by dynamic programming."""
    n = len(costs.cost)
    least, origin = np.full(n + 1, np.inf), np.zeros(n + 1, np.int64)
    least[0] = -change
    for end in range(1, n + 1):
        totals = least[:end] + costs.cost[:end, end - 1]
        origin[end] = totals.argmin()
        least[end] = totals[origin[end]] + change
    starts, end = [], n
    while end > 0:
        end = int(origin[end])
        starts.append(end)
    return float(least[n]), tuple(reversed(starts))


def _pooled_variance(found: Regimes, n: int) -> float | None:
    """The variance within the regimes that have no variance of their own; None where too few rows are left."""
    squares = degrees = 0.0
    for start, end in zip(found.starts, (*found.starts[1:], n), strict=True):
        model = int(found.costs.model[start, end - 1])
        if model < 2:
            squares += float((found.parts.level, found.parts.line)[model][start, end - 1])
            degrees += end - start - 1.0 - model
    return squares / degrees if degrees >= SHORTEST else None

"""What it costs to call a stretch of a series one regime. In: a series, its noise. Out: a cost for every stretch.

A regime is a constant or a line plus autoregressive noise of order one, which may have its own variance. Costs are
minus twice the log-likelihood, up to a constant, plus log(n) for each parameter beyond a level.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

SHORTEST = 5
SHORTEST_WITH_VARIANCE = 10
_PRIOR_ROWS = 6.0


@dataclass(frozen=True, slots=True)
class Residuals:
    """By first and last observation of a stretch: its rows, its noise's log-determinant, and two residual sums."""

    rows: Floats
    log_determinant: Floats
    level: Floats
    line: Floats


@dataclass(frozen=True, slots=True)
class Costs:
    """The cheapest model of each stretch: its cost, and 0 level, 1 line, 2 level and variance, 3 line and variance."""

    cost: Floats
    model: Integers


def whiten(day: Integers, columns: Floats, phi: float) -> tuple[Floats, Floats]:
    """Each column with what its predecessor foretells taken out, and the log-variance of what is left; days may lack.

    The first observation has no predecessor and stays. `columns` has the observations on its last axis.
    """
    memory = phi ** np.diff(day).astype(float)
    fresh = np.sqrt(1.0 - memory**2)
    white = np.concatenate([columns[..., :1], (columns[..., 1:] - memory * columns[..., :-1]) / fresh], axis=-1)
    return white, np.concatenate([[0.0], 2.0 * np.log(fresh)])


def residuals(day: Integers, value: Floats, phi: float) -> Residuals:
    """Generalised least squares on every stretch at once, from cumulative sums."""
    n = len(day)
    time = (day - day.mean()) / max(1.0, float(np.ptp(day)) / 2.0)
    columns = np.stack([np.ones(n), time, value])
    white, log_variance = whiten(day, columns, phi)
    white[:, 0] = 0.0

    def sums(i: int, j: int) -> Floats:
        run = np.cumsum(white[i] * white[j])
        whole: Floats = (columns[i] * columns[j] - run)[:, None] + run[None, :]
        return whole

    run = np.cumsum(log_variance)
    one, one_value, total = sums(0, 0), sums(0, 2), sums(2, 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        level = np.maximum(total - one_value**2 / one, 0.0)
        one_time = sums(0, 1)
        spread = sums(1, 1) - one_time**2 / one
        slope = (sums(1, 2) - one_time * one_value / one) ** 2 / spread
        line = np.maximum(level - np.where(spread > 1e-9, slope, 0.0), 0.0)
    places = np.arange(n, dtype=np.float64)
    rows = places[None, :] - places[:, None] + 1.0
    return Residuals(rows, run[None, :] - run[:, None], level, line)


def price(parts: Residuals, variance: float) -> Costs:
    """The cheapest model of every stretch, infinite for stretches of fewer than five observations."""
    parameter = np.log(len(parts.rows))
    options = [parts.level / variance, parts.line / variance + parameter]
    for parameters, rest in enumerate((parts.level / variance, parts.line / variance), start=1):
        with np.errstate(divide="ignore", invalid="ignore"):
            own = (rest + _PRIOR_ROWS) / (np.maximum(parts.rows - parameters, 1.0) + _PRIOR_ROWS)
            cost = parts.rows * np.log(own) + rest / own + parameters * parameter
        options.append(np.where(parts.rows >= SHORTEST_WITH_VARIANCE, cost, np.inf))
    model = np.argmin(options, axis=0)
    cheapest = np.min(options, axis=0) + parts.log_determinant
    return Costs(np.where(parts.rows >= SHORTEST, cheapest, np.inf), model)


def bends(day: Integers, value: Floats, phi: float, variance: float, parameter: float) -> Floats:
    """The cost of a stretch as one line that bends, for every observation the bend may precede.

    The line is continuous: flat and then a slope, a slope and then flat, or a slope and then another one.
    """
    n = len(day)
    time = (day - day[0]) / max(1.0, float(np.ptp(day)))
    knot = np.concatenate([time[:1], time[:-1]])
    after = np.maximum(time[None, :] - knot[:, None], 0.0)
    before = np.maximum(knot[:, None] - time[None, :], 0.0)
    white, log_variance = whiten(day, np.concatenate([[np.ones(n), time, value], after, before]), phi)
    one, straight, target = white[:3]
    after, before = white[3 : 3 + n], white[3 + n :]
    flat_first = _unexplained([one], after, target) / variance
    flat_last = _unexplained([one], before, target) / variance
    both = _unexplained([one, straight], after, target) / variance + parameter
    least: Floats = np.minimum(np.minimum(flat_first, flat_last), both) + log_variance.sum()
    return least


def _unexplained(fixed: list[Floats], choices: Floats, target: Floats) -> Floats:
    """Residual sum of squares of the target on the fixed columns and each of the choices in turn."""
    basis, _ = np.linalg.qr(np.stack(fixed, axis=1))
    rest = target - basis @ (basis.T @ target)
    left = choices - (choices @ basis) @ basis.T
    size = (left * left).sum(axis=1)
    gain = np.where(size > 1e-9, (left @ rest) ** 2 / np.maximum(size, 1e-300), 0.0)
    return np.maximum(float(rest @ rest) - gain, 0.0)

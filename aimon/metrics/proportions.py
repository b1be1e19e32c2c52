"""Intervals of shares, of their differences and ratios. In: counts (successes of trials), as arrays. Out: bounds.

A share of no trials is not a number: its value is NaN and its interval (0, 1).
"""

import numpy as np
from numpy.typing import ArrayLike

from aimon.profile.axis import Floats

Z95 = 1.959963984540054
"""The normal quantile of a two-sided 95 % interval."""


def simultaneous_z(comparisons: int) -> float:
    """The normal quantile at which this many intervals hold together with 95 %, whatever their dependence (Sidak).

    Reference: Sidak (1967), Rectangular confidence regions for the means of multivariate normal distributions.

    >>> round(simultaneous_z(1), 3), round(simultaneous_z(10), 3)
    (1.96, 2.8)
    """
    from scipy.special import ndtri

    return float(ndtri((1.0 + 0.95 ** (1.0 / comparisons)) / 2.0))


def share(successes: ArrayLike, trials: ArrayLike) -> Floats:
    """The share successes / trials, NaN where there are no trials.

    >>> share([1, 0], [4, 0]).tolist()
    [0.25, nan]
    """
    x, n = np.asarray(successes, np.float64), np.asarray(trials, np.float64)
    return np.where(n > 0, x / np.where(n > 0, n, 1.0), np.nan)


def wilson(successes: ArrayLike, trials: ArrayLike, z: float = Z95) -> tuple[Floats, Floats]:
    """Wilson's score interval of a share: the p with |x/n - p| <= z sqrt(p (1 - p) / n).

    Reference: Wilson (1927), Probable inference, the law of succession, and statistical inference.

    >>> low, high = wilson(10, 100)
    >>> round(float(low), 4), round(float(high), 4)
    (0.0552, 0.1744)
    """
    x, n = np.broadcast_arrays(np.asarray(successes, np.float64), np.asarray(trials, np.float64))
    safe = np.where(n > 0, n, 1.0)
    p, shrink = x / safe, z * z / safe
    center = (p + shrink / 2.0) / (1.0 + shrink)
    half = z * np.sqrt(p * (1.0 - p) / safe + shrink / (4.0 * safe)) / (1.0 + shrink)
    low = np.where(x <= 0, 0.0, np.maximum(center - half, 0.0))
    high = np.where(x >= n, 1.0, np.minimum(center + half, 1.0))
    return np.where(n > 0, low, 0.0), np.where(n > 0, high, 1.0)


def newcombe(
    successes_a: ArrayLike, trials_a: ArrayLike, successes_b: ArrayLike, trials_b: ArrayLike, z: float = Z95
) -> tuple[Floats, Floats]:
    """Newcombe's interval of the difference b - a of two shares, from their Wilson intervals (his method 10).

    Reference: Newcombe (1998), Interval estimation for the difference between independent proportions.

    >>> low, high = newcombe(48, 80, 56, 70)
    >>> round(float(low), 4), round(float(high), 4)
    (0.0524, 0.3339)
    """
    low_a, high_a = wilson(successes_a, trials_a, z)
    low_b, high_b = wilson(successes_b, trials_b, z)
    a, b = np.nan_to_num(share(successes_a, trials_a), nan=0.5), np.nan_to_num(share(successes_b, trials_b), nan=0.5)
    difference = b - a
    low = difference - np.sqrt((b - low_b) ** 2 + (high_a - a) ** 2)
    high = difference + np.sqrt((high_b - b) ** 2 + (a - low_a) ** 2)
    return np.maximum(low, -1.0), np.minimum(high, 1.0)


def katz(
    successes_a: ArrayLike, trials_a: ArrayLike, successes_b: ArrayLike, trials_b: ArrayLike, z: float = Z95
) -> tuple[Floats, Floats]:
    """The log interval of the ratio a / b of two shares: exp(ln(a/b) +- z sqrt(1/x - 1/n + 1/y - 1/m)).

    Where a count is zero (or all), half a success and half a failure are added to both sides; an empty numerator has
    the lower bound 0, an empty denominator no upper bound (infinity).
    Reference: Katz et al. (1978); Pettigrew et al. (1986) for the halves.

    >>> low, high = katz(30, 100, 40, 100)
    >>> round(float(low), 4), round(float(high), 4)
    (0.511, 1.1008)
    """
    x, n, y, m = np.broadcast_arrays(
        *(np.asarray(a, np.float64) for a in (successes_a, trials_a, successes_b, trials_b))
    )
    edge = (x <= 0) | (y <= 0) | ((x >= n) & (y >= m))
    add = np.where(edge, 0.5, 0.0)
    xs, ys, ns, ms = x + add, y + add, n + 2 * add, m + 2 * add
    xs, ys, ns, ms = (np.where(v > 0, v, 1.0) for v in (xs, ys, ns, ms))
    middle = np.log(xs / ns) - np.log(ys / ms)
    half = z * np.sqrt(np.maximum(1.0 / xs - 1.0 / ns + 1.0 / ys - 1.0 / ms, 0.0))
    low, high = np.exp(middle - half), np.exp(middle + half)
    return np.where(x <= 0, 0.0, low), np.where(y <= 0, np.inf, high)


def mover(
    value_a: ArrayLike,
    interval_a: tuple[ArrayLike, ArrayLike],
    value_b: ArrayLike,
    interval_b: tuple[ArrayLike, ArrayLike],
) -> tuple[Floats, Floats]:
    """The interval of a difference b - a from the intervals of its parts, whatever they estimate.

    The distances of the bounds that push the difference the same way add as squares.
    Reference: Zou and Donner (2008), Construction of confidence limits about effect measures.

    >>> low, high = mover(0.5, (0.4, 0.6), 0.7, (0.6, 0.8))
    >>> round(float(low), 4), round(float(high), 4)
    (0.0586, 0.3414)
    """
    a, b = np.asarray(value_a, np.float64), np.asarray(value_b, np.float64)
    (low_a, high_a), (low_b, high_b) = (
        tuple(np.asarray(v, np.float64) for v in side) for side in (interval_a, interval_b)
    )
    with np.errstate(over="ignore"):
        return b - a - np.hypot(b - low_b, high_a - a), b - a + np.hypot(high_b - b, a - low_a)


def fisher(successes_a: int, trials_a: int, successes_b: int, trials_b: int) -> float:
    """Fisher's exact two-sided p-value of a 2 x 2 table, for cells too small for a normal law.

    Reference: Fisher (1922), On the interpretation of chi-square from contingency tables.

    >>> round(fisher(1, 10, 8, 12), 4)
    0.0115
    """
    from scipy.stats import fisher_exact

    table = np.array([[successes_a, trials_a - successes_a], [successes_b, trials_b - successes_b]])
    return float(fisher_exact(table).pvalue)

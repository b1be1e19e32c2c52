"""Quantiles of counted values, with bounds from the ranks alone. In: rows by place in rising order. Out: measures."""

import math

import numpy as np

from aimon.metrics.interval import Measure
from aimon.metrics.proportions import Z95
from aimon.profile.axis import Floats

_EXACT = 1000


def rank_bounds(n: int, share: float) -> tuple[int, int]:
    """The ranks, from 1, between which the value that a share of all rows does not exceed lies with 95 %.

    0 and n + 1 mean that no row bounds it. Exact by the binomial law up to 1,000 rows, then by its normal limit.
    Reference: Conover (1999), Practical nonparametric statistics, 3.2.

    >>> rank_bounds(100, 0.5), rank_bounds(10, 0.95), rank_bounds(1_000_000, 0.95)
    ((40, 61), (8, 11), (949572, 950428))
    """
    if n > _EXACT:
        half = Z95 * math.sqrt(n * share * (1.0 - share))
        return math.floor(n * share - half), math.ceil(n * share + half)
    from scipy.special import bdtr

    below = bdtr(np.arange(n + 1.0), n, share)
    return int(np.searchsorted(below, 0.025)), int(np.searchsorted(below, 0.975)) + 1


def quantile_of(places: Floats, rows: Floats, share: float) -> Measure:
    """The value that a share of rows does not exceed; without a bound on the side where no row gives one.

    >>> quantile_of(np.array([1.0, 2.0, 9.0]), np.array([50.0, 40.0, 10.0]), 0.5)
    Measure(value=1.0, low=1.0, high=2.0, n=100, obstacle=None, note=None)
    """
    below = np.cumsum(rows)
    n = int(below[-1])
    low, high = rank_bounds(n, share)
    return Measure(
        float(places[np.searchsorted(below, max(math.ceil(n * share), 1))]),
        float(places[np.searchsorted(below, low)]) if low >= 1 else None,
        float(places[np.searchsorted(below, high)]) if high <= n else None,
        n,
    )

"""The two-sample chi-square test on binned counts. In: counts by column and bin. Out: p-value and Cramer's V."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aimon.metrics.bins import Binned
from aimon.metrics.noncentral import bounds, survival
from aimon.profile.axis import Floats

LEAST_EXPECTED = 5.0


@dataclass(frozen=True, slots=True)
class Contingency:
    """One test a column; `degrees` is 0 where fewer than two bins are left, and nothing can be tested."""

    statistic: Floats
    degrees: NDArray[np.int64]
    p_value: Floats
    effect: Floats
    low: Floats
    high: Floats


def contingency(binned: Binned) -> Contingency:
    """Pearson's test that reference and current rows come from one distribution, with bias-corrected Cramer's V.

    chi2 = sum (observed - expected)^2 / expected over both sides. Bins with fewer than 5 rows expected on the smaller
    side are one bin, joined by the smallest other one where that is still too small. V is from 0 to 1:
    sqrt(max(0, chi2/N - (B-1)/(N-1)) / min(B', 2') - 1), B' = B - (B-1)^2/(N-1).

    Reference: Pearson (1900); Bergsma (2013), A bias-correction for Cramer's V and Tschuprow's T.

    >>> test = contingency(Binned(np.array([[50.0, 50.0]]), np.array([[60.0, 40.0]])))
    >>> round(float(test.statistic[0]), 4), int(test.degrees[0]), round(float(test.effect[0]), 4)
    (2.0202, 1, 0.0714)
    """
    reference, current = pool_sparse(binned)
    n, m = reference.sum(axis=1, keepdims=True), current.sum(axis=1, keepdims=True)
    total = np.maximum(n + m, 1.0)
    both = reference + current
    used = both > 0
    statistic = np.zeros(len(both))
    for side, rows in ((reference, n), (current, m)):
        expected = both * rows / total
        gap = np.where(used & (expected > 0), (side - expected) ** 2 / np.where(expected > 0, expected, 1.0), 0.0)
        statistic += gap.sum(axis=1)
    bins = used.sum(axis=1)
    degrees = np.where((n[:, 0] > 0) & (m[:, 0] > 0), np.maximum(bins - 1, 0), 0)
    low, high = bounds(np.where(degrees > 0, statistic, 0.0), np.maximum(degrees, 1))
    size = total[:, 0]
    return Contingency(
        statistic,
        degrees,
        survival(statistic, degrees),
        _cramer(statistic / size, bins, size, corrected=True),
        _cramer(low / size, bins, size, corrected=False),
        _cramer(high / size, bins, size, corrected=False),
    )


def _cramer(phi2: Floats, bins: NDArray[np.int64], size: Floats, *, corrected: bool) -> Floats:
    rest = np.maximum(size - 1.0, 1.0)
    if corrected:
        phi2 = np.maximum(0.0, phi2 - (bins - 1) / rest)
    columns, rows = bins - (bins - 1) ** 2 / rest, 2.0 - 1.0 / rest
    side = np.minimum(columns, rows) - 1.0
    ratio = np.where(side > 0, phi2 / np.where(side > 0, side, 1.0), 0.0)
    return np.asarray(np.sqrt(np.clip(ratio, 0.0, 1.0)))


def pool_sparse(binned: Binned) -> tuple[Floats, Floats]:
    """The counts with all bins in one that expect fewer than 5 rows on the smaller side; it is the last bin."""
    n, m = binned.reference.sum(axis=1, keepdims=True), binned.current.sum(axis=1, keepdims=True)
    share = np.minimum(n, m) / np.maximum(n + m, 1.0)
    both = binned.reference + binned.current
    expected = both * share
    sparse = (expected < LEAST_EXPECTED) & (both > 0)
    pooled = np.where(sparse, expected, 0.0).sum(axis=1)
    smallest = np.where(sparse | (both == 0), np.inf, expected)
    needs = (pooled > 0) & (pooled < LEAST_EXPECTED) & np.isfinite(smallest).any(axis=1)
    if needs.any():
        sparse[needs, smallest[needs].argmin(axis=1)] = True
    sides = []
    for counts in (binned.reference, binned.current):
        last = np.where(sparse, counts, 0.0).sum(axis=1, keepdims=True)
        sides.append(np.concatenate([np.where(sparse, 0.0, counts), last], axis=1))
    return sides[0], sides[1]

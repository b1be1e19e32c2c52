"""Distances between two sets of shares. In: counts by column and bin. Out: one number a column. Knows no limits.

Shares are Laplace-smoothed, (c + 0.5) / (N + 0.5 B), over the B used bins, so nothing is infinite and no floor is
needed. Total variation and the largest change use plain shares, which need no logarithm.
p is the reference's share of a bin, q the current one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aimon.metrics.bins import Binned
from aimon.profile.axis import Floats


@dataclass(frozen=True, slots=True)
class Shares:
    """Smoothed shares by column and bin. Unused bins hold 1 on both sides and add nothing to any distance."""

    p: Floats
    q: Floats
    bins: NDArray[np.int64]


def shares(binned: Binned) -> Shares:
    """The smoothed shares of the used bins.

    >>> smoothed = shares(Binned(np.array([[90.0, 10.0]]), np.array([[9.0, 0.0]])))
    >>> smoothed.p.round(3).tolist(), smoothed.q.tolist()
    ([[0.896, 0.104]], [[0.95, 0.05]])
    """
    used = binned.used
    bins = used.sum(axis=1)
    sides = []
    for counts in (binned.reference, binned.current):
        total = counts.sum(axis=1) + 0.5 * bins
        sides.append(np.where(used, (counts + 0.5) / np.maximum(total, 0.5)[:, None], 1.0))
    return Shares(sides[0], sides[1], bins)


def psi(p: Floats, q: Floats) -> Floats:
    """Population stability index: sum (q - p) ln(q / p). Unit: nats; 0 means equal shares.

    Reference: Siddiqi (2006), Credit risk scorecards; Jeffreys (1946) for the divergence.

    >>> round(float(psi(np.array([0.5, 0.5]), np.array([0.6, 0.4]))), 6)
    0.040547
    """
    return np.asarray(((q - p) * np.log(q / p)).sum(axis=-1))


def kl(p: Floats, q: Floats) -> Floats:
    """Kullback-Leibler divergence seen from the reference: sum p ln(p / q). Unit: nats.

    Reference: Kullback and Leibler (1951), On information and sufficiency.

    >>> round(float(kl(np.array([0.5, 0.5]), np.array([0.6, 0.4]))), 6)
    0.020411
    """
    return np.asarray((p * np.log(p / q)).sum(axis=-1))


def jensen_shannon(p: Floats, q: Floats) -> Floats:
    """Jensen-Shannon divergence: the mean KL of both sides from their mean. Unit: nats, at most ln 2.

    Reference: Lin (1991), Divergence measures based on the Shannon entropy.

    >>> round(float(jensen_shannon(np.array([0.5, 0.5]), np.array([0.6, 0.4]))), 6)
    0.005059
    """
    middle = (p + q) / 2.0
    return np.asarray(np.maximum((p * np.log(p / middle) + q * np.log(q / middle)).sum(axis=-1) / 2.0, 0.0))


def hellinger(p: Floats, q: Floats) -> Floats:
    """Hellinger distance: sqrt(1 - sum sqrt(p q)). From 0 to 1.

    Computed as the root of half the sum of (sqrt p - sqrt q)^2, which keeps small distances exact.
    Reference: Hellinger (1909); Le Cam (1986).

    >>> round(float(hellinger(np.array([0.5, 0.5]), np.array([0.6, 0.4]))), 6)
    0.071161
    """
    return np.asarray(np.sqrt(((np.sqrt(p) - np.sqrt(q)) ** 2).sum(axis=-1) / 2.0))


def plain_shares(binned: Binned) -> tuple[Floats, Floats]:
    """The shares as they are; all zero where a side has no rows."""
    sides = [
        counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0) for counts in (binned.reference, binned.current)
    ]
    return sides[0], sides[1]


def total_variation(p: Floats, q: Floats) -> Floats:
    """Total variation distance: sum |q - p| / 2, the share of rows that would have to change bin. From 0 to 1.

    >>> round(float(total_variation(np.array([0.5, 0.3, 0.2]), np.array([0.6, 0.3, 0.1]))), 6)
    0.1
    """
    return np.asarray(np.abs(q - p).sum(axis=-1) / 2.0)


def total_variation_spread(p: Floats, q: Floats, n: Floats, m: Floats) -> Floats:
    """Standard error of the total variation: that of q(A) - p(A) over the set A of bins that grew."""
    grown = q > p
    a, b = np.where(grown, p, 0.0).sum(axis=-1), np.where(grown, q, 0.0).sum(axis=-1)
    return np.asarray(np.sqrt(np.maximum(a * (1.0 - a) / n + b * (1.0 - b) / m, 0.0)))


def largest_change(p: Floats, q: Floats) -> Floats:
    """L-infinity distance: max |q - p|. From 0 to 1; blind to many small moves.

    >>> round(float(largest_change(np.array([0.5, 0.3, 0.2]), np.array([0.6, 0.3, 0.1]))), 6)
    0.1
    """
    return np.asarray(np.abs(q - p).max(axis=-1, initial=0.0))

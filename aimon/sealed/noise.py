"""Noise for released counts, and what it costs. In: a privacy budget. Out: whole numbers drawn, and their spread.

The discrete Gaussian, drawn exactly with whole numbers (Canonne, Kamath and Steinke, 2020), so that no rounding of
floating-point numbers gives anything away. Costs are zero-concentrated privacy losses (rho), which add up over releases
and which `aimon.privacy.accounting` turns into one (epsilon, delta).
"""

import hashlib
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aimon.errors import SealedError
from aimon.privacy.accounting import affordable
from aimon.profile.profile import Counts, Profile

BLOCK = 4096


@dataclass(frozen=True, slots=True)
class NoisePolicy:
    """At most `epsilon` at `delta` for one row, over so many `releases` together."""

    epsilon: float
    delta: float
    releases: int

    def __post_init__(self) -> None:
        if not (0 < self.epsilon < math.inf and 0 < self.delta < 1 and self.releases >= 1):
            raise SealedError(
                "a privacy budget needs an epsilon above 0, a delta between 0 and 1, and a release or more"
            )

    @property
    def budget(self) -> float:
        """The rho of all releases together, as dp-accounting converts it.

        >>> round(NoisePolicy(1.0, 1e-6, 1).budget, 5)
        0.02435
        """
        return affordable(self.epsilon, self.delta)

    @property
    def rho(self) -> float:
        """The rho of one release."""
        return self.budget / self.releases

    def variance(self, touched: int) -> int:
        """The whole variance of each count's noise, where a row adds one to so many counts.

        >>> NoisePolicy(1.0, 1e-6, 1).variance(10)
        206
        """
        return math.ceil(touched / (2 * self.rho))


class Stream:
    """Random whole numbers that only the holder of a secret can tell beforehand: SHAKE-256 of it, a purpose, a counter.

    The same secret and purpose give the same numbers.
    """

    def __init__(self, secret: bytes, purpose: str) -> None:
        self._seed = len(secret).to_bytes(4) + secret + purpose.encode() + b"\0"
        self._number = 0
        self._block = b""
        self._place = 0

    def below(self, bound: int) -> int:
        """A number from 0 to below the bound, each as likely as the others."""
        bits = (bound - 1).bit_length()
        size = -(-bits // 8)
        while True:
            drawn = int.from_bytes(self._bytes(size)) >> (8 * size - bits)
            if drawn < bound:
                return drawn

    def _bytes(self, size: int) -> bytes:
        if self._place + size > len(self._block):
            self._block = hashlib.shake_256(self._seed + self._number.to_bytes(8)).digest(max(BLOCK, size))
            self._place = 0
            self._number += 1
        self._place += size
        return self._block[self._place - size : self._place]


def discrete_gaussian(variance: int, size: int, stream: Stream) -> NDArray[np.int64]:
    """So many independent whole numbers x, each drawn with a probability in proportion to exp(-x^2 / (2 variance))."""
    return np.array([_gaussian(variance, stream) for _ in range(size)], np.int64)


def _gaussian(variance: int, stream: Stream) -> int:
    scale = math.isqrt(variance) + 1
    while True:
        drawn = _laplace(scale, stream)
        if _happens((abs(drawn) * scale - variance) ** 2, 2 * variance * scale * scale, stream):
            return drawn


def _laplace(scale: int, stream: Stream) -> int:
    """A whole number x with a probability in proportion to exp(-|x| / scale)."""
    while True:
        rest = stream.below(scale)
        if not _happens(rest, scale, stream):
            continue
        whole = 0
        while _happens(1, 1, stream):
            whole += 1
        size, negative = rest + scale * whole, stream.below(2)
        if size or not negative:
            return -size if negative else size


def _happens(numerator: int, denominator: int, stream: Stream) -> bool:
    """True with probability exp(-numerator / denominator)."""
    while numerator > denominator:
        if not _happens_once(1, 1, stream):
            return False
        numerator -= denominator
    return _happens_once(numerator, denominator, stream)


def _happens_once(numerator: int, denominator: int, stream: Stream) -> bool:
    drawn = 1
    while stream.below(denominator * drawn) < numerator:
        drawn += 1
    return drawn % 2 == 1


def consistent(noised: Profile, rows: int) -> Profile:
    """The counts of so many rows that lie nearest to the noised ones: none below zero, every column of all rows.

    How many rows there are stands in the envelopes' headers and has no noise.
    """
    tables = {}
    for key, counts in noised.tables.items():
        whole = key.segment is None and (key.table == "rows" or key.table.startswith("column:"))
        total = rows if whole else max(0, int(counts.sum()))
        tables[key] = lifted(counts.ravel(), total).reshape(counts.shape)
    return Profile(noised.grid_id, tables)


def lifted(counts: Counts, total: int) -> Counts:
    """The whole numbers from 0 on with that total that lie nearest to the counts, by least squares up to rounding.

    >>> lifted(np.array([60, -20, 70]), 100).tolist()
    [45, 0, 55]
    """
    ordered = np.sort(counts)[::-1].astype(np.float64)
    excess = (np.cumsum(ordered) - total) / np.arange(1, len(ordered) + 1)
    kept = int(np.flatnonzero(ordered > excess)[-1]) if (ordered > excess).any() else len(ordered) - 1
    exact = np.maximum(counts - excess[kept], 0.0)
    whole: Counts = np.floor(exact).astype(np.int64)
    missing = total - int(whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:missing]] += 1
    return whole

"""Noise for released counts, and what it costs. In: a privacy budget. Out: whole numbers drawn, and their spread.

The discrete Gaussian, drawn exactly with whole numbers from the operating system's randomness (Canonne, Kamath and
Steinke, 2020), so that no rounding of floating-point numbers gives anything away. Costs are zero-concentrated privacy
losses (rho), which add up over releases and turn into one (epsilon, delta).
"""

import math
import secrets
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aimon.errors import SealedError


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
        """The rho of all releases: epsilon = rho + 2 sqrt(rho ln(1 / delta)).

        >>> round(NoisePolicy(1.0, 1e-6, 1).budget, 5)
        0.01747
        """
        slack = math.log(1 / self.delta)
        return (math.sqrt(slack + self.epsilon) - math.sqrt(slack)) ** 2

    @property
    def rho(self) -> float:
        """The rho of one release."""
        return self.budget / self.releases

    def variance(self, touched: int) -> int:
        """The whole variance of each count's noise, where a row adds one to so many counts.

        >>> NoisePolicy(1.0, 1e-6, 1).variance(10)
        287
        """
        return math.ceil(touched / (2 * self.rho))


def discrete_gaussian(variance: int, size: int) -> NDArray[np.int64]:
    """So many independent whole numbers x, each drawn with a probability in proportion to exp(-x^2 / (2 variance))."""
    return np.array([_gaussian(variance) for _ in range(size)], np.int64)


def _gaussian(variance: int) -> int:
    scale = math.isqrt(variance) + 1
    while True:
        drawn = _laplace(scale)
        if _happens((abs(drawn) * scale - variance) ** 2, 2 * variance * scale * scale):
            return drawn


def _laplace(scale: int) -> int:
    """A whole number x with a probability in proportion to exp(-|x| / scale)."""
    while True:
        rest = secrets.randbelow(scale)
        if not _happens(rest, scale):
            continue
        whole = 0
        while _happens(1, 1):
            whole += 1
        size, negative = rest + scale * whole, secrets.randbelow(2)
        if size or not negative:
            return -size if negative else size


def _happens(numerator: int, denominator: int) -> bool:
    """True with probability exp(-numerator / denominator)."""
    while numerator > denominator:
        if not _happens_once(1, 1):
            return False
        numerator -= denominator
    return _happens_once(numerator, denominator)


def _happens_once(numerator: int, denominator: int) -> bool:
    drawn = 1
    while secrets.randbelow(denominator * drawn) < numerator:
        drawn += 1
    return drawn % 2 == 1

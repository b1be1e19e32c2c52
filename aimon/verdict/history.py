"""Limits from the model's own past windows, for series that vary more, or more slowly, than independent rows would.

In: a metric's past values. Out: the band in which such values usually lie.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

LEAST_WINDOWS = 8
RESAMPLES = 1000
_OUTER = 0.95
_SEED = 20_240_917


class SeriesKey(NamedTuple):
    """Which series of records: a metric, its column, segment and group."""

    metric: str
    column: str | tuple[str, ...] | None = None
    segment: str | None = None
    group: str | tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """Where past values lay. `limits` says that a value outside is a finding where nothing else limits its series."""

    low: float
    high: float
    limits: bool = True


class Bands(Protocol):
    """Anything that knows where values of a series usually lie."""

    def band(self, key: SeriesKey) -> Band | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Past values of some series, oldest first, and how a band is made of them.

    `deviations` is how many standard deviations a value may lie from the mean; `method` takes the windows as
    independent (`deviation`) or resamples runs of `block` neighbouring windows (`block_bootstrap`).
    """

    values: Mapping[SeriesKey, Sequence[float]] = field(default_factory=dict)
    deviations: float = 3.0
    method: Literal["deviation", "block_bootstrap"] = "deviation"
    block: int = 7

    def band(self, key: SeriesKey) -> Band | None:
        """The band of a series; None where it has fewer than eight windows."""
        past = np.asarray(self.values.get(key, ()), np.float64)
        past = past[np.isfinite(past)]
        if len(past) < LEAST_WINDOWS:
            return None
        if self.method == "block_bootstrap":
            return block_bootstrap(past, self.deviations, self.block)
        return deviation(past, self.deviations)


def deviation(past: NDArray[np.float64], deviations: float) -> Band:
    """Mean -+ k standard deviations of the past windows.

    Reference: Shewhart (1931), Economic control of quality of manufactured product.

    >>> deviation(np.array([1.0, 2.0, 3.0]), 2.0)
    Band(low=0.0, high=4.0, limits=True)
    """
    mean, spread = float(past.mean()), float(past.std(ddof=1))
    return Band(mean - deviations * spread, mean + deviations * spread)


def block_bootstrap(past: NDArray[np.float64], deviations: float, block: int) -> Band:
    """Mean -+ k standard deviations, each edge at its outer 95 % over resampled runs of neighbouring windows.

    Windows that resemble their neighbours tell less than their number: the edges of their resamples vary more.
    Reference: Kuensch (1989), The jackknife and the bootstrap for general stationary observations.

    >>> slow = np.repeat([1.0, 2.0, 1.5, 2.5], 10)
    >>> block_bootstrap(slow, 3.0, 7).high > deviation(slow, 3.0).high
    True
    """
    random = np.random.default_rng(_SEED)
    length = min(block, len(past))
    runs = -(-len(past) // length)
    starts = random.integers(0, len(past) - length + 1, (RESAMPLES, runs))
    drawn = past[starts[:, :, None] + np.arange(length)].reshape(RESAMPLES, -1)[:, : len(past)]
    mean, spread = drawn.mean(axis=1), drawn.std(axis=1, ddof=1)
    low = float(np.quantile(mean - deviations * spread, 1.0 - _OUTER))
    return Band(low, float(np.quantile(mean + deviations * spread, _OUTER)))

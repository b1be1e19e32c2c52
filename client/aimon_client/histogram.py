"""Counts of positive numbers on steps that grow by a fixed ratio. In: values. Out: quantiles within one step.

Counts add, so the minutes of an hour are summed, not averaged.
"""

import math
from collections.abc import Iterable

RATIO = 2**0.25
SMALLEST = 1e-5
STEPS = 112
"""From 10 microseconds in steps of 19 % to 45 minutes; what lies beyond is counted in the outermost steps."""

_LOG_RATIO = math.log(RATIO)


class Histogram:
    """Latencies in seconds, or anything of that size; about 100 integers, however many values."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts: dict[int, int] = {}
        self.total = 0.0

    def add(self, value: float) -> None:
        """Count one value; what is no number, or negative, counts as the smallest."""
        step = step_of(value)
        self.counts[step] = self.counts.get(step, 0) + 1
        if math.isfinite(value):
            self.total += value

    @property
    def count(self) -> int:
        """How many values."""
        return sum(self.counts.values())

    def quantile(self, share: float) -> float | None:
        """The value that this share of the values does not exceed, to the middle of its step.

        >>> histogram = Histogram()
        >>> for milliseconds in range(1, 101): histogram.add(milliseconds / 1000)
        >>> 0.095 / RATIO <= histogram.quantile(0.95) <= 0.095 * RATIO
        True
        """
        count = self.count
        if not count:
            return None
        wanted, seen = max(math.ceil(share * count), 1), 0
        for step in sorted(self.counts):
            seen += self.counts[step]
            if seen >= wanted:
                return float(SMALLEST * RATIO ** (step + 0.5))
        raise AssertionError("the steps hold every value")

    def at_most(self, bound: float) -> int:
        """How many values lie in steps that end at or below the bound."""
        return sum(count for step, count in self.counts.items() if SMALLEST * RATIO ** (step + 1) <= bound * (1 + 1e-9))


def step_of(value: float) -> int:
    """Which step a value falls into."""
    if not value > SMALLEST:
        return 0
    if math.isinf(value):
        return STEPS - 1
    return min(int(math.log(value / SMALLEST) / _LOG_RATIO), STEPS - 1)


def added(histograms: Iterable[Histogram]) -> Histogram:
    """The sum."""
    total = Histogram()
    for histogram in histograms:
        total.total += histogram.total
        for step, count in histogram.counts.items():
            total.counts[step] = total.counts.get(step, 0) + count
    return total

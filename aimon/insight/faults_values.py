"""The values of one column, read once for all the recognisers: numbers in order, how often each occurs, nulls."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from aimon.insight.sample_columns import categories, kind_of, numbers
from aimon.metrics.proportions import newcombe
from aimon.spec.model import Kind

LEAST_ROWS = 200
SURE = 4.0
"""Standard errors from which a difference counts: with 100 columns, once in 150 days where nothing is wrong."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Values:
    """One column of one sample."""

    raw: pa.ChunkedArray

    @property
    def rows(self) -> int:
        return len(self.raw)

    @cached_property
    def numbers(self) -> Floats:
        """As numbers, in the order of the rows; NaN for null and for what is no number."""
        return numbers(self.raw)

    @cached_property
    def ordered(self) -> Floats:
        """The finite numbers in order."""
        finite: Floats = np.sort(self.numbers[np.isfinite(self.numbers)])
        return finite

    @cached_property
    def nulls(self) -> int:
        """How many rows hold nothing, NaN included."""
        if kind_of(self.raw) is Kind.NUMERIC:
            return int(np.isnan(self.numbers).sum())
        return int(self.raw.null_count)

    @cached_property
    def distinct(self) -> tuple[Floats, NDArray[np.int64]]:
        """Each number, and how often it occurs."""
        values, counts = np.unique(self.ordered, return_counts=True)
        return values, counts

    @cached_property
    def counts(self) -> dict[str, int]:
        """How often each category occurs."""
        rows, texts = categories(self.raw)
        found: dict[str, int] = {}
        for text, count in zip(texts, np.bincount(rows, minlength=len(texts)).tolist(), strict=True):
            if text is not None and count:
                found[text] = found.get(text, 0) + count
        return found

    def count_of(self, value: float) -> int:
        """How many rows hold exactly this number."""
        first, last = np.searchsorted(self.ordered, value, "left"), np.searchsorted(self.ordered, value, "right")
        return int(last - first)


@dataclass(frozen=True)
class Pair:
    """A column in the reference and now."""

    name: str
    reference: Values
    current: Values

    @property
    def is_numeric(self) -> bool:
        return kind_of(self.reference.raw) is Kind.NUMERIC

    @property
    def enough(self) -> bool:
        """Whether both sides have the numbers to compare distributions."""
        return min(len(self.reference.ordered), len(self.current.ordered)) >= LEAST_ROWS

    @cached_property
    def distance(self) -> float:
        """The Kolmogorov-Smirnov distance of the finite numbers."""
        return distance(self.reference.ordered, self.current.ordered)


def distance(one: Floats, other: Floats) -> float:
    """The Kolmogorov-Smirnov distance of two ordered samples.

    >>> distance(np.array([1.0, 2.0, 3.0, 4.0]), np.array([3.0, 4.0, 5.0, 6.0]))
    0.5
    """
    if not len(one) or not len(other):
        return 1.0
    points = np.concatenate([one, other])
    below = np.searchsorted(one, points, "right") / len(one) - np.searchsorted(other, points, "right") / len(other)
    return float(np.abs(below).max())


def alike(one: Floats, other: Floats, slack: float = 0.02) -> bool:
    """Whether two ordered samples may come from distributions that are at most `slack` apart, at about 0.1 %."""
    noise = 1.95 * float(np.sqrt(1.0 / max(len(one), 1) + 1.0 / max(len(other), 1)))
    return distance(one, other) <= slack + noise


def rose(before: int, rows_before: int, now: int, rows_now: int, by: float) -> bool:
    """Whether a share rose by at least `by` for sure."""
    return float(newcombe(before, rows_before, now, rows_now, SURE)[0]) >= by

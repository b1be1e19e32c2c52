"""Sums of real numbers as integers, so that adding is exact. In: numbers and a unit. Out: eight counts.

A number v is `high + low / 2^32` in units of `scale` (a power of two); highs and lows are summed apart, which cannot
overflow below 2^31 rows. Beyond 32,768 scales a number counts as that bound, and as one saturated row.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

SUM_LABELS = ("n", "sum", "sum_low", "absolute", "absolute_low", "square", "square_low", "saturated")
LOW = 2.0**32
BOUND = 2.0**15
NEGLIGIBLE = 2.0**-40


class Sums(NamedTuple):
    """Sums of d, |d| and d^2 in the column's unit, over n rows of which `saturated` were beyond the bound."""

    n: NDArray[np.int64]
    sum: NDArray[np.float64]
    absolute: NDArray[np.float64]
    square: NDArray[np.float64]
    saturated: NDArray[np.int64]


LEAST_LABEL, MOST_LABEL = 2.0**-960, 2.0**960
"""An error has a share of labels of these sizes; smaller ones count as 0."""


class Unit(BaseModel):
    """The declared unit of a sum: `d = x - center`, counted in multiples of `scale / 2^32`.

    >>> unit = Unit(center=0.0, scale=1.0)
    >>> [float(part) for part in unit.read(unit.count(np.array([0.5, -2.0])))]
    [2.0, -1.5, 2.5, 4.25, 0.0]
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    center: float
    scale: float = Field(gt=0)

    def count(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """The eight integer sums of finite values; the oracle that every kernel must equal."""
        counts: NDArray[np.int64] = self.terms(values).sum(axis=1)
        return counts

    def terms(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """What each value adds to each of the eight sums, one row a sum."""
        with np.errstate(over="ignore"):
            full = (values - self.center) / self.scale
        z = np.where(np.abs(full) < NEGLIGIBLE, 0.0, np.clip(full, -BOUND, BOUND))
        parts = [np.ones(values.shape, np.int64)]
        for v in (z, np.abs(z), z * z):
            high = np.floor(v)
            parts += [high.astype(np.int64), np.floor((v - high) * LOW).astype(np.int64)]
        return np.stack([*parts, (np.abs(full) > BOUND).astype(np.int64)])

    def read(self, counts: NDArray[np.int64]) -> Sums:
        """The sums as floating-point numbers; the last axis of `counts` has the eight cells. Squares may overflow."""
        found = self.multiples(counts)
        with np.errstate(over="ignore"):
            return found._replace(
                sum=found.sum * self.scale,
                absolute=found.absolute * self.scale,
                square=found.square * self.scale * self.scale,
            )

    def multiples(self, counts: NDArray[np.int64]) -> Sums:
        """The sums of d / scale, |d| / scale and its square, which are finite whatever the scale."""
        c = np.moveaxis(counts, -1, 0)
        total, absolute, square = (np.asarray(c[place] + c[place + 1] / LOW) for place in (1, 3, 5))
        return Sums(n=c[0], sum=total, absolute=absolute, square=square, saturated=c[7])


RELATIVE = Unit(center=0.0, scale=1.0)
"""The unit of errors as shares of their labels."""

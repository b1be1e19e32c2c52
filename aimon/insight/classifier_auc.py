"""The area under the ROC curve and its sampling law, by placements. In: scores of two groups. Out: area, errors.

Nothing of models or columns is known here.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Placements:
    """For each row of a group, the share of the other group's rows that it beats. Ties count half.

    Reference: DeLong, DeLong and Clarke-Pearson (1988), Comparing the areas under correlated ROC curves.

    >>> placed = Placements.of(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True]))
    >>> placed.auc
    0.75
    """

    positive: Floats
    negative: Floats

    @classmethod
    def of(cls, scores: Floats, positive: NDArray[np.bool_]) -> Self:
        """From scores, where `positive` ones should be larger."""
        high, low = scores[positive], scores[~positive]
        return cls(_beaten(high, low), 1.0 - _beaten(low, high))

    @property
    def auc(self) -> float:
        """P(a positive row's score > a negative one's)."""
        return float(self.positive.mean())

    @property
    def error(self) -> float:
        """DeLong's standard error of the area, for a fixed scoring rule."""
        return _error(self.positive, self.negative)

    def drop(self, other: Self) -> tuple[float, float]:
        """How much smaller the other area is, of other scores of the same rows, and the standard error of that."""
        positive, negative = self.positive - other.positive, self.negative - other.negative
        return float(positive.mean()), _error(positive, negative)


def null_error(positives: int, negatives: int) -> float:
    """The standard error of the area where scores tell nothing: that of the Mann-Whitney statistic.

    >>> round(null_error(10_000, 10_000), 5)
    0.00408
    """
    return float(np.sqrt((positives + negatives + 1) / (12.0 * positives * negatives)))


def _beaten(one: Floats, other: Floats) -> Floats:
    ordered = np.sort(other)
    below = np.searchsorted(ordered, one, "left") + np.searchsorted(ordered, one, "right")
    result: Floats = below / (2.0 * len(ordered))
    return result


def _error(positive: Floats, negative: Floats) -> float:
    return float(np.sqrt(positive.var(ddof=1) / len(positive) + negative.var(ddof=1) / len(negative)))

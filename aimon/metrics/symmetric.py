"""Drift where only a score of each column is known. In: scores, told in steps, and sizes. Out: estimates, unjudged.

Without drift the symmetric chi-square is (1/n + 1/m) / 2 times a chi-square of B - 1 degrees, half of what PSI is; and
it is never more than half the PSI of the same bins.
"""

from collections.abc import Mapping

import numpy as np

from aimon.metrics.estimate import Estimate
from aimon.metrics.noncentral import bounds, survival

METRIC = "symmetric_chi2"
NO_COUNTS = "needs counts, and the owner of the key sees scores only"


def symmetric(
    scores: Mapping[str, float], bins: Mapping[str, int], *, n_reference: int, n_current: int, step: float
) -> list[Estimate]:
    """An estimate a column; `step` is how far a told score may lie from the true one, which its interval covers.

    >>> drifted = symmetric({"income": 0.2}, {"income": 10}, n_reference=4000, n_current=400, step=0.001)[0]
    >>> round(drifted.low, 3), drifted.value, round(drifted.high, 3)
    (0.138, 0.2, 0.248)
    """
    columns = sorted(scores)
    values = np.array([scores[column] for column in columns])
    unit = (1.0 / max(n_reference, 1) + 1.0 / max(n_current, 1)) / 2.0
    degrees = np.array([bins[column] - 1 for column in columns])
    least, most = np.maximum(values - step, 0.0), values + step
    lows, _ = bounds(least / unit, degrees)
    _, highs = bounds(most / unit, degrees)
    chances = survival(least / unit, degrees)
    return [
        Estimate(
            metric=METRIC,
            column=column,
            value=float(value),
            low=float(min(low * unit, value)),
            high=float(max(high * unit, value)),
            p_value=float(chance),
            n_reference=n_reference,
            n_current=n_current,
            primary=True,
        )
        for column, value, low, high, chance in zip(columns, values, lows, highs, chances, strict=True)
    ]

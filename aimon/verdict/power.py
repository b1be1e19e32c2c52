"""Whether there are rows enough for a drift test to be worth anything. In: sizes, bins, limits. Out: a probability."""

from functools import lru_cache

from aimon.metrics.noncentral import power

ASKED = 0.8
"""The probability with which a material change must be shown, or the verdict is `insufficient`."""


@lru_cache(maxsize=4096)
def drift_power(n_reference: int, n_current: int, bins: int, limit: float, material: float) -> float:
    """The probability that PSI is shown to be above its limit when its true value is the material one.

    >>> round(drift_power(5000, 500, 10, 0.1, 0.25), 2), round(drift_power(200, 200, 10, 0.1, 0.25), 2)
    (0.98, 0.51)
    """
    if n_reference <= 0 or n_current <= 0:
        return 0.0
    return power(1.0 / n_reference + 1.0 / n_current, max(bins - 1, 1), limit, material)

"""What releases with noise tell of one row together. In: zero-concentrated losses (rho). Out: an epsilon at a delta.

dp-accounting composes and converts. It takes a second to import, so only what has a budget asks.
"""

from collections.abc import Iterable
from functools import cache

ORDERS = 700
LEAST, MOST = 1e-3, 1e9
"""Renyi orders lie as far above 1; more of them change the third digit of an epsilon."""
EXACT = 1e-12


def epsilon(losses: Iterable[float], delta: float) -> float:
    """The smallest epsilon that is promised at the delta; infinite where nothing is.

    >>> round(epsilon([0.01, 0.01], 1e-6), 3)
    0.9
    >>> epsilon([], 1e-6)
    0.0
    """
    spent = [each for each in losses if each]
    if not spent:
        return 0.0
    from dp_accounting import ComposedDpEvent, ZCDpEvent
    from dp_accounting.rdp import RdpAccountant

    accountant = RdpAccountant(list(_orders()))
    accountant.compose(ComposedDpEvent([ZCDpEvent(each) for each in spent]))
    return max(float(accountant.get_epsilon(delta)), 0.0)


@cache
def affordable(most: float, delta: float) -> float:
    """The largest loss (rho) that stays within an epsilon of `most` at the delta.

    >>> round(affordable(1.0, 1e-6), 5)
    0.02435
    """
    low, high = 0.0, most  # rho promises more than an epsilon of rho, so the answer lies below
    while high - low > EXACT * high:
        middle = (low + high) / 2
        low, high = (middle, high) if epsilon((middle,), delta) <= most else (low, middle)
    return low


@cache
def _orders() -> tuple[float, ...]:
    import numpy as np

    return tuple((1.0 + np.geomspace(LEAST, MOST, ORDERS)).tolist())

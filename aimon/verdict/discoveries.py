"""Many tests at once: the Benjamini-Hochberg adjustment. In: p-values. Out: adjusted p-values."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

SIGNIFICANT = 0.01
"""The adjusted p-value below which a change is taken to be there at all."""


def adjust(p_values: ArrayLike) -> NDArray[np.float64]:
    """The smallest false discovery rate at which each test would be called significant.

    For the i-th smallest of k: the least of p_j k / j over j >= i.
    Reference: Benjamini and Hochberg (1995), Controlling the false discovery rate.

    >>> adjust([0.01, 0.04, 0.03, 0.5]).round(4).tolist()
    [0.04, 0.0533, 0.0533, 0.5]
    """
    p = np.asarray(p_values, np.float64)
    order = np.argsort(p)[::-1]
    ranks = np.arange(len(p), 0, -1)
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(np.minimum.accumulate(p[order] * len(p) / ranks), 1.0) if len(p) else p
    return adjusted

"""The noncentral chi-square law behind the divergences of binned counts: probabilities, bounds and power.

In: a divergence in units of its sampling spread, and degrees of freedom. Knows nothing of columns or limits.
"""

import numpy as np
from numpy.typing import ArrayLike

from aimon.profile.axis import Floats

CONFIDENCE = 0.95
_EXACT_BELOW = 3000.0
_ROUNDS = 8
_CLOSE = 1e-4


def cdf(x: ArrayLike, degrees: ArrayLike, noncentrality: ArrayLike) -> Floats:
    """P(X <= x) of a noncentral chi-square; exact to 1e-9 up to 3,000, then Sankaran's approximation (to 5e-5).

    Reference: Sankaran (1963), Approximations to the non-central chi-square distribution, Biometrika 50.

    >>> round(float(cdf(20.0, 9.0, 5.0)), 4), round(float(cdf(5200.0, 9.0, 5000.0)), 3)
    (0.8409, 0.911)
    """
    from scipy.special import chndtr, ndtr

    x, k, nc = np.broadcast_arrays(*(np.asarray(a, np.float64) for a in (x, degrees, noncentrality)))
    small = x + nc < _EXACT_BELOW
    result = np.empty(x.shape)
    result[small] = chndtr(x[small], k[small], nc[small])
    large = ~small
    if large.any():
        power, mean, spread = _sankaran(k[large], nc[large])
        result[large] = ndtr(((x[large] / (k[large] + nc[large])) ** power - mean) / spread)
    return result


def quantile(probability: float, degrees: ArrayLike, noncentrality: ArrayLike) -> Floats:
    """The x with P(X <= x) = probability, by Sankaran's approximation.

    >>> round(float(quantile(0.95, 9.0, 50.0)), 1)
    84.8
    """
    from scipy.special import ndtri

    k, nc = np.asarray(degrees, np.float64), np.asarray(noncentrality, np.float64)
    power, mean, spread = _sankaran(k, nc)
    result: Floats = (k + nc) * (mean + spread * ndtri(probability)) ** (1.0 / power)
    return result


def _sankaran(k: Floats, nc: Floats) -> tuple[Floats, Floats, Floats]:
    h = 1.0 - 2.0 * (k + nc) * (k + 3.0 * nc) / (3.0 * (k + 2.0 * nc) ** 2)
    p = (k + 2.0 * nc) / (k + nc) ** 2
    m = (h - 1.0) * (1.0 - 3.0 * h)
    mean = 1.0 + h * p * (h - 1.0 - 0.5 * (2.0 - h) * m * p)
    return h, mean, h * np.sqrt(2.0 * p) * (1.0 + 0.5 * m * p)


def bounds(x: ArrayLike, degrees: ArrayLike, confidence: float = CONFIDENCE) -> tuple[Floats, Floats]:
    """The noncentralities below and above which, each with this confidence, the truth does not lie.

    `low` solves P(X >= x) = 1 - confidence, `high` solves P(X <= x) = 1 - confidence; each is 0 where none does.
    Found in w = sqrt(noncentrality + degrees / 2), on which the probability's normal score falls by about 1 a unit.

    >>> low, high = bounds(60.0, 9.0)
    >>> round(float(low), 1), round(float(high), 1)
    (30.1, 79.4)
    """
    x, k = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(degrees, np.float64))
    return _solve(x, k, confidence), _solve(x, k, 1.0 - confidence)


def _solve(x: Floats, k: Floats, probability: float) -> Floats:
    from scipy.special import ndtri

    target = float(ndtri(probability))
    result = np.zeros(x.shape)
    open_ = cdf(x, k, 0.0) > probability
    x, k = x[open_], k[open_]
    floor = np.sqrt(k / 2.0)
    w = np.maximum(np.sqrt(target**2 + np.maximum(x - k / 2.0, 0.0)) - target, floor)
    for _ in range(_ROUNDS):
        score = ndtri(np.clip(cdf(x, k, np.maximum(w * w - k / 2.0, 0.0)), 1e-12, 1.0 - 1e-12))
        step = score - target
        w = np.maximum(w + step, floor)
        if np.abs(step).max(initial=0.0) < _CLOSE:
            break
    result[open_] = np.maximum(w * w - k / 2.0, 0.0)
    return result


def survival(x: ArrayLike, degrees: ArrayLike) -> Floats:
    """P(X >= x) of a central chi-square; 1 where there are no degrees of freedom.

    >>> round(float(survival(16.919, 9.0)), 3)
    0.05
    """
    from scipy.special import chdtrc

    k = np.asarray(degrees, np.float64)
    result: Floats = np.where(k > 0, chdtrc(np.maximum(k, 1.0), np.asarray(x, np.float64)), 1.0)
    return result


def power(spread: float, degrees: int, limit: float, truth: float, confidence: float = CONFIDENCE) -> float:
    """The probability that a divergence whose true value is `truth` is shown to be above `limit`.

    `spread` is the divergence's unit: for PSI 1/n + 1/m.

    >>> round(power(1 / 500 + 1 / 500, 9, 0.1, 0.25), 2), round(power(1 / 100 + 1 / 100, 9, 0.1, 0.25), 2)
    (0.87, 0.29)
    """
    bar = quantile(confidence, degrees, limit / spread)
    return float(1.0 - cdf(bar, degrees, truth / spread))

"""How well a score ranks positives above negatives. In: counts by score step and label. Out: areas.

Rows of one step are tied and get half credit. The steps are fine enough that this costs less than 0.001 of AUC.
"""

import math

import numpy as np
from numpy.typing import NDArray

from aimon.metrics.estimate import Obstacle
from aimon.metrics.interval import Measure, undefined
from aimon.metrics.proportions import Z95, wilson
from aimon.profile.axis import Floats

Ints = NDArray[np.int64]

LEAST_OF_A_CLASS = 10
"""An area of fewer rows of a class has no interval."""


def roc_auc(negatives: Ints, positives: Ints) -> Measure:
    """P(a positive scores above a negative) + P(tie) / 2, with DeLong's interval on the logit scale.

    Steps in rising order of score.
    Reference: DeLong, DeLong and Clarke-Pearson (1988); Qin and Hotilovac (2008) for the logit.

    >>> area = roc_auc(np.array([40, 30, 20, 10]), np.array([5, 10, 20, 30]))
    >>> round(area.value, 4), round(area.low, 4), round(area.high, 4)
    (0.7846, 0.7075, 0.8458)
    """
    neg, pos = negatives.astype(np.float64), positives.astype(np.float64)
    n, p = neg.sum(), pos.sum()
    if n == 0 or p == 0:
        return _one_class(int(n), int(p))
    of_positive = (np.cumsum(neg) - neg / 2.0) / n
    of_negative = 1.0 - (np.cumsum(pos) - pos / 2.0) / p
    area = float((pos * of_positive).sum() / p)
    variance = _mean_variance(of_positive, pos) + _mean_variance(of_negative, neg)
    if min(n, p) < LEAST_OF_A_CLASS:
        return _few(area, int(n), int(p))
    low, high = _logit_interval(area, math.sqrt(variance), int(min(n, p)))
    return Measure(area, low, high, int(n + p))


def _few(value: float, negatives: int, positives: int) -> Measure:
    note = f"it rests on {positives} positive and {negatives} negative rows; {LEAST_OF_A_CLASS} of each are the least"
    return Measure(value, None, None, negatives + positives, Obstacle.TOO_FEW_ROWS, note)


def _mean_variance(values: Floats, weights: Floats) -> float:
    rows = weights.sum()
    mean = (values * weights).sum() / rows
    return float(((values - mean) ** 2 * weights).sum() / max(rows - 1.0, 1.0) / rows)


def _logit_interval(value: float, error: float, fewest: int) -> tuple[float, float]:
    """The interval on the logit scale; Wilson's over the rarer class where the value is 0 or 1 or has no error."""
    if error <= 0.0 or not 0.0 < value < 1.0:
        low, high = wilson(value * fewest, fewest)
        return float(low), float(high)
    middle, half = math.log(value / (1.0 - value)), Z95 * error / (value * (1.0 - value))
    return _expit(middle - half), _expit(middle + half)


def _expit(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-700.0, min(700.0, x))))


def _one_class(negatives: int, positives: int) -> Measure:
    lacking = "positive" if positives == 0 else "negative"
    return undefined(negatives + positives, f"no scored row has a {lacking} label")


def average_precision(negatives: Ints, positives: Ints) -> Measure:
    """Average precision: sum over falling thresholds of (recall_k - recall_(k-1)) precision_k.

    Interval: logit, with standard error sqrt(AP (1 - AP) / positives).
    Reference: Boyd, Eng and Page (2013), Area under the precision-recall curve.

    >>> round(average_precision(np.array([40, 30, 20, 10]), np.array([5, 10, 20, 30])).value, 4)
    0.6457
    """
    neg, pos = negatives[::-1].astype(np.float64), positives[::-1].astype(np.float64)
    n, p = neg.sum(), pos.sum()
    if p == 0 or n + p == 0:
        return _one_class(int(n), int(p))
    selected, hits = np.cumsum(neg + pos), np.cumsum(pos)
    precision = np.where(selected > 0, hits / np.where(selected > 0, selected, 1.0), 0.0)
    value = float(min((pos * precision).sum() / p, 1.0))
    if min(n, p) < LEAST_OF_A_CLASS:
        return _few(value, int(n), int(p))
    low, high = _logit_interval(value, math.sqrt(value * (1.0 - value) / p), int(p))
    return Measure(value, low, high, int(n + p))

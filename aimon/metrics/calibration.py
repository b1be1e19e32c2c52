"""Whether scores mean what they say. In: counts by score step and label, and each step's score. Out: measures.

A step's rows count at the middle of the step: at most 0.2 % of the odds off at 0.5, 3 % at one in a million.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aimon.metrics.interval import Measure, normal, undefined
from aimon.profile.axis import Floats

Ints = NDArray[np.int64]

BINS = 10
_ROUNDS = 50
_WORST_CONDITION = 1e12
NO_SCORES = "no row has both a score in [0, 1] and a label"


@dataclass(frozen=True, slots=True)
class Reliability:
    """Rows, positives and mean score of each bin that has rows."""

    rows: Floats
    positives: Floats
    scores: Floats


def equal_mass(negatives: Ints, positives: Ints, scores: Floats, bins: int = BINS) -> Reliability:
    """The rows in bins of about equal size, cut at the steps nearest to the window's quantiles."""
    rows = (negatives + positives).astype(np.float64)
    below = np.concatenate([[0.0], np.cumsum(rows)])
    targets = below[-1] * np.arange(1, bins) / bins
    upper = np.clip(np.searchsorted(below, targets), 1, len(rows))
    edges = np.where(below[upper] - targets <= targets - below[upper - 1], upper, upper - 1)
    starts = np.unique(np.concatenate([[0], edges]))
    starts = starts[starts < len(rows)]
    sums = [np.add.reduceat(v, starts) for v in (rows, positives.astype(np.float64), rows * scores)]
    filled = sums[0] > 0
    return Reliability(sums[0][filled], sums[1][filled], sums[2][filled] / sums[0][filled])


def raw_ece(bins: Reliability) -> float:
    """Expected calibration error: sum over bins of their share of rows times |positive share - mean score|.

    Reference: Naeini, Cooper and Hauskrecht (2015), Obtaining well calibrated probabilities using Bayesian binning.

    >>> round(raw_ece(Reliability(np.array([50.0, 50.0]), np.array([10.0, 45.0]), np.array([0.25, 0.8]))), 4)
    0.075
    """
    return float((np.abs(bins.positives - bins.rows * bins.scores)).sum() / bins.rows.sum())


def chance_ece(bins: Reliability) -> float:
    """The expected calibration error of a perfectly calibrated score with as many rows: it is never 0.

    The mean absolute deviation of a binomial, 2 (k + 1) C(n, k + 1) p^(k + 1) (1 - p)^(n - k) with k = floor(n p).
    Reference: de Moivre (1730); Broecker (2012), Estimating reliability and resolution of probability forecasts.

    >>> round(chance_ece(Reliability(np.array([1000.0]), np.array([300.0]), np.array([0.3]))), 5)
    0.01156
    """
    from scipy.special import gammaln, xlog1py, xlogy

    n, p = bins.rows, np.clip(bins.scores, 0.0, 1.0)
    k = np.minimum(np.floor(n * p), n - 1.0)
    log = np.log(2.0) + np.log(k + 1.0) + gammaln(n + 1.0) - gammaln(k + 2.0) - gammaln(n - k)
    deviation = np.exp(log + xlogy(k + 1.0, p) + xlog1py(n - k, -p))
    return float(deviation.sum() / n.sum())


def ece(negatives: Ints, positives: Ints, scores: Floats) -> Measure:
    """Expected calibration error in ten bins of equal mass, less what perfect calibration shows; at least 0."""
    bins = equal_mass(negatives, positives, scores)
    n = int(bins.rows.sum())
    if n == 0:
        return undefined(0, NO_SCORES)
    share = (bins.positives + 0.5) / (bins.rows + 1.0)
    error = math.sqrt(float((bins.rows * share * (1.0 - share)).sum())) / n
    return normal(max(raw_ece(bins) - chance_ece(bins), 0.0), error, n, least=0.0, most=1.0)


def brier(negatives: Ints, positives: Ints, scores: Floats) -> Measure:
    """Brier score: the mean of (score - outcome)^2. From 0 to 1.

    Reference: Brier (1950), Verification of forecasts expressed in terms of probability.

    >>> round(brier(np.array([8, 2]), np.array([2, 8]), np.array([0.2, 0.8])).value, 4)
    0.16
    """
    return _mean((1.0 - scores) ** 2, scores**2, positives, negatives, most=1.0)


def log_loss(negatives: Ints, positives: Ints, scores: Floats) -> Measure:
    """Log loss: the mean of -ln(score) over positives and -ln(1 - score) over negatives. Unit: nats.

    Reference: Good (1952), Rational decisions.

    >>> round(log_loss(np.array([8, 2]), np.array([2, 8]), np.array([0.2, 0.8])).value, 4)
    0.5004
    """
    inside = np.clip(scores, 1e-15, 1.0 - 1e-15)
    return _mean(-np.log(inside), -np.log1p(-inside), positives, negatives, most=math.inf)


def _mean(of_positive: Floats, of_negative: Floats, positives: Ints, negatives: Ints, *, most: float) -> Measure:
    n = int(positives.sum() + negatives.sum())
    if n == 0:
        return undefined(0, NO_SCORES)
    mean = float((of_positive * positives).sum() + (of_negative * negatives).sum()) / n
    square = float((of_positive**2 * positives).sum() + (of_negative**2 * negatives).sum()) / n
    return normal(mean, math.sqrt(max(square - mean * mean, 0.0) / n), n, least=0.0, most=most)


def slope_and_intercept(negatives: Ints, positives: Ints, scores: Floats) -> tuple[Measure, Measure]:
    """Slope b of logit P(positive) = a + b logit(score), and intercept a at slope 1; (1, 0) when well calibrated.

    A slope below 1 means scores too extreme; a positive intercept means that positives are more frequent than scored.
    Maximum likelihood by Newton's method; intervals from the information.
    Reference: Cox (1958), Two further applications of a model for binary regression.

    >>> slope, intercept = slope_and_intercept(np.array([80, 20]), np.array([20, 80]), np.array([0.2, 0.8]))
    >>> round(slope.value, 6), round(intercept.value, 6) + 0.0
    (1.0, 0.0)
    """
    rows = (negatives + positives).astype(np.float64)
    n = int(rows.sum())
    if positives.sum() == 0 or negatives.sum() == 0:
        nothing = undefined(n, "calibration needs both positive and negative labels")
        return nothing, nothing
    kept = rows > 0
    inside = np.clip(scores[kept], 1e-15, 1.0 - 1e-15)
    logits, y, weights = np.log(inside) - np.log1p(-inside), positives[kept].astype(np.float64), rows[kept]
    line = _fit(np.stack([np.ones(len(logits)), logits]), np.zeros(len(logits)), y, weights)
    shift = _fit(np.ones((1, len(logits))), logits, y, weights)
    return _fitted(line, n, "one score, or a score that separates the labels, has no slope"), _fitted(
        shift, n, "the labels do not determine an intercept"
    )


def _fitted(result: tuple[float, float] | None, n: int, note: str) -> Measure:
    return undefined(n, note) if result is None else normal(result[0], result[1], n)


def _fit(design: Floats, offset: Floats, positives: Floats, rows: Floats) -> tuple[float, float] | None:
    """The last coefficient and its standard error of a logistic regression; None where there is no maximum.

    One or two coefficients, in closed form: a library of linear algebra adds in an order that depends on where the
    numbers lie in memory, and a rerun must give the same bits.
    """
    from scipy.special import expit

    beta = np.zeros(len(design))
    beta[-1] = 1.0 if len(design) > 1 else 0.0
    for _ in range(_ROUNDS):
        p = expit((design * beta[:, np.newaxis]).sum(axis=0) + offset)
        information = (design[:, np.newaxis] * design * (rows * p * (1.0 - p))).sum(axis=-1)
        covariance = _inverse(information)
        if covariance is None:
            return None
        step = (covariance * (design * (positives - rows * p)).sum(axis=-1)).sum(axis=-1)
        beta = beta + np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < 1e-10:
            return float(beta[-1]), math.sqrt(covariance[-1, -1])
    return None


def _inverse(information: Floats) -> Floats | None:
    """The inverse of a symmetric matrix of one or two rows; None where it is next to singular."""
    if not np.isfinite(information).all():
        return None
    if len(information) == 1:
        return 1.0 / information if information[0, 0] > 0.0 else None
    (a, b), (_, c) = information.tolist()
    determinant, half = a * c - b * b, (a + c) / 2.0
    largest = half + math.sqrt(max(half * half - determinant, 0.0))
    if determinant <= 0.0 or largest * largest > _WORST_CONDITION * determinant:
        return None
    inverse: Floats = np.array([[c, -b], [-b, a]]) / determinant
    return inverse

"""Errors of a regression. In: fixed-point sums and counts by residual step. Out: measures, in the label's unit.

A residual is prediction minus label. MAE, RMSE, bias and R2 come from exact sums; the median from the steps.
"""

import math

import numpy as np
from numpy.typing import NDArray

from aimon.metrics.estimate import Obstacle
from aimon.metrics.interval import Measure, normal, share_of, undefined
from aimon.metrics.ranks import quantile_of
from aimon.profile.axis import Floats, NumericAxis
from aimon.profile.sums import BOUND, RELATIVE, Sums, Unit

Ints = NDArray[np.int64]

NO_ROWS = "no row has both a prediction and a label that are numbers"
CONSTANT = "every label is the same, so there is no variance to explain"
TOO_LARGE = "the errors are larger than a number can be"
NO_LABELS = "no label is other than 0, and no error is a share of 0"
NO_INTERVALS = "no row has a label and both ends of an interval"
SATURATED = "errors too large for the sums were counted at their bound"


def residuals(by_prediction: Ints, histogram: Ints, axis: NumericAxis, unit: Unit) -> dict[str, Measure]:
    """MAE, RMSE, bias and median absolute error.

    mae = sum |e| / n; rmse = sqrt(sum e^2 / n); bias = sum e / n. Intervals are normal: of |e| and e by their own
    variance, of e^2 by the fourth moment of the steps.
    Reference: Hyndman and Koehler (2006), Another look at measures of forecast accuracy.

    >>> unit, axis, errors = Unit(center=0, scale=1), NumericAxis(center=0, scale=1), np.array([1.0, -1.0, 3.0])
    >>> steps = np.bincount(axis.cell(errors), minlength=axis.size)
    >>> measures = residuals(unit.count(errors)[None, :], steps, axis, unit)
    >>> [round(measures[name].value, 3) for name in ("mae", "rmse", "bias", "median_absolute_error")]
    [1.667, 1.915, 1.0, 1.0]
    """
    sums = unit.multiples(by_prediction.sum(axis=0))
    n = int(sums.n)
    if n == 0:
        return dict.fromkeys(("mae", "rmse", "bias", "median_absolute_error"), undefined(0, NO_ROWS))
    mae, bias, square = (float(total) / n for total in (sums.absolute, sums.sum, sums.square))
    rmse = math.sqrt(square)
    places = np.clip(axis.places / unit.scale, -BOUND, BOUND)
    steps = histogram[: axis.steps].astype(np.float64)
    fourth = float((places**4 * steps).sum() / max(steps.sum(), 1.0))
    error = math.sqrt(max(fourth - square * square, 0.0) / n) / (2.0 * rmse) if rmse > 0 else 0.0
    obstacle, note = (Obstacle.ASSUMPTION, SATURATED) if int(sums.saturated) else (None, None)
    measures = {
        "mae": normal(mae, math.sqrt(max(square - mae * mae, 0.0) / n), n, least=0.0),
        "rmse": normal(rmse, error, n, least=0.0),
        "bias": normal(bias, math.sqrt(max(square - bias * bias, 0.0) / n), n),
        "median_absolute_error": median_absolute(steps, places),
    }
    told = {name: _in_unit(measure, unit.scale) for name, measure in measures.items()}
    if note is None:
        return told
    return {name: Measure(m.value, m.low, m.high, m.n, obstacle, note) for name, m in told.items()}


def _in_unit(measure: Measure, scale: float) -> Measure:
    """The measure in the label's unit, from one in multiples of the scale."""
    value, low, high = (None if x is None else x * scale for x in (measure.value, measure.low, measure.high))
    if value is not None and math.isinf(value):
        return Measure(None, None, None, measure.n, Obstacle.ASSUMPTION, TOO_LARGE)
    low, high = (None if bound is None or math.isinf(bound) else bound for bound in (low, high))
    return Measure(value, low, high, measure.n, measure.obstacle, measure.note)


def median_absolute(steps: Floats, places: Floats) -> Measure:
    """The median of |e|, to the width of a step; the interval is between ranks.

    Reference: Conover (1999), Practical nonparametric statistics, 3.2.
    """
    if not steps.any():
        return undefined(0, NO_ROWS)
    order = np.argsort(np.abs(places), kind="stable")
    return quantile_of(np.abs(places)[order], steps[order], 0.5)


def mape(relative: Ints, rows: int) -> Measure:
    """Mean absolute percentage error as a share: sum |prediction - label| / |label| over n. Needs labels other than 0.

    `rows` is how many rows have a prediction and a label. Where some labels are 0 the value is that of the others, and
    unsupported: how far off a prediction of 0 is has no share. Interval: normal.
    Reference: Hyndman and Koehler (2006), Another look at measures of forecast accuracy.

    >>> round(mape(RELATIVE.count(np.array([0.1, 0.2, 0.3] * 20)), 60).value, 6)
    0.2
    """
    sums = RELATIVE.multiples(relative)
    n = int(sums.n)
    if n == 0:
        return undefined(0, NO_LABELS if rows else NO_ROWS)
    mean, square = float(sums.absolute) / n, float(sums.square) / n
    measure = normal(mean, math.sqrt(max(square - mean * mean, 0.0) / n), n, least=0.0)
    note = SATURATED if int(sums.saturated) else None
    if rows > n:
        said = "1 label is 0; it is" if rows - n == 1 else f"{rows - n} labels are 0; they are"
        note = f"{said} left out, as no error is a share of 0"
    if note is None:
        return measure
    return Measure(measure.value, measure.low, measure.high, n, Obstacle.ASSUMPTION, note)


def interval_coverage(counts: Ints) -> Measure:
    """The share of labels that lie between the ends of their interval, both included. Wilson's interval.

    `counts` are the rows below, inside and above.

    >>> interval_coverage(np.array([3, 90, 7])).value
    0.9
    """
    return share_of(int(counts[1]), int(counts.sum()), NO_INTERVALS)


def r2(by_prediction: Ints, moments: Ints, residual: Unit, label: Unit) -> Measure:
    """R2 = 1 - (sum e^2 / n) / variance of the label: the share of the variance explained. Undefined on a constant.

    Interval: normal, with variance 4 R2 (1 - R2)^2 / n, at least that of R2 = 0.05.
    Reference: Olkin and Finn (1995), Correlations redux.

    >>> unit, labels = Unit(center=0, scale=1), np.array([1.0, 2.0, 3.0, 4.0])
    >>> r2(unit.count(np.array([0.5, -0.5, 0.5, -0.5]))[None, :], unit.count(labels), unit, unit).value
    0.8
    """
    errors, labels = residual.multiples(by_prediction.sum(axis=0)), label.multiples(moments)
    n = int(errors.n)
    if n == 0 or int(labels.n) == 0:
        return undefined(0, NO_ROWS)
    variance = _variance(labels)
    if variance <= 0:
        return undefined(n, CONSTANT)
    ratio = residual.scale / label.scale
    value = 1.0 - float(errors.square) / n / variance * ratio * ratio
    if math.isinf(value):
        return undefined(n, TOO_LARGE)
    inside = min(max(value, 0.05), 1.0)
    return normal(value, 2.0 * math.sqrt(inside / n) * (1.0 - min(value, inside)), n, most=1.0)


def _variance(sums: Sums) -> float:
    """The variance of n fixed-point values; 0 where it is within their rounding."""
    n = int(sums.n)
    mean, square = float(sums.sum) / n, float(sums.square) / n
    variance = square - mean * mean
    return variance if variance > 1e-9 * square else 0.0

"""What performance scores lead one to expect. In: scores and decisions, a calibration. Out: values and errors.

Two errors are told apart: of the labels that chance will deal to these rows, and of the calibration.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from aimon.insight.calibration import Calibration

Floats = NDArray[np.float64]


class Window(NamedTuple):
    """Rows by position of their score. `selected` is the share of them that the model selects.

    `order` numbers the cells that realised measures are counted in, by rising score; rows of one are tied.
    """

    position: Floats
    rows: Floats
    selected: Floats | None
    order: NDArray[np.int64]


class Expected(NamedTuple):
    """A value, the variance that the labels' chance gives it, and that of the calibration."""

    value: float
    labels: float
    calibration: float

    @property
    def error(self) -> float:
        """The standard deviation of the realised value around this one."""
        return float(np.sqrt(self.labels + self.calibration))


def of_decisions(window: Window, calibration: Calibration) -> dict[str, Expected]:
    """Expected accuracy, precision, recall and F1 of a binary decision.

    True positives and false negatives are sums of independent labels: their law gives that of every ratio of them.
    Reference: Bialek et al. (2024), Estimating model performance under covariate shift without labels.
    """
    if window.selected is None:
        return {}
    p, slopes = _probabilities(window.position, calibration)
    noise = p * (1.0 - p)
    sides = np.stack([window.rows * window.selected, window.rows * (1.0 - window.selected)])
    tp, fn = sides @ p
    selected, rejected = sides.sum(axis=1)
    gradients = (sides * noise) @ slopes
    labels = np.diag(sides @ noise)
    learnt = gradients @ calibration.covariance @ gradients.T
    return {
        name: Expected(value, float(slope @ labels @ slope), float(slope @ learnt @ slope))
        for name, value, slope in _ratios(float(tp), float(fn), float(selected), float(rejected))
    }


def of_answers(window: Window, calibration: Calibration) -> Expected:
    """Expected accuracy where the calibration tells how often an answer of that confidence is right."""
    p, slopes = _probabilities(window.position, calibration)
    share = window.rows / window.rows.sum()
    noise = p * (1.0 - p)
    gradient = (share * noise) @ slopes
    return Expected(
        float(share @ p),
        float((share * noise).sum() / window.rows.sum()),
        float(gradient @ calibration.covariance @ gradient),
    )


def of_ranking(window: Window, calibration: Calibration) -> Expected | None:
    """Expected area under the ROC curve: that of the expected positives and negatives in each cell.

    Its derivative by a label is the difference of the row's placements among negatives and among positives.
    """
    p, slopes = _probabilities(window.position, calibration)
    cells = int(window.order.max()) + 1
    positives = np.bincount(window.order, window.rows * p, cells)
    negatives = np.bincount(window.order, window.rows * (1.0 - p), cells)
    n_positive, n_negative = positives.sum(), negatives.sum()
    if min(n_positive, n_negative) < 1.0:
        return None
    below = (np.cumsum(negatives) - negatives / 2.0) / n_negative
    above = 1.0 - (np.cumsum(positives) - positives / 2.0) / n_positive
    value = float((positives @ below) / n_positive)
    by_label = ((below - value) / n_positive - (above - value) / n_negative)[window.order]
    noise = window.rows * p * (1.0 - p)
    gradient = (noise * by_label) @ slopes
    return Expected(value, float((noise * by_label**2).sum()), float(gradient @ calibration.covariance @ gradient))


def _ratios(tp: float, fn: float, selected: float, rejected: float) -> list[tuple[str, float, Floats]]:
    """Each measure with its derivatives by tp and fn; left out where its denominator may be empty."""
    rows, positives = selected + rejected, tp + fn
    found = [("accuracy", (tp + rejected - fn) / rows, np.array([1.0, -1.0]) / rows)]
    if selected > 0:
        found.append(("precision", tp / selected, np.array([1.0, 0.0]) / selected))
    if positives >= 1.0:
        found.append(("recall", tp / positives, np.array([fn, -tp]) / positives**2))
        whole = selected + positives
        found.append(("f1", 2.0 * tp / whole, 2.0 * np.array([selected + fn, -tp]) / whole**2))
    return found


def _probabilities(position: Floats, calibration: Calibration) -> tuple[Floats, Floats]:
    from scipy.special import expit

    value, slopes = calibration.log_odds(position)
    return np.asarray(expit(value)), slopes

"""Measures of a confusion table. In: counts of (selected, positive) or of (predicted class, true class). Out: measures.

Binary tables are [not selected, selected] x [negative, positive].
"""

import numpy as np
from numpy.typing import NDArray

from aimon.metrics.interval import Measure, count_of, normal, share_of, undefined
from aimon.profile.axis import Floats

Ints = NDArray[np.int64]

NO_ROWS = "no row has both a prediction and a label"
NO_POSITIVES = "no row has a positive label"
NO_NEGATIVES = "no row has a negative label"
NONE_SELECTED = "no row was selected"
ALL_SELECTED = "every row was selected"


def binary(table: Ints) -> dict[str, Measure]:
    """Every measure of a 2 x 2 table.

    >>> measures = binary(np.array([[50, 10], [5, 35]]))
    >>> [round(measures[name].value, 4) for name in ("accuracy", "precision", "recall", "f1", "mcc")]
    [0.85, 0.875, 0.7778, 0.8235, 0.6975]
    """
    (tn, fn), (fp, tp) = ((int(count) for count in row) for row in table)
    n = tn + fn + fp + tp
    counts = {name: count_of(count, n) for name, count in (("tn", tn), ("fp", fp), ("fn", fn), ("tp", tp))}
    return {
        "accuracy": share_of(tn + tp, n, NO_ROWS),
        "balanced_accuracy": balanced_accuracy(np.array([tn, tp]), np.array([tn + fp, tp + fn])),
        "precision": share_of(tp, tp + fp, NONE_SELECTED),
        "recall": share_of(tp, tp + fn, NO_POSITIVES),
        "f1": f1(tp, fp + fn, n),
        "fpr": share_of(fp, tn + fp, NO_NEGATIVES),
        "mcc": matthews(table),
        **counts,
    }


def rates(table: Ints) -> dict[str, tuple[int, int, str]]:
    """Successes, trials and the words for no trials, of each rate of a 2 x 2 table.

    Every rate has its own denominator: `tpr` and `fnr` positives, `fpr` and `tnr` negatives, `ppv` the selected,
    `npv` the others, `base_rate` all rows.

    >>> rates(np.array([[50, 10], [5, 35]]))["ppv"]
    (35, 40, 'no row was selected')
    """
    (tn, fn), (fp, tp) = ((int(count) for count in row) for row in table)
    return {
        "tpr": (tp, tp + fn, NO_POSITIVES),
        "fpr": (fp, tn + fp, NO_NEGATIVES),
        "fnr": (fn, tp + fn, NO_POSITIVES),
        "tnr": (tn, tn + fp, NO_NEGATIVES),
        "ppv": (tp, tp + fp, NONE_SELECTED),
        "npv": (tn, tn + fn, ALL_SELECTED),
        "base_rate": (tp + fn, tn + fp + fn + tp, NO_ROWS),
    }


def balanced_accuracy(correct: Ints, rows: Ints) -> Measure:
    """The mean over classes with rows of the share that was recognised.

    Its variance is that of a mean of independent shares, each with one success and one failure added.
    Reference: Brodersen et al. (2010), The balanced accuracy and its posterior distribution.

    >>> round(balanced_accuracy(np.array([50, 35]), np.array([55, 45])).value, 4)
    0.8434
    """
    known = rows > 0
    if not known.any():
        return undefined(0, NO_ROWS)
    x, n = correct[known], rows[known]
    smoothed = (x + 1.0) / (n + 2.0)
    error = float(np.sqrt((smoothed * (1.0 - smoothed) / n).sum())) / len(n)
    return normal(float((x / n).mean()), error, int(n.sum()), least=0.0, most=1.0)


def f1(hits: int, errors: int, n: int) -> Measure:
    """F1 = 2 tp / (2 tp + fp + fn), by the Wilson interval of tp / (tp + fp + fn), of which it is a monotone function.

    Reference: van Rijsbergen (1979), Information retrieval.

    >>> round(f1(35, 15, 100).value, 4)
    0.8235
    """
    if hits + errors == 0:
        return undefined(n, "no row was selected and no row has a positive label")
    overlap = share_of(hits, hits + errors, NO_ROWS)
    value, low, high = (2.0 * v / (1.0 + v) for v in (overlap.value or 0.0, overlap.low or 0.0, overlap.high or 0.0))
    return Measure(value, low, high, n)


def matthews(table: Ints) -> Measure:
    """Matthews' correlation of predicted and true class, from -1 to 1, for any number of classes; classes in one order.

    (c s - sum p_k t_k) / sqrt((s^2 - sum p_k^2) (s^2 - sum t_k^2)), with c correct of s rows. Interval: delta method.
    Reference: Gorodkin (2004), Comparing two K-category assignments by a K-category correlation coefficient.

    >>> round(matthews(np.array([[50, 5], [10, 35]])).value, 4)
    0.6975
    """
    counts = table.astype(np.float64)
    s, c = counts.sum(), float(np.trace(counts))
    predicted, true = counts.sum(axis=1), counts.sum(axis=0)
    above = c * s - (predicted * true).sum()
    a, b = s * s - (predicted**2).sum(), s * s - (true**2).sum()
    if a <= 0 or b <= 0:
        return undefined(int(s), "all predictions, or all labels, are of one class")
    value = float(above / np.sqrt(a * b))
    upward = s * np.eye(len(counts)) + c - true[:, None] - predicted[None, :]
    inside = (s - predicted)[:, None] / a + (s - true)[None, :] / b
    gradient = upward / np.sqrt(a * b) - value * inside
    return normal(value, _delta(gradient, counts), int(s), least=-1.0, most=1.0)


def _delta(gradient: Floats, counts: Floats) -> float:
    """The standard error of a function of multinomial counts, from its gradient."""
    rows = counts.sum()
    mean = (gradient * counts).sum() / rows
    return float(np.sqrt(max(((gradient - mean) ** 2 * counts).sum(), 0.0)))


def multiclass(table: Ints) -> dict[str, Measure]:
    """Accuracy, balanced accuracy, Matthews' correlation, and precision, recall and F1 averaged over classes (macro).

    `table` is square, classes in one order. As in scikit-learn, a class that has labels and is never predicted has
    precision 0 in the average, and the averages are over the classes that occur as a prediction or a label.
    Intervals of the averages: delta method.

    >>> measures = multiclass(np.array([[5, 1, 0], [0, 4, 1], [0, 0, 9]]))
    >>> round(measures["accuracy"].value, 3), round(measures["f1"].value, 3)
    (0.9, 0.885)
    """
    counts = table.astype(np.float64)
    n = int(table.sum())
    hits = np.diag(counts)
    return {
        "accuracy": share_of(int(hits.sum()), n, NO_ROWS),
        "balanced_accuracy": balanced_accuracy(np.diag(table), table.sum(axis=0)),
        "precision": _macro(counts, 1.0, 0.0),
        "recall": _macro(counts, 0.0, 1.0),
        "f1": _macro(counts, 1.0, 1.0),
        "mcc": matthews(table),
    }


def _macro(counts: Floats, of_predicted: float, of_true: float) -> Measure:
    """The mean over classes of (u + v) tp / (u predicted + v true); (1, 0) precision, (0, 1) recall, (1, 1) F1."""
    hits, predicted, true = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    occurs = (predicted + true) > 0
    if not occurs.any():
        return undefined(0, NO_ROWS)
    weight = of_predicted + of_true
    below = of_predicted * predicted + of_true * true
    safe = np.where(below > 0, below, 1.0)
    scores = np.where(below > 0, weight * hits / safe, 0.0)
    slope = weight * hits / safe**2
    gradient = -(of_predicted * slope[:, None] + of_true * slope[None, :]) + np.diag(
        np.where(below > 0, weight / safe, 0.0)
    )
    return normal(
        float(scores[occurs].mean()),
        _delta(gradient / int(occurs.sum()), counts),
        int(counts.sum()),
        least=0.0,
        most=1.0,
    )


def by_class(table: Ints, classes: list[str]) -> dict[str, dict[str, Measure]]:
    """Precision, recall, F1 and false positive rate of each class that occurs, against all others."""
    measures, n = {}, int(table.sum())
    for place, name in enumerate(classes):
        hits, predicted, true = int(table[place, place]), int(table[place].sum()), int(table[:, place].sum())
        if predicted + true:
            measures[name] = {
                "precision": share_of(hits, predicted, "the class was never predicted"),
                "recall": share_of(hits, true, "no row has this class as its label"),
                "f1": f1(hits, predicted + true - 2 * hits, n),
                "fpr": share_of(predicted - hits, n - true, "every row has this class as its label"),
            }
    return measures

"""One class against all others, by the score that each class has. In: counts by score step and label. Out: measures.

Of a class everything is as if it were the positive one of two. Over all classes areas are averaged (macro), and the
losses are those of all probabilities of a row.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aimon.metrics import calibration
from aimon.metrics.estimate import Obstacle
from aimon.metrics.interval import Measure, undefined
from aimon.metrics.scores import average_precision, roc_auc
from aimon.profile.axis import Floats

Ints = NDArray[np.int64]

NO_AREA = "no class has both rows of its own and rows of others"


@dataclass(frozen=True, slots=True)
class Scored:
    """A class's rows by rising score: with another label, with this one; the steps' probabilities where they are."""

    others: Ints
    own: Ints
    probabilities: Floats | None


def of_class(scored: Scored) -> dict[str, Measure]:
    """A class against all others: areas, and where its scores are probabilities log loss, Brier score and ECE."""
    sides = scored.others, scored.own
    measures = {"roc_auc": roc_auc(*sides), "average_precision": average_precision(*sides)}
    if scored.probabilities is not None:
        losses = {"log_loss": calibration.log_loss, "brier": calibration.brier, "ece": calibration.ece}
        measures |= {name: loss(*sides, scored.probabilities) for name, loss in losses.items()}
    return measures


def over_classes(scored: Mapping[str, Scored]) -> dict[str, Measure]:
    """The areas' means over classes, log loss and Brier score of all classes' probabilities.

    log loss = mean of -ln(probability of the label's class); Brier score = mean over rows of the sum over classes of
    (probability - outcome)^2, from 0 to 2.
    Reference: Hand and Till (2001), A simple generalisation of the area under the ROC curve; Brier (1950).

    >>> cat = Scored(np.array([30, 20, 10]), np.array([5, 15, 20]), np.array([0.2, 0.5, 0.8]))
    >>> dog = Scored(np.array([20, 15, 5]), np.array([10, 20, 30]), np.array([0.2, 0.5, 0.8]))
    >>> {name: round(measure.value, 4) for name, measure in over_classes({"cat": cat, "dog": dog}).items()}
    {'roc_auc': 0.7396, 'average_precision': 0.676, 'log_loss': 0.5956, 'brier': 0.407}
    """
    if not scored:
        return {}
    measures = {name: _macro(measure(each.others, each.own) for each in scored.values()) for name, measure in _AREAS}
    known = [each for each in scored.values() if each.probabilities is not None]
    if len(known) < len(scored):
        return measures
    own, probabilities = (np.concatenate([getattr(each, part) for each in known]) for part in ("own", "probabilities"))
    losses = {
        "log_loss": calibration.log_loss(np.zeros_like(own), own, probabilities),
        "brier": _sum([of_class(each)["brier"] for each in known]),
    }
    unscored = max(int(each.others.sum() + each.own.sum()) for each in known) - int(own.sum())
    return measures | {name: _without_column(loss, unscored) for name, loss in losses.items()}


_AREAS: tuple[tuple[str, Callable[[Ints, Ints], Measure]], ...] = (
    ("roc_auc", roc_auc),
    ("average_precision", average_precision),
)


def _macro(measures: Iterable[Measure]) -> Measure:
    """The mean of the classes that have the measure.

    Classes share their rows, so their errors are not independent: the half width is at most the mean of theirs. Of a
    class with too few rows nothing is known: its bounds are 0 and 1.
    """
    known = [measure for measure in measures if measure.value is not None]
    if not known:
        return undefined(0, NO_AREA)
    values, lows, highs = (
        [float(empty if bound is None else bound) for bound in bounds]
        for empty, bounds in (
            (0.0, [measure.value for measure in known]),
            (0.0, [measure.low for measure in known]),
            (1.0, [measure.high for measure in known]),
        )
    )
    value, low, high = (math.fsum(each) / len(known) for each in (values, lows, highs))
    return Measure(value, low, high, max(measure.n for measure in known))


def _sum(measures: list[Measure]) -> Measure:
    """The sum of measures of the same rows, with bounds that hold however their errors go together."""
    rows = max(measure.n for measure in measures)
    first = next((measure for measure in measures if measure.value is None or measure.low is None), None)
    value, low, high = (
        None if None in parts else math.fsum(part for part in parts if part is not None)
        for parts in zip(*((measure.value, measure.low, measure.high) for measure in measures), strict=True)
    )
    obstacle, note = (None, None) if first is None else (first.obstacle, first.note)
    return Measure(value, low, high, rows, obstacle, note)


def _without_column(measure: Measure, unscored: int) -> Measure:
    """The measure, unsupported where some labels are of a class that no column scores."""
    if unscored <= 0 or measure.obstacle is not None:
        return measure
    said = "1 label is of a class" if unscored == 1 else f"{unscored} labels are of classes"
    note = f"{said} without a column in class_scores"
    return Measure(measure.value, measure.low, measure.high, measure.n, Obstacle.ASSUMPTION, note)

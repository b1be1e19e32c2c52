"""How right the model was, where labels are known. In: a grid and two profiles. Out: estimates beside the baseline's.

Values come with their own interval and with their change since the baseline, which is what the default limits bound.
"""

from collections.abc import Iterator

import numpy as np

from aimon.metrics import calibration, confusion, versus
from aimon.metrics.classes import square
from aimon.metrics.estimate import Estimate
from aimon.metrics.interval import Measure, compare, share_of
from aimon.metrics.panel import axis_of
from aimon.metrics.registry import METRICS
from aimon.metrics.residuals import interval_coverage, mape, r2, residuals
from aimon.metrics.scores import average_precision, roc_auc
from aimon.profile.axis import CategoryAxis, NumericAxis, ProbabilityAxis
from aimon.profile.grid import Grid
from aimon.profile.profile import Counts, Profile
from aimon.spec.model import Task

Key = tuple[str, str | None]
"""A metric, and the class it is about."""


def performance(grid: Grid, baseline: Profile, current: Profile, segment: str | None = None) -> list[Estimate]:
    """Every performance measure that the model's task and tables allow."""
    if grid.label is None:
        return []
    before, after = (dict(_measures(grid, profile, segment)) for profile in (baseline, current))
    return [
        compare(
            metric,
            measure,
            before.get((metric, group)),
            basis=METRICS[metric].basis,
            column=None if group is None else grid.label,
            group=group,
            labels=True,
        )
        for (metric, group), measure in after.items()
    ]


def _measures(grid: Grid, profile: Profile, segment: str | None) -> Iterator[tuple[Key, Measure]]:
    labelled = profile.get("labelled", segment)
    if labelled is None:
        return
    yield ("labelled_share", None), share_of(int(labelled[0]), int(labelled.sum()), "there are no rows")
    table = profile.get("confusion", segment)
    if table is not None:
        yield from _of_classes(grid, table)
    scored = profile.get("score_label", segment)
    if scored is not None and grid.score is not None:
        for metric, measure in _of_scores(grid, scored, segment):
            yield (metric, None), measure
    yield from _of_class_scores(grid, profile, segment)
    for metric, measure in _of_residuals(grid, profile, segment):
        yield (metric, None), measure
    covered = profile.get("coverage", segment)
    if covered is not None:
        yield ("interval_coverage", None), interval_coverage(covered)


def _of_classes(grid: Grid, table: Counts) -> Iterator[tuple[Key, Measure]]:
    if grid.task is Task.BINARY:
        for metric, measure in confusion.binary(table).items():
            yield (metric, None), measure
        return
    prediction, label = grid.axes[grid.prediction], grid.axes[grid.label or ""]
    if isinstance(prediction, CategoryAxis) and isinstance(label, CategoryAxis):
        counts, classes = square(table, prediction, label)
        for metric, measure in confusion.multiclass(counts).items():
            yield (metric, None), measure
        for name, measures in confusion.by_class(counts, classes).items():
            for metric, measure in measures.items():
                yield (metric, name), measure


def _of_scores(grid: Grid, table: Counts, segment: str | None) -> Iterator[tuple[str, Measure]]:
    """Ranking and calibration of a binary score; of a class's confidence, whether it is right as often as it says."""
    axis = axis_of(grid, grid.score or "", segment)
    if isinstance(axis, CategoryAxis):
        return
    negatives, positives = _ordered(axis, table)
    binary = grid.task is Task.BINARY
    if binary:
        yield "roc_auc", roc_auc(negatives, positives)
        yield "average_precision", average_precision(negatives, positives)
    if isinstance(axis, ProbabilityAxis):
        sides = negatives, positives, axis.places
        if binary:
            yield "log_loss", calibration.log_loss(*sides)
            yield "brier", calibration.brier(*sides)
        yield "ece", calibration.ece(*sides)
        slope, intercept = calibration.slope_and_intercept(*sides)
        yield "calibration_slope", slope
        yield "calibration_intercept", intercept


def _of_class_scores(grid: Grid, profile: Profile, segment: str | None) -> Iterator[tuple[Key, Measure]]:
    """Ranking and calibration of each class's own score against all other classes, and over all classes."""
    scored = {}
    for name, column in grid.class_scores.items():
        table, axis = profile.get(f"class_score:{name}", segment), axis_of(grid, column, segment)
        if table is not None and not isinstance(axis, CategoryAxis):
            probabilities = axis.places if isinstance(axis, ProbabilityAxis) else None
            scored[name] = versus.Scored(*_ordered(axis, table), probabilities)
    for metric, measure in versus.over_classes(scored).items():
        yield (metric, None), measure
    for name, of_class in scored.items():
        for metric, measure in versus.of_class(of_class).items():
            yield (metric, name), measure


def _ordered(axis: NumericAxis | ProbabilityAxis, table: Counts) -> tuple[Counts, Counts]:
    """Counts without and with a positive label (or a right answer) by rising score; infinities count at the ends."""
    steps = table[: axis.steps]
    if isinstance(axis, NumericAxis):
        steps = np.concatenate([table[[axis.negative_infinity]], steps, table[[axis.positive_infinity]]])
    return steps[:, 0], steps[:, 1]


def _of_residuals(grid: Grid, profile: Profile, segment: str | None) -> Iterator[tuple[str, Measure]]:
    by_prediction, histogram = profile.get("residual_by_prediction", segment), profile.get("residual", segment)
    unit, axis = grid.units.residual, grid.residual
    if by_prediction is None or histogram is None or unit is None or axis is None:
        return
    yield from residuals(by_prediction, histogram, axis if segment is None else axis.coarse(), unit).items()
    relative = profile.get("relative_error", segment)
    if relative is not None:
        yield "mape", mape(relative, int(unit.multiples(by_prediction.sum(axis=0)).n))
    moments = profile.get("label_moments", segment)
    if moments is not None and grid.units.label is not None:
        yield "r2", r2(by_prediction, moments, unit, grid.units.label)

"""Fairness: how a model treats the groups of its protected attributes. In: a grid, two profiles. Out: estimates.

Rates by group, then the gaps between groups, then the gaps' change since the baseline. Every rate has its own
denominator: a group without positive labels has no TPR.
"""

from collections.abc import Iterator

import numpy as np

from aimon.metrics import confusion
from aimon.metrics.estimate import Estimate, Obstacle
from aimon.metrics.gaps import GAPS, LEAST_TRIALS, Gaps, gap_estimate, gaps, shift_estimate
from aimon.metrics.groups import Groups, attributes, groups_of
from aimon.metrics.interval import Measure, count_of, normal, share_of, undefined
from aimon.metrics.parity import unknown_difference, unknown_ratio
from aimon.profile.axis import Floats, ProbabilityAxis
from aimon.profile.grid import Grid
from aimon.profile.profile import Counts, Profile

NO_PREDICTIONS = "no row of the group has a prediction"
NO_ROWS = "no row is of this group"
LABELLED = {"tn", "fp", "fn", "tp", "tpr", "fpr", "fnr", "tnr", "ppv", "npv", "base_rate", "calibration"}


def fairness(grid: Grid, baseline: Profile, current: Profile, segment: str | None = None) -> list[Estimate]:
    """Every fairness measure of every protected attribute and, in the whole, of every pair of them."""
    estimates: list[Estimate] = []
    for chosen in attributes(grid, segment):
        now = groups_of(grid, current, chosen, segment)
        if now is None:
            continue
        before = groups_of(grid, baseline, chosen, segment)
        scores = _scores(grid)
        estimates += _by_group(now, before, scores)
        estimates += _between_groups(now, before, scores)
        estimates += _unknown(now)
    return estimates


def _scores(grid: Grid) -> Floats | None:
    """The score of each coarse step, where scores are probabilities."""
    axis = None if grid.score is None else grid.coarse(grid.score)
    return axis.places if isinstance(axis, ProbabilityAxis) else None


def _by_group(now: Groups, before: Groups | None, scores: Floats | None) -> Iterator[Estimate]:
    earlier = {} if before is None else dict(_measures(before, scores))
    for (metric, place), measure in _measures(now, scores):
        then = earlier.get((metric, place))
        obstacle, note = measure.obstacle, measure.note
        if obstacle is None and metric not in ("count", "tn", "fp", "fn", "tp") and measure.n < LEAST_TRIALS:
            obstacle, note = Obstacle.NO_DENOMINATOR, f"it rests on {measure.n} rows; {LEAST_TRIALS} are the least"
        yield Estimate(
            metric=metric,
            column=now.column,
            group=now.names[place],
            value=measure.value,
            low=measure.low,
            high=measure.high,
            n_reference=None if then is None else then.n,
            n_current=measure.n,
            described=True,
            labels=metric in LABELLED,
            obstacle=obstacle,
            note=note,
        )


def _measures(groups: Groups, scores: Floats | None) -> Iterator[tuple[tuple[str, int], Measure]]:
    """Each measure of each group; of a group without rows only its count."""
    rows, predicted, selected = groups.rows.tolist(), groups.predicted.tolist(), groups.selected.tolist()
    for place, count in enumerate(rows):
        if count == 0:
            yield ("count", place), Measure(0.0, 0.0, 0.0, 0, Obstacle.NO_DENOMINATOR, NO_ROWS)
            continue
        yield ("count", place), count_of(count, count)
        yield ("selection_rate", place), share_of(selected[place], predicted[place], NO_PREDICTIONS)
        if groups.outcome is not None and groups.outcome[place].any():
            for metric, measure in _outcomes(groups.outcome[place]):
                yield (metric, place), measure
        if groups.scores is not None and scores is not None and groups.scores[place].any():
            yield ("calibration", place), calibration(groups.scores[place], scores)


def _outcomes(table: Counts) -> Iterator[tuple[str, Measure]]:
    n = int(table.sum())
    (tn, fn), (fp, tp) = table.tolist()
    for metric, count in (("tn", tn), ("fp", fp), ("fn", fn), ("tp", tp)):
        yield metric, count_of(count, n)
    for metric, (successes, trials, empty) in confusion.rates(table).items():
        yield metric, share_of(successes, trials, empty)


def calibration(table: Counts, scores: Floats) -> Measure:
    """Mean score less share of positive labels in a group: positive where the group is scored too high.

    >>> round(calibration(np.array([[8, 2], [2, 8]]), np.array([0.3, 0.9])).value, 3)
    0.1
    """
    counts = table[: len(scores)].astype(np.float64)
    n = counts.sum()
    if n == 0:
        return undefined(0, "no row of the group has both a score in [0, 1] and a label")
    excess = np.stack([scores, scores - 1.0], axis=1)
    mean = float((excess * counts).sum() / n)
    variance = float((excess**2 * counts).sum() / n) - mean * mean
    return normal(mean, float(np.sqrt(max(variance, 0.0) / n)), int(n), least=-1.0, most=1.0)


def _between_groups(now: Groups, before: Groups | None, scores: Floats | None) -> Iterator[Estimate]:
    current = gaps(now, _calibrations(now, scores))
    earlier: Gaps = {} if before is None else gaps(before, _calibrations(before, scores))
    for metric in GAPS:
        if metric in current:
            yield gap_estimate(metric, now, current[metric], earlier.get(metric))
    for metric in GAPS:
        if metric in current and metric in earlier:
            yield shift_estimate(metric, now, current[metric], earlier[metric])


def _calibrations(groups: Groups, scores: Floats | None) -> list[Measure] | None:
    if groups.scores is None or scores is None:
        return None
    return [calibration(table, scores) for table in groups.scores]


def _unknown(now: Groups) -> Iterator[Estimate]:
    """How many rows are of unknown group, and what their true groups could make of the gaps."""
    unknown, rows = int(now.unknown.sum()), int(now.unknown.sum() + now.rows.sum())
    share = share_of(unknown, rows, "there are no rows")
    yield Estimate(
        metric="unknown_share",
        column=now.column,
        value=share.value,
        low=share.low,
        high=share.high,
        n_current=rows,
        obstacle=share.obstacle,
        note=share.note,
    )
    selected, not_selected = now.unknown_predicted
    if selected + not_selected == 0:
        return
    bounds = (
        (
            "demographic_parity_difference_bounds",
            unknown_difference(now.selected, now.predicted, selected, not_selected),
        ),
        ("disparate_impact_bounds", unknown_ratio(now.selected, now.predicted, selected, not_selected)),
    )
    for metric, bound in bounds:
        if bound is not None:
            value, low, high = bound
            note = f"between these, whatever the group of the {selected + not_selected} rows of unknown group is"
            n = int(now.predicted.sum())
            yield Estimate(metric=metric, column=now.column, value=value, low=low, high=high, n_current=n, note=note)

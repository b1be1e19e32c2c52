"""Estimates that counts alone cannot give: of moved columns together, of performance without labels, of changed errors.

In: whole rows and the window's counts. Out: estimates for the judge, who looks at them together with the counted ones.
"""

from collections.abc import Iterable, Iterator

from aimon.daily.insight_past import track
from aimon.daily.insight_rows import WholeRows
from aimon.daily.window import OWN, WINDOWS, Window
from aimon.insight.concept import concept_drift, error_stream
from aimon.insight.estimate import PerformanceEstimator
from aimon.insight.estimate_rows import Evidence, evidence
from aimon.insight.estimate_verdict import NO_SAMPLE
from aimon.insight.labelshift import estimated_label_shares
from aimon.insight.multivariate import multivariate_drift
from aimon.insight.sample_outcomes import explored, targets
from aimon.insight.tasks import task_estimates
from aimon.metrics.estimate import Estimate
from aimon.metrics.metric import Family
from aimon.metrics.registry import METRICS
from aimon.profile.profile import Profile
from aimon.spec.model import Task
from aimon.verdict.evaluate import Found


def estimates(rows: WholeRows, window: Window, current: Profile) -> list[Found]:
    """What the window's rows tell before labels arrive. It is dear, and asked of one window only."""
    if window != rows.window:
        return []
    return [*_together(rows), *_without_labels(rows, window, current)]


def outcomes(rows: WholeRows, window: Window) -> list[Found]:
    """What becomes of the window's rows as labels arrive: the day's rankings and answers, errors along the month."""
    if window == OWN:
        return list(_of_task(rows))
    return list(_concept(rows, window)) if window == WINDOWS[-1] else []


def _together(rows: WholeRows) -> Iterator[Found]:
    """Whether the columns together moved, by the model's inputs and answers."""
    reference, current, grid = rows.of_baseline, rows.current, rows.reference.grid
    if reference is None or current is None:
        unable = Estimate(metric="domain_auc", primary=True, obstacle=NO_SAMPLE.obstacle, note=NO_SAMPLE.note)
        return _found(None, [unable])
    columns = list(dict.fromkeys((*explored(grid), *targets(grid))))
    drift = multivariate_drift(reference.table, current.table, columns, kinds=grid.kinds)
    return _found(None, drift.estimates)


def _without_labels(rows: WholeRows, window: Window, current: Profile) -> Iterator[Found]:
    """Estimated performance of the whole and of each declared segment, and the shares of the classes."""
    grid, baseline = rows.reference.grid, rows.reference.profile
    if not PerformanceEstimator(grid, baseline, current, None).names(None):
        return
    past = track(rows.platform, rows.spec, rows.day, window)
    estimator = PerformanceEstimator(grid, baseline, current, _evidence(rows), past)
    for segment in (None, *sorted({*baseline.segments, *current.segments})):
        yield from _found(segment, estimator.estimates(segment))
    yield from _found(None, estimated_label_shares(grid, baseline, current))


def _evidence(rows: WholeRows) -> Evidence | None:
    if rows.of_baseline is None or rows.current is None:
        return None
    return evidence(rows.reference.grid, rows.of_baseline.table, rows.current.table)


def _of_task(rows: WholeRows) -> Iterator[Found]:
    """Measures of rankings, which need whole queries, and of generated answers, for which a sample is enough."""
    spec, columns = rows.spec, rows.spec.columns
    if spec.task is Task.RANKING:
        needed = [name for name in (columns.query, columns.label, columns.score or columns.prediction) if name]
        before, now = rows.rows_of_baseline(needed), rows.rows_of_day(needed)
    else:
        before, now = (None if each is None else each.table for each in (rows.of_baseline, rows.of_day))
    return _found(None, [] if now is None else task_estimates(spec, before, now))


def _concept(rows: WholeRows, window: Window) -> Iterator[Found]:
    """Whether the errors changed along the rows of the window."""
    grid = rows.reference.grid
    if grid.label is None or grid.timestamp is None:
        return iter(())
    needed = list(dict.fromkeys((grid.timestamp, grid.prediction, grid.label)))
    table = rows.along(window, needed)
    stream = None if table is None else error_stream(grid, table)
    return iter(()) if stream is None or not len(stream.errors) else _found(None, [concept_drift(stream)])


def _found(segment: str | None, estimated: Iterable[Estimate]) -> Iterator[Found]:
    for each in estimated:
        yield Found(Family(METRICS[each.metric].family), segment, each)

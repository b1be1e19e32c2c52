"""Why a day alarms: damaged columns, what they cost, the segments where it gathers, the day on which it began.

In: the alarms of a day, whole rows, stored records. Out: records whose reasons are sentences. It runs only where
something alarms, and its dear part only for alarms that are new, or were explained a week ago.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

import pyarrow as pa

from aimon.clock import DAY
from aimon.daily.insight_past import by_series
from aimon.daily.insight_rows import WholeRows
from aimon.daily.stored import as_record
from aimon.daily.window import WINDOWS
from aimon.insight.changepoints import change_points
from aimon.insight.changepoints_words import change_words
from aimon.insight.faults import data_faults
from aimon.insight.faults_named import DataFault
from aimon.insight.rootcause import root_causes
from aimon.insight.sample_columns import encoded
from aimon.insight.sample_outcomes import answers, explored, outcomes, targets
from aimon.insight.segments import Segment, worst_segments
from aimon.insight.segments_contrast import Fault
from aimon.metrics.estimate import Estimate
from aimon.metrics.metric import Family
from aimon.metrics.registry import METRICS
from aimon.store import records as stored_records
from aimon.store.past import past_values
from aimon.verdict.history import SeriesKey
from aimon.verdict.judge import judge
from aimon.verdict.limits import limits_of
from aimon.verdict.record import Record, Verdict

OWN = WINDOWS[0].name
EXPLAINED = (Family.DRIFT, Family.QUALITY, Family.FAIRNESS, Family.PERFORMANCE, Family.ESTIMATE)
"""Families whose alarms have causes in rows; those of operations have theirs elsewhere."""
CELLS = 1_000_000
"""Rows times columns of each side that are searched: 20,000 rows of 50 columns, 10,000 of 100."""
AGAIN = timedelta(days=7)
SEGMENTS, SERIES = 5, 10
LOOKED_BACK, RECENT = timedelta(days=180), timedelta(days=30)
SEARCHED = ("root_cause", "worst_segment")


def explanation(rows: WholeRows, own: Sequence[Record]) -> list[Record]:
    """What explains the alarms of a day's own window; nothing where none has a cause in rows."""
    alarms = [record for record in own if record.verdict.alarms and record.family in EXPLAINED]
    if not alarms:
        return []
    reference, current = rows.of_baseline, rows.current
    found = list(_changes(rows, alarms))
    if reference is not None and current is not None and len(reference) and len(current):
        grid = rows.reference.grid
        names = explored(grid)
        faults = data_faults(reference.table, current.table, names, kinds=grid.kinds, timestamp=grid.timestamp)
        found = [
            *(_record(rows, _of_fault(fault, len(current))) for fault in faults),
            *(_earlier(rows, alarms) or _searched(rows, reference.table, current.table, faults)),
            *found,
        ]
    return found


def _searched(rows: WholeRows, reference: pa.Table, current: pa.Table, faults: Sequence[DataFault]) -> Iterator[Record]:
    """The columns by what they cost, and the worst segments."""
    grid = rows.reference.grid
    names = explored(grid)
    most = CELLS // max(1, len(names))
    reference, current = reference.slice(0, most), current.slice(0, most)
    columns = encoded(reference, current, names, grid.kinds)
    read = [column for column in columns if column.name in grid.features]
    given = answers(grid, reference, current)
    causes = None if given is None else root_causes(read, given, faults)
    for cause in () if causes is None else causes.shown:
        estimate = Estimate(
            metric="root_cause",
            column=cause.column,
            value=cause.effect,
            low=cause.low,
            high=cause.high,
            n_reference=reference.num_rows,
            n_current=current.num_rows,
            note=cause.sentence(causes.loss if causes is not None else ""),
        )
        yield _record(rows, estimate)
    answered = encoded(reference, current, targets(grid), grid.kinds)
    made = outcomes(grid, reference, current, columns)
    for segment in worst_segments(columns, made, targets=[*columns, *answered])[:SEGMENTS]:
        yield _record(rows, _of_segment(segment), segment.name)
    said = causes.sentences[0] if causes is not None and not causes.shown else None
    yield _record(rows, Estimate(metric="explanation_age", value=0.0, note=said))


def _earlier(rows: WholeRows, alarms: Iterable[Record]) -> list[Record] | None:
    """What was found for the same alarms within the last week; None where that must be searched."""
    with rows.platform.store.session() as connection:
        past = stored_records.query(
            connection,
            model=rows.spec.model,
            since=rows.day - AGAIN,
            until=rows.day - DAY,
            window=OWN,
            family=Family.ESTIMATE,
        )
        aged = [record for record in past if record.metric == "explanation_age"]
        if not aged:
            return None
        last = aged[-1]
        before = stored_records.alarming(connection, model=rows.spec.model, day=last.day, families=EXPLAINED)
    age = (last.value or 0.0) + (rows.day - last.day).days
    known = {(each.metric, each.column, each.segment, each.group) for each in before if each.window == OWN}
    new = {(each.metric, each.column, each.segment, each.group) for each in alarms} - known
    if new or age >= AGAIN.days or last.baseline_id != rows.reference.baseline_id:
        return None
    kept = [as_record(each) for each in past if each.day == last.day and each.metric in SEARCHED]
    return [*kept, replace(as_record(last), value=age)]


def _changes(rows: WholeRows, alarms: Sequence[Record]) -> Iterator[Record]:
    """Since when the alarming series are what they are, the worst first."""
    chosen = {
        SeriesKey(each.metric, each.column, each.segment, each.group): each
        for each in sorted(alarms, key=lambda each: (each.verdict is not Verdict.CRITICAL, each.segment is not None))
        if each.value is not None
    }
    keys = dict(list(chosen.items())[:SERIES])
    if not keys:
        return
    with rows.platform.store.session() as connection:
        past = past_values(
            connection,
            model=rows.spec.model,
            window=OWN,
            since=rows.day - LOOKED_BACK,
            until=rows.day - DAY,
            metrics={key.metric for key in keys},
        )
    series = by_series(past)
    for key, alarm in keys.items():
        points: list[tuple[date, float | None]] = [(at.date(), value) for at, value in series.get(key, ())]
        changes = change_points([*points, (rows.day, alarm.value)])
        if changes and rows.day - changes[-1].day <= RECENT:
            last = changes[-1]
            of = f" of {' x '.join([key.column] if isinstance(key.column, str) else key.column)}" if key.column else ""
            note = change_words(f"{key.metric}{of}{f' in {key.segment}' if key.segment else ''}", last)
            estimate = Estimate(
                metric="change_point", column=key.column, group=key.group, value=last.after, described=True, note=note
            )
            yield _record(rows, estimate, key.segment)


def _of_fault(fault: DataFault, rows: int) -> Estimate:
    return Estimate(metric="data_fault", column=fault.column, value=fault.share, n_current=rows, note=fault.sentence)


def _of_segment(segment: Segment) -> Estimate:
    of_a_column = segment.fault in (Fault.DRIFT, Fault.UNFAIRNESS)
    return Estimate(
        metric="worst_segment",
        column=segment.subject if of_a_column else None,
        group=segment.group,
        value=segment.effect,
        low=segment.low,
        high=segment.high,
        p_value=segment.p_value,
        n_current=segment.rows,
        note=segment.sentence,
    )


def _record(rows: WholeRows, estimate: Estimate, segment: str | None = None) -> Record:
    """A record to be seen, not to be told; a limit that the model declares judges it as any other."""
    limits = limits_of(rows.spec, METRICS[estimate.metric], estimate, segment)
    judged = None if limits is None else judge(estimate, limits)
    shown = Verdict.OK if estimate.metric == "explanation_age" else Verdict.WATCH
    return Record(
        family=Family.ESTIMATE,
        metric=estimate.metric,
        column=estimate.column,
        segment=segment,
        group=estimate.group,
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        p_value=estimate.p_value,
        threshold=None if judged is None else judged.threshold,
        verdict=shown if judged is None else judged.verdict,
        n_reference=estimate.n_reference,
        n_current=estimate.n_current,
        reason=estimate.note,
    )

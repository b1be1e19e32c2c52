"""Judging a day: every metric of every window that ends with it, against the baseline, and keeping the records."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from aimon.clock import DAY, SLOTS_PER_DAY, elapsed_slots
from aimon.daily.counting import Counted
from aimon.daily.insight_estimates import estimates, outcomes
from aimon.daily.insight_explanation import explanation
from aimon.daily.insight_past import Explained
from aimon.daily.insight_rows import WholeRows
from aimon.daily.insight_told import Told
from aimon.daily.reference import Reference
from aimon.daily.usual import usual_bands
from aimon.daily.window import NAMES, OWN, ROLLING, Window, first_day, is_under_way, maturity, windows_of
from aimon.metrics.metric import Family
from aimon.platform import Platform
from aimon.profile.profile import Profile, total
from aimon.report.findings import SEVERITY
from aimon.spec.model import Limit, ModelSpec, Threshold
from aimon.spec.sealed import SealedSource
from aimon.spec.userrules import TOTALS
from aimon.store import records, sealed
from aimon.store.records import StoredRecord
from aimon.verdict.evaluate import evaluate
from aimon.verdict.record import Record

VOLUME = "volume"
MOST_SEGMENTS = 20
"""Segments whose numbers are plotted; the records hold all."""

HEADLINES: dict[Family, tuple[str, ...]] = {
    Family.DRIFT: ("drift_score", "domain_auc", "class_shift", "confidence_shift"),
    Family.FAIRNESS: ("demographic_parity_difference", "disparate_impact", "equal_opportunity_difference"),
    Family.PERFORMANCE: ("accuracy", "roc_auc", "f1", "mae"),
    Family.ESTIMATE: ("estimated_accuracy", "estimated_roc_auc", "estimated_mae", "support_share"),
    Family.OPERATIONS: ("volume", "error_rate", "latency_p95", "cost_usd"),
}
"""What the pages plot over the days: the day's own value for the model, the worst one over groups."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One record of one window."""

    window: str
    record: Record


def judge_windows(
    platform: Platform,
    spec: ModelSpec,
    reference: Reference,
    counted: Counted,
    day: date,
    as_of: datetime,
    *,
    told: Told | None = None,
) -> dict[Family, list[Judged]]:
    """Every record of every window, by family. The day's own counts need not be stored yet.

    Once the day is over, what counts cannot tell is estimated from whole rows and judged with the rest, and alarms that
    stand are explained; or what was `told` of the same rows before stands. What is regular on such a day spares its
    alarms.
    """
    judged: dict[Family, list[Judged]] = {}
    rows = WholeRows(platform, spec, reference, day)
    windows, under_way = windows_of(day, as_of), is_under_way(day, as_of)
    bands = usual_bands(platform, spec, reference.baseline_id, day, [window.name for window in windows])
    for window in windows:
        whole, rolling = window == ROLLING or not under_way, window == ROLLING
        current = window_profile(platform, spec, counted, day, window, as_of)
        mature = maturity(day, spec.label_horizon, as_of) if spec.columns.label is not None else None
        limited = per_window(spec, window, whole=whole)
        usual = bands.get(OWN.name if rolling else window.name) if whole else None
        found = evaluate(
            limited,
            reference.grid,
            reference.profile,
            current,
            maturity=mature,
            history=usual or Explained(platform, spec, day, OWN if rolling else window),
            sigma=noise_of(platform, spec, first_day(day, window), day),
            more=() if under_way else [*outcomes(rows, window), *(() if told else estimates(rows, window, current))],
        )
        if told:
            found += told.get(window.name, ())
        elif window == OWN and not under_way:
            found += explanation(rows, found)
        for record in found:
            judged.setdefault(record.family, []).append(Judged(window.name, record))
    return judged


def noise_of(platform: Platform, spec: ModelSpec, first: date, last: date) -> float:
    """The standard deviation of the noise in each count of the days together; 0 where counts are exact."""
    if not isinstance(spec.source, SealedSource):
        return 0.0
    with platform.store.session() as connection:
        return math.sqrt(sealed.variance(connection, spec.model, first, last))


def window_profile(
    platform: Platform, spec: ModelSpec, counted: Counted, day: date, window: Window, as_of: datetime
) -> Profile:
    """The sum of the window's stored slots or days and the judged ones; what was never counted adds nothing."""
    if window == ROLLING:
        return rolling_profile(platform, spec, counted, day, elapsed_slots(day, as_of))
    if window.days == 1:
        return counted.profile
    earlier = platform.profiles.window(
        spec.model, first_day(day, window), days=window.days - 1, grid_id=counted.grid_id
    )
    return earlier + counted.profile


def rolling_profile(platform: Platform, spec: ModelSpec, counted: Counted, day: date, elapsed: int) -> Profile:
    """The day's slots that are over, and of the day before those that make them 24 hours."""
    before = (platform.profiles.slot(spec.model, day - DAY, slot) for slot in range(elapsed, SLOTS_PER_DAY))
    known = [slot for slot in before if slot is not None and slot.grid_id == counted.grid_id]
    return total([*known, *(counted.slots[slot] for slot in range(elapsed))], counted.grid_id)


def per_window(spec: ModelSpec, window: Window, *, whole: bool = True) -> ModelSpec:
    """The model with its daily limits of totals as they are for the window.

    Of a window that is not `whole` yet, it says nothing that there are few rows.
    """
    scaled = {
        metric: scale(threshold, window.days) for metric, threshold in spec.thresholds.items() if metric in TOTALS
    }
    limits = {**spec.thresholds, **scaled}
    if not whole:
        limits.pop(VOLUME, None)
    return spec.model_copy(update={"thresholds": limits})


def scale(threshold: Threshold, days: int) -> Threshold:
    """The limits of that many days."""

    def times(limit: Limit) -> dict[str, float | None]:
        return {name: None if bound is None else bound * days for name, bound in limit if name in Limit.model_fields}

    segments = {segment: Limit(**times(limit)) for segment, limit in threshold.segments.items()}
    return threshold.model_copy(update={**times(threshold), "segments": segments})


def keep_records(
    platform: Platform,
    spec: ModelSpec,
    reference: Reference,
    day: date,
    family: Family,
    judged: Sequence[Judged],
    *,
    as_of: datetime,
    run_id: str | None,
) -> None:
    """Put the family's records of each window in the place of the earlier ones."""
    keep_judged(
        platform,
        spec,
        day,
        family,
        judged,
        baseline_id=reference.baseline_id,
        grid_id=reference.grid.id,
        as_of=as_of,
        run_id=run_id,
    )


def keep_judged(
    platform: Platform,
    spec: ModelSpec,
    day: date,
    family: Family,
    judged: Sequence[Judged],
    *,
    baseline_id: str | None,
    grid_id: str | None,
    as_of: datetime,
    run_id: str | None,
) -> None:
    """Keep the records of every window, in one transaction, whatever they were judged by."""
    with platform.store.transaction() as connection:
        for window in NAMES:
            records.replace(
                connection,
                model=spec.model,
                version=spec.version,
                day=day,
                window=window,
                records=[each.record for each in judged if each.window == window],
                families=[family],
                baseline_id=baseline_id,
                grid_id=grid_id,
                run_id=run_id,
                as_of=as_of,
            )


def earlier_records(platform: Platform, spec: ModelSpec, day: date, family: Family) -> list[StoredRecord]:
    """What the family was before, of the day's own window."""
    with platform.store.session() as connection:
        return records.query(
            connection, model=spec.model, since=day, until=day, window=OWN.name, family=family, segment=""
        )


def headline(family: Family, judged: Iterable[Judged]) -> Mapping[str, float]:
    """The day's numbers that are worth a plot."""
    values: dict[str, float] = {}
    for each in judged:
        record = each.record
        plotted = each.window == OWN.name and record.segment is None and record.metric in HEADLINES[family]
        if plotted and record.value is not None and record.group is None:
            name = record.metric if record.column is None else f"{record.metric} {column_name(record)}"
            values[name] = record.value
    return values


def by_segment(family: Family, judged: Iterable[Judged]) -> Mapping[str, float]:
    """The family's foremost number of the day in each segment; of the first segments by name, so that plots go on."""
    values: dict[str, dict[str, float]] = {metric: {} for metric in HEADLINES[family]}
    for each in judged:
        record = each.record
        plotted = each.window == OWN.name and record.metric in values and record.group is None
        if plotted and record.segment is not None and record.value is not None:
            name = record.metric if record.column is None else f"{record.metric} {column_name(record)}"
            values[record.metric][f"{name} where {record.segment}"] = record.value
    foremost: dict[str, float] = next((found for found in values.values() if found), {})
    return dict(sorted(foremost.items())[:MOST_SEGMENTS])


def worst_first(judged: Iterable[Judged]) -> list[Judged]:
    """By verdict, then by how far beyond its limit, in limits; equal ones stay in their order."""
    return sorted(judged, key=lambda each: (SEVERITY[each.record.verdict], -excess(each.record)))


def excess(record: Record) -> float:
    """How far the value lies from its limit, in limits."""
    if record.value is None or record.threshold is None:
        return 0.0
    return abs(record.value - record.threshold) / max(abs(record.threshold), 1e-9)


def column_name(record: Record) -> str:
    """The record's column, or columns."""
    return record.column if isinstance(record.column, str) else " x ".join(record.column or ())

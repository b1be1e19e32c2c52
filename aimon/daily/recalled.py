"""A judged day as its reports need it: from the run that judged it, or recalled from what is stored of it.

In: results, counts, the baseline. Out: a `JudgedDay`. Rows are never needed, so a day may be recalled after it expired.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from aimon.daily.judging import Judged
from aimon.daily.reference import Reference, read_reference
from aimon.daily.stored import as_record
from aimon.daily.window import WINDOWS
from aimon.errors import UserError
from aimon.metrics.metric import Family
from aimon.platform import Platform
from aimon.profile.axis import CategoryAxis
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile
from aimon.report.day import JudgedDay
from aimon.spec.model import Kind, ModelSpec
from aimon.store import baselines, records
from aimon.store.baselines import StoredBaseline
from aimon.store.records import StoredRecord
from aimon.verdict.record import Record

_FAMILIES = list(Family)


def judged_day(
    spec: ModelSpec, reference: Reference, current: Profile, judged: Iterable[Judged], day: date, as_of: datetime
) -> JudgedDay:
    """What a run found, in the order of windows and families whatever the order of work."""
    windows: dict[str, list[Record]] = {window.name: [] for window in WINDOWS}
    for each in judged:
        windows.setdefault(each.window, []).append(each.record)
    ordered = {
        name: tuple(sorted(found, key=lambda record: _FAMILIES.index(record.family)))
        for name, found in windows.items()
        if found
    }
    return JudgedDay(
        spec=spec,
        day=day,
        as_of=as_of,
        baseline_id=reference.baseline_id,
        grid=reference.grid,
        baseline=reference.profile,
        current=current,
        windows=ordered,
    )


def told_day(spec: ModelSpec, judged: Iterable[Judged], day: date, as_of: datetime, baseline_id: str) -> JudgedDay:
    """A day whose results were told by somebody else: no counts of it are here, so nothing of it can be drawn."""
    prediction = spec.columns.prediction
    grid = Grid(
        task=spec.task,
        axes={prediction: CategoryAxis(values=())},
        kinds={prediction: Kind.CATEGORICAL},
        prediction=prediction,
    )
    reference = Reference(baseline_id, grid, Profile(grid.id), 0, "")
    told = judged_day(spec, reference, Profile(grid.id), judged, day, as_of)
    return replace(told, facts=("judged by the owner of the key; no counts are here",))


def stored_day(platform: Platform, spec: ModelSpec, day: date) -> JudgedDay:
    """What the operations database and the lake still know of a day that was judged."""
    found = records_of_day(platform, spec, day)
    latest = max(found, key=lambda record: record.as_of)
    judged = [Judged(record.window, as_record(record)) for record in found]
    then = spec.model_copy(update={"version": latest.version})
    if latest.grid_id is None:
        return told_day(then, judged, day, latest.as_of, latest.baseline_id or "")
    current = platform.profiles.day(spec.model, day)
    if current is None:
        raise UserError(f"{spec.model} {day}: the day's counts have expired, so there is nothing left to draw")
    reference = read_reference(platform, baseline_of_day(platform, spec, day))
    return judged_day(then, reference, current, judged, day, latest.as_of)


def records_of_day(platform: Platform, spec: ModelSpec, day: date) -> list[StoredRecord]:
    """The day's records, at least one."""
    found = records_of_days(platform, spec.model, day, day)
    if not found:
        raise UserError(
            f"{spec.model} was not judged on {day}; run `aimon run --model {spec.model} --date {day}` first"
        )
    return found


def records_of_days(platform: Platform, model: str, first: date, last: date) -> list[StoredRecord]:
    """Every record of the days, both ends included."""
    with platform.store.session() as connection:
        return records.query(connection, model=model, since=first, until=last)


def baseline_of_day(platform: Platform, spec: ModelSpec, day: date) -> StoredBaseline:
    """The baseline that the day was compared with, which may have been archived since."""
    latest = max(records_of_day(platform, spec, day), key=lambda record: record.as_of)
    with platform.store.session() as connection:
        return baselines.get(connection, spec.model, str(latest.baseline_id))

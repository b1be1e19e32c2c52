"""The day's reports: written by the run that judged the day, or made later from what is stored of it.

In: a judged day. Out: artifacts in the lake under names that stay. Our own forms need counts and records only;
Evidently needs rows, so it cannot be made of a day that has expired.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from aimon.daily.judging import Judged
from aimon.daily.reference import Reference, read_reference
from aimon.daily.sampled import sampled_day, sampled_reference
from aimon.daily.window import WINDOWS
from aimon.errors import UserError
from aimon.lake.reports import Form, report_key
from aimon.metrics.metric import Family
from aimon.platform import Platform
from aimon.profile.profile import Profile
from aimon.report.day import RENDERERS, JudgedDay
from aimon.report.evidently import render_evidently
from aimon.spec.model import ModelSpec
from aimon.store import baselines, records
from aimon.store.baselines import StoredBaseline
from aimon.store.records import StoredRecord
from aimon.verdict.record import Maturity, Record, Verdict

DAILY = (Form.HTML, Form.JSON, Form.CSV)
"""The forms that every run writes; the others are made when somebody asks."""

_FAMILIES = list(Family)


@dataclass(frozen=True, slots=True)
class Artifact:
    """A written report: where it is, and what it is."""

    form: Form
    key: str
    url: str
    bytes: int
    sha256: str


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


def stored_day(platform: Platform, spec: ModelSpec, day: date) -> JudgedDay:
    """What the operations database and the lake still know of a day that was judged."""
    found = records_of_day(platform, spec, day)
    latest = max(found, key=lambda record: record.as_of)
    current = platform.profiles.day(spec.model, day)
    if current is None:
        raise UserError(f"{spec.model} {day}: the day's counts have expired, so there is nothing left to draw")
    judged = [Judged(record.window, as_record(record)) for record in found]
    then = spec.model_copy(update={"version": latest.version})
    reference = read_reference(platform, baseline_of_day(platform, spec, day))
    return judged_day(then, reference, current, judged, day, latest.as_of)


def records_of_day(platform: Platform, spec: ModelSpec, day: date) -> list[StoredRecord]:
    """The day's records, at least one."""
    with platform.store.session() as connection:
        found = records.query(connection, model=spec.model, since=day, until=day)
    if not found:
        raise UserError(
            f"{spec.model} was not judged on {day}; run `aimon run --model {spec.model} --date {day}` first"
        )
    return found


def baseline_of_day(platform: Platform, spec: ModelSpec, day: date) -> StoredBaseline:
    """The baseline that the day was compared with, which may have been archived since."""
    latest = max(records_of_day(platform, spec, day), key=lambda record: record.as_of)
    with platform.store.session() as connection:
        return baselines.get(connection, spec.model, str(latest.baseline_id))


def as_record(stored: StoredRecord) -> Record:
    """The record as it was judged."""
    values = {name: value for name, value in stored.as_json().items() if name in Record.__dataclass_fields__}
    return Record(
        **values
        | {
            "family": Family(stored.family),
            "verdict": Verdict(stored.verdict),
            "maturity": None if stored.maturity is None else Maturity(stored.maturity),
        }
    )


def write_reports(platform: Platform, judged: JudgedDay) -> Mapping[Form, Artifact]:
    """Write the daily forms in the place of the earlier ones, and others again that would else be out of date."""
    model, day = judged.spec.model, judged.day
    there = {form for form in RENDERERS if platform.lake.exists(report_key(model, day, form))}
    wanted = [form for form in RENDERERS if form in DAILY or form in there]
    return {form: keep(platform, model, day, form, RENDERERS[form](judged)) for form in wanted}


def make_report(platform: Platform, spec: ModelSpec, day: date, form: Form) -> Artifact:
    """Make one form on request, from what is stored of the day."""
    if form is Form.EVIDENTLY:
        content = evidently_page(platform, spec, day)
    else:
        content = RENDERERS[form](stored_day(platform, spec, day))
    return keep(platform, spec.model, day, form, content)


def evidently_page(platform: Platform, spec: ModelSpec, day: date) -> bytes:
    """Evidently's page on samples of the day and of its baseline."""
    baseline = baseline_of_day(platform, spec, day)
    reference = sampled_reference(platform, spec, baseline.id, baseline.reference)
    grid = platform.profiles.grid(spec.model, baseline.grid_id)
    return render_evidently(grid, reference.table, sampled_day(platform, spec, day).table)


def keep(platform: Platform, model: str, day: date, form: Form, content: bytes) -> Artifact:
    """Put a report into the lake, in the place of the earlier one."""
    key = report_key(model, day, form)
    platform.lake.write_bytes(key, content)
    return Artifact(form, key, platform.lake.path(key), len(content), hashlib.sha256(content).hexdigest())

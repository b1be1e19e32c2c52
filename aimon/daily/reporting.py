"""The day's reports: written by the run that judged the day, or made later from what is stored of it.

In: a judged day. Out: artifacts in the lake under names that stay. Rows are never needed, only counts and records.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from aimon.daily.judging import Judged
from aimon.daily.reference import Reference, read_reference
from aimon.daily.window import WINDOWS
from aimon.errors import UserError
from aimon.lake.reports import Form, report_key
from aimon.metrics.metric import Family
from aimon.platform import Platform
from aimon.profile.profile import Profile
from aimon.report.day import RENDERERS, JudgedDay
from aimon.spec.model import ModelSpec
from aimon.store import baselines, records
from aimon.store.records import StoredRecord
from aimon.verdict.record import Maturity, Record, Verdict

DAILY = (Form.HTML, Form.JSON, Form.CSV)
"""The forms that every run writes; the others are made when somebody asks."""

_FAMILIES = list(Family)


@dataclass(frozen=True, slots=True)
class Artifact:
    """A written report: where it is, and what it is."""

    form: Form
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
    with platform.store.session() as connection:
        found = records.query(connection, model=spec.model, since=day, until=day)
        latest = max(found, key=lambda record: record.as_of, default=None)
        if latest is None or latest.baseline_id is None:
            raise UserError(
                f"{spec.model} was not judged on {day}; run `aimon run --model {spec.model} --date {day}` first"
            )
        baseline = baselines.get(connection, spec.model, latest.baseline_id)
    current = platform.profiles.day(spec.model, day)
    if current is None:
        raise UserError(f"{spec.model} {day}: the day's counts have expired, so there is nothing left to draw")
    judged = [Judged(record.window, as_record(record)) for record in found]
    version = spec.model_copy(update={"version": latest.version})
    return judged_day(version, read_reference(platform, baseline), current, judged, day, latest.as_of)


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


def write_reports(platform: Platform, judged: JudgedDay, forms: Iterable[Form] = DAILY) -> Mapping[Form, Artifact]:
    """Write each form, in the place of the earlier one."""
    return {form: write_report(platform, judged, form) for form in forms}


def write_report(platform: Platform, judged: JudgedDay, form: Form) -> Artifact:
    """Write one form."""
    return put(platform, judged.spec.model, judged.day, form, RENDERERS[form](judged))


def put(platform: Platform, model: str, day: date, form: Form, content: bytes) -> Artifact:
    """Keep a report in the lake."""
    key = report_key(model, day, form)
    platform.lake.write_bytes(key, content)
    return Artifact(form, platform.lake.path(key), len(content), hashlib.sha256(content).hexdigest())

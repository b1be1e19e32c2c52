"""The day's reports: written by the run that judged the day, or made later from what is stored of it.

In: a judged day. Out: artifacts in the lake under names that stay. Our own forms need counts and records only;
Evidently needs rows, so it cannot be made of a day that has expired.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from aimon.daily.recalled import baseline_of_day, stored_day
from aimon.daily.sampled import baseline_sample, day_sample
from aimon.daily.week import week_page
from aimon.errors import DataError
from aimon.lake.reports import Form, report_key
from aimon.platform import Platform
from aimon.report.day import RENDERERS, JudgedDay
from aimon.report.evidently import render_evidently
from aimon.spec.model import ModelSpec

DAILY = (Form.HTML, Form.JSON, Form.CSV)
"""The forms that every run writes; the others are made when somebody asks."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A written report: where it is, and what it is."""

    form: Form
    key: str
    url: str
    bytes: int
    sha256: str


def write_reports(platform: Platform, judged: JudgedDay) -> Mapping[Form, Artifact]:
    """Write the daily forms in the place of the earlier ones, and others again that would else be out of date."""
    model, day = judged.spec.model, judged.day
    there = {form for form in RENDERERS if platform.lake.exists(report_key(model, day, form))}
    wanted = [form for form in RENDERERS if form in DAILY or form in there]
    return {form: keep(platform, model, day, form, RENDERERS[form](judged)) for form in wanted}


def make_report(platform: Platform, spec: ModelSpec, day: date, form: Form) -> Artifact:
    """Make one form on request, from what is stored of the day."""
    return keep(platform, spec.model, day, form, rendered(platform, spec, day, form))


def rendered(platform: Platform, spec: ModelSpec, day: date, form: Form) -> bytes:
    """The bytes of one form."""
    match form:
        case Form.EVIDENTLY:
            return evidently_page(platform, spec, day)
        case Form.WEEK:
            return week_page(platform, spec, day)
        case _:
            return RENDERERS[form](stored_day(platform, spec, day))


def evidently_page(platform: Platform, spec: ModelSpec, day: date) -> bytes:
    """Evidently's page on samples of the day and of its baseline. LakeError where the day's rows are gone."""
    baseline = baseline_of_day(platform, spec, day)
    reference, current = baseline_sample(platform, spec, baseline.id), day_sample(platform, spec, day)
    if current is None:
        platform.lake.day_path(spec.model, day)
    if reference is None or current is None:
        raise DataError(f"{spec.model}: the rows of its baseline have expired, so no sample of them can be drawn")
    grid = platform.profiles.grid(spec.model, baseline.grid_id)
    return render_evidently(grid, reference.table, current.table)


def keep(platform: Platform, model: str, day: date, form: Form, content: bytes) -> Artifact:
    """Put a report into the lake, in the place of the earlier one."""
    key = report_key(model, day, form)
    platform.lake.write_bytes(key, content)
    return Artifact(form, key, platform.lake.path(key), len(content), hashlib.sha256(content).hexdigest())

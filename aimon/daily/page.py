"""The day's page: the report of the day's own window, kept in the lake under a name that stays."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from aimon.daily.counting import Counted
from aimon.daily.reference import Reference
from aimon.platform import Platform
from aimon.report.page import render_report
from aimon.spec.model import ModelSpec
from aimon.verdict.record import Record


@dataclass(frozen=True, slots=True)
class Page:
    """A written page: where it is, and what it is."""

    url: str
    bytes: int
    sha256: str


def page_key(model: str, day: date) -> str:
    """The page's key in the lake."""
    return f"reports/model={model}/date={day.isoformat()}/report.html"


def write_page(
    platform: Platform,
    spec: ModelSpec,
    reference: Reference,
    counted: Counted,
    records: list[Record],
    day: date,
    as_of: datetime,
) -> Page:
    """Render the page, in the place of the earlier one; the same day as of the same instant gives the same bytes."""
    title = f"{spec.model} {spec.version}, {day.isoformat()}"
    html = render_report(
        title,
        spec,
        records,
        reference.profile,
        counted.profile,
        reference.grid,
        as_of=as_of,
        facts=[f"baseline {reference.baseline_id}"],
    ).encode()
    key = page_key(spec.model, day)
    platform.lake.write_bytes(key, html)
    return Page(platform.lake.path(key), len(html), hashlib.sha256(html).hexdigest())

"""The self-contained HTML page of a comparison or of a model's day. In: records, both sides' counts. Out: HTML text."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from aimon.metrics.names import figure, metric_name
from aimon.metrics.numerals import count, measure, percent
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile
from aimon.report.content import MARKS, content
from aimon.report.fairness import about
from aimon.report.sentences import VERDICTS, interval
from aimon.spec.model import ModelSpec
from aimon.verdict.record import Record

LONGEST_NAME = 40


def render_report(
    title: str,
    spec: ModelSpec,
    records: Sequence[Record],
    baseline: Profile,
    current: Profile,
    grid: Grid,
    *,
    as_of: datetime,
    facts: Sequence[str] = (),
    notes: Sequence[str] = (),
    longer: Mapping[str, Sequence[Record]] | None = None,
) -> str:
    """The whole page; the same arguments give the same bytes.

    `facts` stand under the title; `notes` tell at the end how the columns were understood; `longer` are the results
    over longer windows that end with the same day.
    """
    page = content(title, spec, records, baseline, current, grid, as_of=as_of, facts=facts, notes=notes, longer=longer)
    return environment().get_template("report.html").render(page=page, marks=MARKS)


def _shorten(text: str) -> str:
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1]}…"


@cache
def environment() -> Environment:
    """The templates, with the filters that put numbers and names into words."""
    made = Environment(
        loader=PackageLoader("aimon.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(_FILTERS)
    return made


_FILTERS: Mapping[str, Any] = {
    "percent": percent,
    "share": lambda value: "\u2013" if value is None else percent(value),
    "count": count,
    "shorten": _shorten,
    "verdict": lambda verdict: VERDICTS[verdict],
    "metric": lambda record: metric_name(record.metric),
    "value": lambda record: figure(record.metric, record.value),
    "interval": interval,
    "limit": lambda record: "" if record.threshold is None else figure(record.metric, record.threshold),
    "adjusted": lambda record: "" if record.p_adjusted is None else measure(record.p_adjusted),
    "about": about,
}

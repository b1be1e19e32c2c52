"""A model's week, gathered from what is stored: verdicts and headline numbers by day, longer results, incidents."""

from collections.abc import Sequence
from datetime import date

from aimon.clock import DAY, days
from aimon.daily.judging import HEADLINES
from aimon.daily.recalled import records_of_days
from aimon.daily.stored import as_record
from aimon.errors import UserError
from aimon.metrics.metric import Family
from aimon.metrics.names import column_name
from aimon.platform import Platform
from aimon.report.day import OWN
from aimon.report.week import Happened, Week, render_week, worst_of
from aimon.spec.model import ModelSpec
from aimon.store import incidents
from aimon.store.incidents import Incident
from aimon.store.records import StoredRecord
from aimon.verdict.record import Verdict

LENGTH = 7
WINDOW = "7d"


def week_page(platform: Platform, spec: ModelSpec, last: date) -> bytes:
    """The page of the week that ends with the day. UserError where none of its days was judged."""
    return render_week(week_of(platform, spec, last)).encode()


def week_of(platform: Platform, spec: ModelSpec, last: date) -> Week:
    """What is stored of the week that ends with the day."""
    first = last - (LENGTH - 1) * DAY
    stored = records_of_days(platform, spec.model, first, last)
    if not stored:
        raise UserError(f"{spec.model} was not judged on any day from {first} to {last}; run one with `aimon run`")
    own = [record for record in stored if record.window == OWN]
    span = list(days(first, last))
    longer = [record for record in stored if record.window == WINDOW and record.day == last]
    return Week(
        model=spec.model,
        version=max(stored, key=lambda record: record.as_of).version,
        days=span,
        as_of=max(record.as_of for record in stored),
        verdicts=_verdicts(own),
        numbers=_numbers(own, span),
        alarms=[record for record in map(as_record, longer) if record.verdict.alarms],
        incidents=_incidents(platform, spec.model, first, last),
    )


def _verdicts(own: Sequence[StoredRecord]) -> dict[Family, dict[date, Verdict]]:
    found: dict[Family, dict[date, list[Verdict]]] = {}
    for record in own:
        found.setdefault(Family(record.family), {}).setdefault(record.day, []).append(Verdict(record.verdict))
    return {
        family: {day: worst_of(verdicts) for day, verdicts in found[family].items()}
        for family in Family
        if family in found
    }


def _numbers(own: Sequence[StoredRecord], span: Sequence[date]) -> dict[tuple[str, str], list[float | None]]:
    found: dict[tuple[str, str], dict[date, float | None]] = {}
    for record in own:
        plotted = record.segment is None and record.group is None
        if plotted and record.metric in HEADLINES.get(Family(record.family), ()):
            found.setdefault((record.metric, column_name(record.column)), {})[record.day] = record.value
    order = [metric for metrics in HEADLINES.values() for metric in metrics]
    keys = sorted(found, key=lambda key: (order.index(key[0]), key[1]))
    return {key: [found[key].get(day) for day in span] for key in keys}


def _incidents(platform: Platform, model: str, first: date, last: date) -> list[Happened]:
    with platform.store.session() as connection:
        known = incidents.query(connection, model=model)
    return [_happened(each) for each in known if _touches(each, first, last)]


def _touches(incident: Incident, first: date, last: date) -> bool:
    if incident.first_day is None or incident.last_day is None:
        return first <= incident.opened_at.date() <= last
    return incident.first_day <= last and incident.last_day >= first


def _happened(incident: Incident) -> Happened:
    spanned = f"{incident.first_day} to {incident.last_day}" if incident.first_day != incident.last_day else ""
    return Happened(
        number=incident.id,
        severity=incident.severity,
        status=incident.status.value,
        days=spanned or str(incident.first_day or ""),
        title=incident.title,
    )

"""Inhibition: a drift that a data fault of the same column explains opens no incident; it is evidence of the fault."""

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import Connection

from aimon.incident import found
from aimon.incident.attach import Attached, Difference, Origin, attach_news, compare
from aimon.incident.cause import is_historic
from aimon.incident.grouping import by_cause, split
from aimon.store import findings, incidents, records
from aimon.store.columns import Label
from aimon.store.findings import Finding, StoredFinding
from aimon.store.incidents import Incident
from aimon.verdict.record import Family

LONGEST_WINDOW = 30


def take_faults(connection: Connection, model: str, difference: Difference, origin: Origin) -> list[Attached]:
    """Take the data faults of the day before its drift, whichever check is told first; nothing is cleared by it."""
    if not difference.news:
        return []
    day = difference.news[0].day
    alarming = records.alarming(connection, model=model, day=day, families=[Family.QUALITY])
    earlier = findings.of_day(connection, model=model, day=day, families=[Family.QUALITY])
    faults = compare([found.of_record(each) for each in alarming], earlier)
    parts = by_cause(connection, model, faults, origin)
    return [attach_news(connection, cause, part, origin) for cause, part in parts]


def explained(
    connection: Connection, model: str, difference: Difference
) -> tuple[list[tuple[Incident, Difference]], Difference]:
    """The news that incidents of data faults explain, by incident; and the news that is left."""
    news = difference.news
    if not news:
        return [], difference
    first = news[0].day - timedelta(days=LONGEST_WINDOW - 1)
    faults = findings.standing_between(connection, model=model, family=Family.QUALITY, first=first, last=news[0].day)
    latest: dict[Label, StoredFinding] = {}
    for fault in sorted(faults, key=lambda each: (each.day, each.id)):
        if fault.column is not None:
            latest[fault.column] = fault
    by_number = _of_the_same_time(connection, {fault.incident_id for fault in latest.values()}, news[0].day)

    def explained_by(finding: Finding) -> int | None:
        fault = latest.get(finding.column) if finding.column is not None else None
        if fault is None or fault.day <= finding.day - window_length(finding.window):
            return None
        return fault.incident_id if fault.incident_id in by_number else None

    parts = dict(split(difference, explained_by))
    left = parts.pop(None, Difference())
    return [(by_number[number], part) for number, part in parts.items() if number is not None], left


def _of_the_same_time(connection: Connection, numbers: Iterable[int], day: date) -> dict[int, Incident]:
    """The incidents that are about now as the day is, or about the past as it is."""
    wanted = [incidents.get(connection, number) for number in sorted(numbers)]
    return {each.id: each for each in wanted if each is not None and each.historic == is_historic(day)}


def window_length(window: str) -> timedelta:
    """How many days a window spans.

    >>> window_length("7d").days, window_length("24h").days
    (7, 1)
    """
    return timedelta(days=int(window[:-1]) if window.endswith("d") else 1)

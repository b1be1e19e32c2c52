"""Inhibition: what a fault of the data explains opens no incident of its own; it is evidence of the fault.

A fault of a column explains that column's drift, the drift of the model's answers, and a fall of its performance.
Labels that do not arrive explain a fall of performance too.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta

from sqlalchemy import Connection

from aimon.incident import found
from aimon.incident.attach import Attached, Difference, Origin, attach_news, compare
from aimon.incident.found import are_past, window_length
from aimon.incident.grouping import by_cause, split
from aimon.store import findings, incidents, records
from aimon.store.columns import Label
from aimon.store.findings import Finding, StoredFinding
from aimon.store.incidents import Incident
from aimon.verdict.evaluate import LABEL_FEED
from aimon.verdict.record import Family

LONGEST_WINDOW = 30
EXPLAINED = frozenset({Family.DRIFT, Family.PERFORMANCE, Family.ESTIMATE})
"""Families of findings that faults of the data can explain."""

OF_ANSWERS = frozenset({"class_shift", "confidence_shift", "entropy_shift", "drift_score"})
"""Metrics of drift that are about what the model makes of all its columns: their columns are its answers."""


def take_faults(connection: Connection, model: str, difference: Difference, origin: Origin) -> list[Attached]:
    """Take the data faults of the day before what they explain, whichever check is told first; nothing is cleared."""
    if not difference.news:
        return []
    day = difference.news[0].day
    alarming = records.alarming(connection, model=model, day=day, families=[Family.QUALITY])
    earlier = findings.of_day(connection, model=model, day=day, families=[Family.QUALITY])
    faults = compare([found.of_record(each) for each in alarming], earlier)
    parts = by_cause(connection, model, faults, origin)
    return [attach_news(connection, cause, part, origin) for cause, part in parts]


def take_labels(
    connection: Connection, model: str, difference: Difference, origin: Origin
) -> tuple[list[Attached], Difference]:
    """Take what says that labels are missing before the rest; gives the rest."""
    parts = dict(split(difference, lambda finding: finding.metric == LABEL_FEED))
    missing = by_cause(connection, model, parts.get(True, Difference()), origin)
    done = [attach_news(connection, cause, part, origin) for cause, part in missing]
    return done, parts.get(False, Difference())


def explained(
    connection: Connection, model: str, difference: Difference, origin: Origin
) -> tuple[list[tuple[Incident, Difference]], Difference]:
    """The news that incidents of data faults explain, by incident; and the news that is left."""
    news = difference.news
    if not news:
        return [], difference
    faults = _faults(connection, model, news)
    by_number = _of_the_same_time(connection, {fault.incident_id for fault in faults}, news, origin)
    faults = [fault for fault in faults if fault.incident_id in by_number]
    answers = records.columns_of(connection, model=model, day=news[0].day, metrics=OF_ANSWERS) if faults else set()

    def explained_by(finding: Finding) -> int | None:
        since = finding.day - window_length(finding.window)
        explaining = (
            each
            for each in faults
            if each.day > since
            and window_length(each.window) <= window_length(finding.window)
            and _explains(each, finding, answers)
        )
        return next((each.incident_id for each in explaining), None)

    parts = dict(split(difference, explained_by))
    left = parts.pop(None, Difference())
    return [(by_number[number], part) for number, part in parts.items() if number is not None], left


def _faults(connection: Connection, model: str, news: Sequence[Finding]) -> list[StoredFinding]:
    """The faults that may explain something of the day, the latest first."""
    last = news[0].day
    first = last - timedelta(days=LONGEST_WINDOW - 1)
    of_data = findings.standing_between(connection, model=model, family=Family.QUALITY, first=first, last=last)
    of_labels = findings.standing_between(
        connection, model=model, family=Family.PERFORMANCE, metric=LABEL_FEED, first=first, last=last
    )
    return sorted([*of_data, *of_labels], key=lambda each: (each.day, each.id), reverse=True)


def _explains(fault: StoredFinding, finding: Finding, answers: Collection[Label | None]) -> bool:
    if finding.family != Family.DRIFT:
        return True
    if fault.family != Family.QUALITY or fault.column is None:
        return False
    return fault.column == finding.column or finding.metric in OF_ANSWERS or finding.column in answers


def _of_the_same_time(
    connection: Connection, numbers: Iterable[int], news: Sequence[Finding], origin: Origin
) -> dict[int, Incident]:
    """The incidents that are about now as the news is, or about the past as it is."""
    past = are_past(news, origin.label_horizon)
    wanted = [incidents.get(connection, number) for number in sorted(numbers)]
    return {each.id: each for each in wanted if each is not None and each.historic == past}

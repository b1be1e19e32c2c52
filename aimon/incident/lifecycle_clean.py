"""Automatic resolution: an incident ends after three days on which its checks, judged in time, found it no more.

Only days that were judged while they were news count, so a backfill of the past never ends what is open today.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy import Connection

from aimon import clock
from aimon.incident import outbox
from aimon.incident.attach import ACTOR, Origin
from aimon.incident.cause import CHECK_FAMILIES, HISTORIC_AFTER, Cause, Kind, is_historic
from aimon.incident.event_kinds import RESOLVED
from aimon.incident.found import window_length
from aimon.store import evaluations, findings, incidents, records
from aimon.store.incidents import Incident

CLEAN_DAYS = 3
LABELLED = "performance"
"""The check whose days can be judged only once their labels had time."""

CALM, HOVERS = "ok", "watch"


def resolve_clean(connection: Connection, *, model: str, check: str, day: date, origin: Origin) -> list[int]:
    """Resolve what the check of that day leaves clean for long enough. The caller holds the lock of the model."""
    horizon = origin.label_horizon if check == LABELLED else timedelta(0)
    if is_historic(day, horizon):
        return []
    ended = []
    for incident in incidents.query(connection, model=model, historic=False, standing=True):
        if _check_of(incident) != check:
            continue
        clean = _clean_days(connection, incident, check, horizon)
        if len(clean) >= CLEAN_DAYS:
            last = ", ".join(str(each) for each in clean[-CLEAN_DAYS:])
            end(connection, incident, f"not found on {last}", origin)
            ended.append(incident.id)
    return ended


def _check_of(incident: Incident) -> str | None:
    cause = Cause(Kind(incident.kind), incident.model, incident.subject)
    return cause.check if cause.is_judged else None


def _clean_days(connection: Connection, incident: Incident, check: str, horizon: timedelta) -> list[date]:
    """The days, judged in time, after the last one on which it is found, and on which it could have been found."""
    families = {check, *CHECK_FAMILIES.get(check, ())}
    last = _last_found(findings.standing_days(connection, incident.id, families))
    judged = evaluations.judged_days(
        connection, model=incident.model, check=check, after=last, since=incident.first_day
    )
    days = [day for day, received in judged if received - clock.day_end(day) - horizon <= HISTORIC_AFTER]
    if len(days) < CLEAN_DAYS:
        return []
    about = findings.series(connection, incident.id, families)
    verdicts = records.verdicts_of_days(connection, model=incident.model, families=families, days=days, about=about)
    return _since_it_hovered(days, verdicts)


def _last_found(found: Collection[tuple[date, str]]) -> date | None:
    """The last day on which it was found by itself, and not by a longer window that looks back on such a day."""

    def is_echo(day: date, window: str) -> bool:
        span = window_length(window)
        return any(day - span < other <= day for other, shorter in found if window_length(shorter) < span)

    return max((day for day, window in found if not is_echo(day, window)), default=None)


def _since_it_hovered(days: Sequence[date], verdicts: Mapping[date, set[str]]) -> list[date]:
    """The days that say it is over: none until a value was still beyond its limit, and none that could not tell.

    >>> days = [date(2026, 11, day) for day in (1, 2, 3, 4)]
    >>> [day.day for day in _since_it_hovered(days, {days[1]: {"ok", "watch"}, days[2]: {"insufficient"}})]
    [4]
    """
    hovered = max((day for day, seen in verdicts.items() if HOVERS in seen), default=date.min)
    return [day for day in days if day > hovered and is_clean(verdicts.get(day, {CALM}))]


def is_clean(verdicts: Collection[str]) -> bool:
    """Whether a day with these verdicts says that all is well: one of them does, and none is on the edge."""
    return CALM in verdicts and HOVERS not in verdicts


def end(connection: Connection, incident: Incident, said: str, origin: Origin) -> None:
    """Resolve an incident whose cause is gone; who heard of it hears of its end, unless it was about the past."""
    incidents.resolve(connection, incident.id, at=origin.at)
    event_id = incidents.add_event(
        connection,
        incident.id,
        RESOLVED,
        at=origin.at,
        actor=ACTOR,
        evaluation_key=origin.evaluation_key,
        detail={"reason": said},
    )
    if not incident.historic:
        words = f"{incident.title}\nIt is over: {said}."
        outbox.put_event(connection, incident, event_id=event_id, said=words, at=origin.at)

"""Escalation: an incident that nobody acknowledged in time is told to others, once each time it gets news.

A route says after how long and to whom. The time runs from when people could hear of it: the first delivery of the
incident's latest news, or, where no channel took it, from the news itself. What is silenced or held back waits.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from aimon import clock
from aimon.incident import outbox, silences
from aimon.incident.attach import ACTOR
from aimon.incident.routes import Facts, Routing, facts_of
from aimon.incident.silences import Silence
from aimon.spec.duration import format_duration
from aimon.spec.routes import RouteSpec
from aimon.store import Store, incidents, notices
from aimon.store.incidents import Incident, IncidentEvent, Status
from aimon.store.locks import lock
from aimon.store.notices import HELD_UNTIL, Notice

ESCALATED = "escalated"
NEWS = frozenset({"opened", "reopened", "surfaced", "worsened"})


def escalate_unanswered(store: Store, routing: Routing) -> int:
    """Tell of what nobody has answered; says how many incidents were escalated."""
    if not any(route.escalate_after for route in routing.routes):
        return 0
    with store.session() as connection:
        waiting = incidents.query(connection, status=Status.OPEN, historic=False)
    return sum(_escalate(store, routing, incident.id) for incident in waiting)


def _escalate(store: Store, routing: Routing, number: int) -> bool:
    now = clock.now()
    with store.transaction() as connection:
        incident = incidents.get(connection, number)
        if incident is not None:
            lock(connection, "cause", incident.model)
            incident = incidents.get(connection, number)
        if incident is None or incident.status is not Status.OPEN:
            return False
        events = incidents.events(connection, number)
        news = next((event for event in reversed(events) if event.kind in NEWS), None)
        told = [] if news is None else [n for n in notices.of_incident(connection, number) if n.event_id == news.id]
        heard = _heard(told, now)
        if news is None or heard is None:
            return False
        facts = facts_of(incident.severity, told[0].payload, routing.owners)
        silenced = _is_silenced(silences.standing(connection, routing.silences, at=now), facts, now)
        due = [] if silenced else [route for route in routing.escalations(facts, now) if _is_due(route, heard, now)]
        new = [name for route in due for name in route.escalate_to if name not in _told_since(events, news)]
        if new:
            _tell(connection, incident, told[0], list(dict.fromkeys(new)), now - heard)
        return bool(new)


def _heard(told: Sequence[Notice], now: datetime) -> datetime | None:
    """Since when people could know; None while the notice is held back, or was never put."""
    delivered = [notice.delivered_at for notice in told if notice.delivered_at is not None]
    if delivered:
        return min(delivered)
    possible = [max(notice.created_at, _held_until(notice)) for notice in told]
    return None if not possible or max(possible) > now else min(possible)


def _held_until(notice: Notice) -> datetime:
    until = notice.payload.get(HELD_UNTIL)
    return notice.created_at if until is None else clock.instant(until)


def _is_silenced(standing: Sequence[Silence], facts: Facts, now: datetime) -> bool:
    return any(silence.holds(facts, now) for silence in standing)


def _is_due(route: RouteSpec, heard: datetime, now: datetime) -> bool:
    return route.escalate_after is not None and now - heard >= route.escalate_after


def _told_since(events: Sequence[IncidentEvent], news: IncidentEvent) -> set[str]:
    """The channels that an escalation of this news went to already."""
    later = [event for event in events if event.id > news.id and event.kind == ESCALATED]
    return {name for event in later for name in event.detail["to"]}


def _tell(connection: Connection, incident: Incident, first: Notice, to: list[str], waited: timedelta) -> None:
    now = clock.now()
    hours = format_duration(timedelta(minutes=waited // timedelta(minutes=1)))
    event_id = incidents.add_event(
        connection, incident.id, ESCALATED, at=now, actor=ACTOR, evaluation_key=None, detail={"to": to, "after": hours}
    )
    outbox.put_event(
        connection,
        incident,
        event_id=event_id,
        said=f"{incident.title}\nNobody has acknowledged it for {hours}.\n{first.body}",
        at=now,
        told={"to": to, **{name: first.payload[name] for name in outbox.ABOUT if name in first.payload}},
    )

"""What routing asks of the outbox: notices that wait for their channels, and what was told of a cause before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from aimon.store.notices import UNROUTED, Notice, Status, stored
from aimon.store.tables import incident_events as events
from aimon.store.tables import incidents
from aimon.store.tables import notices as table


@dataclass(frozen=True, slots=True)
class Told:
    """A notice of the past: to whom, what kind of event it was about, and what became of it."""

    id: str
    channel: str
    kind: str
    severity: str
    status: Status
    event_id: int
    created_at: datetime


def event_kind(connection: Connection, event_id: int) -> str:
    """What kind of event a notice is about: opened, worsened, resolved, ..."""
    kind: str = connection.execute(select(events.c.kind).where(events.c.id == event_id)).scalar_one()
    return kind


def unrouted(connection: Connection, *, now: datetime, limit: int) -> list[Notice]:
    """Notices that have no channel yet and need not wait, the oldest first."""
    waiting = (
        select(table)
        .where(table.c.status == Status.PENDING, table.c.channel == UNROUTED, table.c.next_attempt_at <= now)
        .order_by(table.c.event_id, table.c.id)
        .limit(limit)
    )
    return [stored(row) for row in connection.execute(waiting)]


def assign(connection: Connection, notice_id: str, *, payload: Mapping[str, Any], **values: Any) -> None:
    """Give a notice its channel, or what else routing decided."""
    connection.execute(update(table).where(table.c.id == notice_id).values(payload=payload, **values))


def wake(connection: Connection, *, now: datetime) -> None:
    """Let routing look again at what it held back, as after a silence was ended."""
    held = (table.c.status == Status.PENDING) & (table.c.channel == UNROUTED) & (table.c.next_attempt_at > now)
    connection.execute(update(table).where(held).values(next_attempt_at=now))


def told_of_incident(connection: Connection, incident_id: int) -> list[Told]:
    """Everything that was put for the incident, the oldest first."""
    return _told(connection, table.c.incident_id == incident_id)


def told_of_cause(connection: Connection, *, cause: str, model: str, channel: str, since: datetime) -> list[Told]:
    """What the channel was to be told of the cause since then, the oldest first."""
    return _told(
        connection,
        incidents.c.model == model,
        incidents.c.cause == cause,
        table.c.channel == channel,
        table.c.created_at >= since,
    )


def _told(connection: Connection, *conditions: Any) -> list[Told]:
    columns: Sequence[Any] = (
        table.c.id,
        table.c.channel,
        events.c.kind,
        table.c.severity,
        table.c.status,
        table.c.event_id,
        table.c.created_at,
    )
    joined = table.join(events, events.c.id == table.c.event_id).join(incidents, incidents.c.id == table.c.incident_id)
    rows = connection.execute(select(*columns).select_from(joined).where(*conditions).order_by(table.c.event_id))
    return [Told(**{**row._mapping, "status": Status(row.status)}) for row in rows]  # noqa: SLF001

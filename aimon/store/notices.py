"""The outbox: notices wait here until a channel confirmed them. Claiming one lends it out for a while."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from aimon.store.tables import notices as table


class Status(StrEnum):
    """Where a notice stands: to be delivered, delivered, or given up."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message to one channel. `id` is what receivers deduplicate by."""

    id: str
    incident_id: int
    event_id: int
    channel: str
    severity: str
    subject: str
    body: str
    payload: Mapping[str, Any]
    status: Status
    attempts: int
    next_attempt_at: datetime
    last_error: str | None
    created_at: datetime
    delivered_at: datetime | None


def add(
    connection: Connection,
    *,
    id: str,  # noqa: A002 - the column's name
    incident_id: int,
    event_id: int,
    channel: str,
    severity: str,
    subject: str,
    body: str,
    payload: Mapping[str, Any],
    at: datetime,
) -> None:
    """Put a notice into the outbox, in the transaction of what it is about."""
    row = {
        "id": id,
        "incident_id": incident_id,
        "event_id": event_id,
        "channel": channel,
        "severity": severity,
        "subject": subject,
        "body": body,
        "payload": payload,
        "status": Status.PENDING,
        "attempts": 0,
        "next_attempt_at": at,
        "created_at": at,
    }
    connection.execute(insert(table).values(row))


def claim(connection: Connection, *, now: datetime, lease: timedelta, limit: int) -> list[Notice]:
    """Lend out due notices, the longest waiting first. One that is neither confirmed nor failed is due again later."""
    due = (
        select(table)
        .where(table.c.status == Status.PENDING, table.c.next_attempt_at <= now)
        .order_by(table.c.next_attempt_at, table.c.event_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    lent = []
    for notice in [_stored(row) for row in connection.execute(due)]:
        changes = {"attempts": notice.attempts + 1, "next_attempt_at": now + lease}
        connection.execute(update(table).where(table.c.id == notice.id).values(changes))
        lent.append(replace(notice, attempts=notice.attempts + 1, next_attempt_at=now + lease))
    return lent


def confirm(connection: Connection, notice_id: str, *, at: datetime) -> None:
    """Note that the channel took it."""
    taken = {"status": Status.DELIVERED, "delivered_at": at, "last_error": None}
    connection.execute(update(table).where(table.c.id == notice_id).values(taken))


def postpone(connection: Connection, notice_id: str, *, error: str, until: datetime | None) -> None:
    """Note why the channel did not take it, and when to try again; without `until` it is given up."""
    tried: dict[str, Any] = {"last_error": error}
    tried |= {"status": Status.DEAD} if until is None else {"next_attempt_at": until}
    still_pending = (table.c.id == notice_id) & (table.c.status == Status.PENDING)
    connection.execute(update(table).where(still_pending).values(tried))


def of_incident(connection: Connection, incident_id: int) -> list[Notice]:
    """The incident's notices, the oldest first."""
    wanted = select(table).where(table.c.incident_id == incident_id).order_by(table.c.event_id, table.c.channel)
    return [_stored(row) for row in connection.execute(wanted)]


def count(connection: Connection) -> Mapping[Status, int]:
    """How many notices stand where."""
    rows = connection.execute(select(table.c.status, func.count()).group_by(table.c.status))
    return Counter({Status(status): number for status, number in rows})


def _stored(row: Row[Any]) -> Notice:
    return Notice(**{**row._mapping, "status": Status(row.status)})  # noqa: SLF001 - the documented name

"""The outbox: notices wait here until a channel confirmed them. Claiming one lends it out for a while."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, exists, func, insert, select, update

from aimon.store.tables import channels
from aimon.store.tables import notices as table


class Status(StrEnum):
    """Where a notice stands: to be delivered, by itself or in a digest, delivered, held back for good, or given up."""

    PENDING = "pending"
    DIGEST = "digest"
    DELIVERED = "delivered"
    WITHHELD = "withheld"
    DEAD = "dead"


UNROUTED = ""
"""The channel of a notice whose channels are not chosen yet."""

HELD_UNTIL = "held_until"
"""Where a payload says that the notice could not go earlier: after a silence, quiet hours, or being revived."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message to one channel. `id` is what receivers deduplicate by; `last_error` says why it is not there yet."""

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
    **values: Any,
) -> None:
    """Put a notice into the outbox, in the transaction of what it is about; `values` are further columns."""
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
        **values,
    }
    connection.execute(insert(table).values(row))


def claim(
    connection: Connection, *, now: datetime, lease: timedelta, limit: int, without: Collection[str] = ()
) -> list[Notice]:
    """Lend out due notices, the longest waiting first. One that is neither confirmed nor failed is due again later."""
    due = (
        _due(Status.PENDING, now, without)
        .order_by(table.c.next_attempt_at, table.c.event_id, table.c.channel)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return _lend(connection, [stored(row) for row in connection.execute(due)], now + lease)


def claim_digest(
    connection: Connection, *, now: datetime, lease: timedelta, limit: int, without: Collection[str] = ()
) -> list[Notice]:
    """Lend out what one channel's next digest holds, in the order of the events."""
    due = _due(Status.DIGEST, now, without)
    first = connection.execute(due.order_by(table.c.next_attempt_at, table.c.channel).limit(1)).one_or_none()
    if first is None:
        return []
    group = due.where(table.c.channel == first.channel).order_by(table.c.event_id).limit(limit)
    rows = connection.execute(group.with_for_update(skip_locked=True))
    return _lend(connection, [stored(row) for row in rows], now + lease)


def give_back(connection: Connection, notice: Notice, *, due: datetime) -> None:
    """Undo the lending of a notice that was not tried."""
    as_before = {"attempts": notice.attempts - 1, "next_attempt_at": due}
    connection.execute(update(table).where(table.c.id == notice.id).values(as_before))


def confirm(connection: Connection, notice_id: str, *, at: datetime) -> None:
    """Note that the channel took it."""
    taken = {"status": Status.DELIVERED, "delivered_at": at, "last_error": None}
    connection.execute(update(table).where(table.c.id == notice_id).values(taken))


def postpone(connection: Connection, notice_id: str, *, error: str, until: datetime | None) -> bool:
    """Note why the channel did not take it, and when to try again; without `until` it is given up. False: too late."""
    tried: dict[str, Any] = {"last_error": error}
    tried |= {"status": Status.DEAD} if until is None else {"next_attempt_at": until}
    waiting = (table.c.id == notice_id) & table.c.status.in_([Status.PENDING, Status.DIGEST])
    return connection.execute(update(table).where(waiting).values(tried)).rowcount == 1


def dead(connection: Connection, *, limit: int | None = None) -> list[Notice]:
    """The notices that were given up, the newest first."""
    wanted = select(table).where(table.c.status == Status.DEAD).order_by(table.c.created_at.desc()).limit(limit)
    return [stored(row) for row in connection.execute(wanted)]


def revive(connection: Connection, notice_id: str, *, at: datetime) -> bool:
    """Try a notice again that was given up, as if it were new; False if there is no such one."""
    given_up = (table.c.id == notice_id) & (table.c.status == Status.DEAD)
    row = connection.execute(select(table.c.payload).where(given_up)).one_or_none()
    if row is None:
        return False
    again = {"status": Status.PENDING, "attempts": 0, "next_attempt_at": at}
    payload = {**row.payload, HELD_UNTIL: at.isoformat()}
    return connection.execute(update(table).where(given_up).values(payload=payload, **again)).rowcount == 1


def of_incident(connection: Connection, incident_id: int) -> list[Notice]:
    """The incident's notices, the oldest first."""
    wanted = select(table).where(table.c.incident_id == incident_id).order_by(table.c.event_id, table.c.channel)
    return [stored(row) for row in connection.execute(wanted)]


def query(
    connection: Connection,
    *,
    status: Status | None = None,
    channel: str | None = None,
    incident_id: int | None = None,
    before: tuple[int, str] | None = None,
    limit: int | None = None,
) -> list[Notice]:
    """Notices, those of the newest events first; each argument narrows.

    `before` is the event and the channel of the last one read before.
    """
    wanted = select(table).order_by(table.c.event_id.desc(), table.c.channel.desc()).limit(limit)
    if before is not None:
        event, name = before
        here = (table.c.event_id == event) & (table.c.channel < name)
        wanted = wanted.where(table.c.event_id <= event, (table.c.event_id < event) | here)
    if incident_id is not None:
        wanted = wanted.where(table.c.incident_id == incident_id)
    if status is not None:
        wanted = wanted.where(table.c.status == status)
    if channel is not None:
        wanted = wanted.where(table.c.channel == channel)
    return [stored(row) for row in connection.execute(wanted)]


def count(connection: Connection) -> Mapping[Status, int]:
    """How many notices stand where."""
    rows = connection.execute(select(table.c.status, func.count()).group_by(table.c.status))
    return Counter({Status(status): number for status, number in rows})


def stored(row: Row[Any]) -> Notice:
    """The notice that a row of the table is."""
    return Notice(**{**row._mapping, "status": Status(row.status)})  # noqa: SLF001 - the documented name


def _due(status: Status, now: datetime, without: Collection[str]) -> Select[Any]:
    """What may go now: it has a channel that does not rest, and nothing earlier of its incident waits for it.

    So a receiver that keeps the state of incidents never hears of the end before the beginning.
    """
    resting = select(channels.c.channel).where(channels.c.rests_until_at > now)
    earlier = table.alias("earlier")
    earlier_waits = exists().where(
        earlier.c.incident_id == table.c.incident_id,
        earlier.c.channel == table.c.channel,
        earlier.c.event_id < table.c.event_id,
        earlier.c.status == Status.PENDING,
    )
    return select(table).where(
        table.c.status == status,
        table.c.next_attempt_at <= now,
        table.c.channel.not_in([UNROUTED, *without]),
        table.c.channel.not_in(resting),
        ~earlier_waits,
    )


def _lend(connection: Connection, notices: list[Notice], until: datetime) -> list[Notice]:
    lent = [replace(notice, attempts=notice.attempts + 1, next_attempt_at=until) for notice in notices]
    for notice in lent:
        changes = {"attempts": notice.attempts, "next_attempt_at": until}
        connection.execute(update(table).where(table.c.id == notice.id).values(changes))
    return lent

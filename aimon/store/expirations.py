"""The evidence of retention: announced before anything is deleted, confirmed once it is gone. Never rewritten.

A deletion that was announced twice is the same one as long as it is not confirmed, so that a killed run is continued.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from aimon import clock
from aimon.store.locks import lock
from aimon.store.tables.retention import expirations as table


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """What is deleted. `sha256` and `bytes` are of the files; rows of the database have neither."""

    kind: str
    model: str
    day: date
    policy: str
    files: int = 0
    rows: int | None = None
    bytes: int | None = None
    sha256: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The deletion as commands and the API print it."""
        return {**asdict(self), "day": self.day.isoformat()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiration(Deletion):
    """A deletion with its evidence: when it was announced, and when it was carried out."""

    id: int
    planned_at: datetime
    deleted_at: datetime | None

    def as_json(self) -> dict[str, Any]:
        told = {**asdict(self), "day": self.day.isoformat(), "planned_at": clock.iso(self.planned_at)}
        return {**told, "deleted_at": None if self.deleted_at is None else clock.iso(self.deleted_at)}


def hold(connection: Connection, deletion: Deletion) -> None:
    """Until the transaction ends, be the only one who looks at what there is to delete and announces it."""
    lock(connection, "expirations", deletion.kind, deletion.model, deletion.day.isoformat())


def announce(connection: Connection, deletion: Deletion) -> Expiration:
    """Say what is going to be deleted. What was announced and not confirmed is continued.

    What that says of the files stays once some of them are gone.
    """
    hold(connection, deletion)
    same = (table.c.kind == deletion.kind) & (table.c.model == deletion.model) & (table.c.day == deletion.day)
    present = connection.execute(select(table).where(same, table.c.deleted_at.is_(None))).one_or_none()
    if present is None:
        values = {**asdict(deletion), "planned_at": clock.now()}
        return _expiration(connection.execute(insert(table).values(values).returning(*table.c)).one())
    if deletion.files >= present.files:
        connection.execute(update(table).where(table.c.id == present.id).values(asdict(deletion)))
    return _one(connection, present.id)


def confirm(connection: Connection, expiration: Expiration) -> Expiration:
    """Say that it is gone; the first confirmation stands. It stands even if the announcement was taken back since."""
    own = table.c.id == expiration.id
    confirmed = {"deleted_at": clock.now()}
    if not connection.execute(select(table.c.id).where(own)).one_or_none():
        connection.execute(insert(table).values({**asdict(expiration), **confirmed}))
    connection.execute(update(table).where(own, table.c.deleted_at.is_(None)).values(confirmed))
    return _one(connection, expiration.id)


def withdraw(connection: Connection, expiration: Expiration) -> None:
    """Take back an announcement that nothing followed."""
    connection.execute(delete(table).where(table.c.id == expiration.id, table.c.deleted_at.is_(None)))


def pending(connection: Connection) -> list[Expiration]:
    """What was announced and not confirmed: a run is under way, or was killed."""
    rows = connection.execute(select(table).where(table.c.deleted_at.is_(None)).order_by(table.c.id))
    return [_expiration(row) for row in rows]


def query(connection: Connection, *, model: str | None = None, limit: int | None = None) -> list[Expiration]:
    """The deletions, the latest first."""
    wanted = select(table).order_by(table.c.id.desc()).limit(limit)
    rows = connection.execute(wanted if model is None else wanted.where(table.c.model == model))
    return [_expiration(row) for row in rows]


def carried_out(connection: Connection, *, after: datetime | None) -> list[Expiration]:
    """The deletions that were confirmed after the instant, or all of them, in the order of their announcement."""
    done = table.c.deleted_at.is_not(None) if after is None else table.c.deleted_at > after
    return [_expiration(row) for row in connection.execute(select(table).where(done).order_by(table.c.id))]


def _one(connection: Connection, number: int) -> Expiration:
    return _expiration(connection.execute(select(table).where(table.c.id == number)).one())


def _expiration(row: Row[Any]) -> Expiration:
    return Expiration(**row._mapping)  # noqa: SLF001 - the documented name

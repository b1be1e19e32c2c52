"""The evidence of retention: announced before anything is deleted, confirmed once it is gone. Never rewritten.

A deletion that was announced twice is the same one as long as it is not confirmed, so that a killed run is continued.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from aimon import clock
from aimon.store.locks import lock
from aimon.store.tables.retention import expirations as table


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiration:
    """One deletion. `sha256` and `bytes` are of what was deleted; rows of the database have neither."""

    id: int
    kind: str
    model: str
    day: date
    files: int
    rows: int | None
    bytes: int | None
    sha256: str | None
    policy: str
    planned_at: datetime
    deleted_at: datetime | None

    def as_json(self) -> dict[str, Any]:
        """The evidence as commands and the API print it."""
        deleted = None if self.deleted_at is None else clock.iso(self.deleted_at)
        told = {name: getattr(self, name) for name in ("kind", "model", "files", "rows", "bytes", "sha256", "policy")}
        return {**told, "day": self.day.isoformat(), "planned_at": clock.iso(self.planned_at), "deleted_at": deleted}


def announce(
    connection: Connection,
    *,
    kind: str,
    model: str,
    day: date,
    policy: str,
    files: int = 0,
    rows: int | None = None,
    bytes: int | None = None,  # noqa: A002 - the column's name
    sha256: str | None = None,
) -> Expiration:
    """Say what is going to be deleted. An announcement that is not confirmed yet stands as it is."""
    lock(connection, "expirations", kind, model, day.isoformat())
    own = (table.c.kind == kind) & (table.c.model == model) & (table.c.day == day) & table.c.deleted_at.is_(None)
    present = connection.execute(select(table).where(own)).one_or_none()
    if present is not None:
        return _expiration(present)
    row = {"kind": kind, "model": model, "day": day, "policy": policy, "files": files, "rows": rows}
    values = {**row, "bytes": bytes, "sha256": sha256, "planned_at": clock.now()}
    return _expiration(connection.execute(insert(table).values(values).returning(*table.c)).one())


def confirm(connection: Connection, expiration: Expiration) -> Expiration:
    """Say that it is gone; the first confirmation stands."""
    open_one = (table.c.id == expiration.id) & table.c.deleted_at.is_(None)
    connection.execute(update(table).where(open_one).values(deleted_at=clock.now()))
    return _expiration(connection.execute(select(table).where(table.c.id == expiration.id)).one())


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


def _expiration(row: Row[Any]) -> Expiration:
    return Expiration(**row._mapping)  # noqa: SLF001 - the documented name

"""Silences: which notices are held back until when. They are ended, never deleted: it stays known who hid what."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from aimon.store.tables import silences as table


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSilence:
    """One silence. `ended_at` is set where somebody ended it before its time."""

    id: int
    matchers: Mapping[str, Any]
    starts_at: datetime
    ends_at: datetime
    reason: str
    author: str
    created_at: datetime
    ended_at: datetime | None
    ended_by: str | None


def add(
    connection: Connection,
    *,
    matchers: Mapping[str, Any],
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    author: str,
    at: datetime,
) -> int:
    """Keep a silence and give its number."""
    row = {
        "matchers": matchers,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "reason": reason,
        "author": author,
        "created_at": at,
    }
    number: int = connection.execute(insert(table).values(row).returning(table.c.id)).scalar_one()
    return number


def end(connection: Connection, silence_id: int, *, at: datetime, by: str) -> bool:
    """End a silence before its time; False if there is none of that number that still holds or is to come."""
    standing = (table.c.id == silence_id) & (table.c.ends_at > at)
    ended = connection.execute(update(table).where(standing).values(ends_at=at, ended_at=at, ended_by=by))
    return ended.rowcount == 1


def standing(connection: Connection, *, at: datetime) -> list[StoredSilence]:
    """The silences that hold at the instant or will later, by their numbers."""
    return _found(connection, table.c.ends_at > at)


def query(connection: Connection) -> list[StoredSilence]:
    """Every silence there ever was, by its number."""
    return _found(connection)


def _found(connection: Connection, *conditions: Any) -> list[StoredSilence]:
    rows = connection.execute(select(table).where(*conditions).order_by(table.c.id))
    return [StoredSilence(**row._mapping) for row in rows]  # noqa: SLF001 - the documented name

"""Sessions: who is logged in, by browser or by refresh tokens. An ended one stays until it would have expired."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, delete, insert, select, update

from aimon.store.tables import sessions as table


class Kind(StrEnum):
    """How it is carried: by a cookie, or by a family of refresh tokens."""

    BROWSER = "browser"
    TOKEN = "token"  # noqa: S105 - a word, no secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One login. `generation` counts its refresh tokens; only the last is valid."""

    id: str
    user_id: int
    kind: Kind
    generation: int
    created_at: datetime
    used_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    ended_because: str | None


def add(connection: Connection, *, id: str, user_id: int, kind: Kind, at: datetime, expires_at: datetime) -> None:  # noqa: A002
    """Begin a session."""
    row = {"id": id, "user_id": user_id, "kind": kind, "generation": 1}
    connection.execute(insert(table).values(**row, created_at=at, used_at=at, expires_at=expires_at))


def get(connection: Connection, session_id: str, *, hold: bool = False) -> Session | None:
    """The session; with `hold` nobody else changes it until the transaction ends."""
    wanted = select(table).where(table.c.id == session_id)
    row = connection.execute(wanted.with_for_update() if hold else wanted).one_or_none()
    return None if row is None else Session(**{**row._mapping, "kind": Kind(row.kind)})  # noqa: SLF001


def touch(connection: Connection, session_id: str, *, at: datetime, generation: int | None = None) -> None:
    """Note that it is used; with a generation, that the next refresh token was given out."""
    values = {"used_at": at} if generation is None else {"used_at": at, "generation": generation}
    connection.execute(update(table).where(table.c.id == session_id).values(values))


def end(connection: Connection, session_id: str, *, at: datetime, because: str) -> bool:
    """End a session; False where it was over."""
    standing = (table.c.id == session_id) & table.c.ended_at.is_(None)
    return connection.execute(update(table).where(standing).values(ended_at=at, ended_because=because)).rowcount == 1


def end_all(connection: Connection, user_id: int, *, at: datetime, because: str, but: str | None = None) -> int:
    """End every session of a user, but one; says how many."""
    standing = (table.c.user_id == user_id) & table.c.ended_at.is_(None)
    if but is not None:
        standing &= table.c.id != but
    return connection.execute(update(table).where(standing).values(ended_at=at, ended_because=because)).rowcount


def purge(connection: Connection, *, before: datetime) -> int:
    """Forget sessions that expired before the instant; says how many."""
    return connection.execute(delete(table).where(table.c.expires_at < before)).rowcount

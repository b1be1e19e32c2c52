"""Users: people with a role. They are disabled, never deleted: the audit log names them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from aimon.store.tables import users as table


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """One person. Without `password_hash` they come through an identity provider, which knows them as `identity`."""

    id: int
    name: str
    email: str | None
    role: str
    password_hash: str | None
    must_change: bool
    identity: str | None
    created_at: datetime
    changed_at: datetime
    disabled_at: datetime | None


def add(
    connection: Connection,
    *,
    name: str,
    email: str | None,
    role: str,
    password_hash: str | None,
    must_change: bool,
    identity: str | None,
    at: datetime,
) -> int:
    """Add a user and give their number."""
    row = {
        "name": name,
        "email": email,
        "role": role,
        "password_hash": password_hash,
        "must_change": must_change,
        "identity": identity,
        "created_at": at,
        "changed_at": at,
    }
    number: int = connection.execute(insert(table).values(row).returning(table.c.id)).scalar_one()
    return number


def change(connection: Connection, user_id: int, *, at: datetime, **values: Any) -> None:
    """Set columns of the user by their names."""
    connection.execute(update(table).where(table.c.id == user_id).values(**values, changed_at=at))


def get(connection: Connection, user_id: int) -> User | None:
    """The user of that number."""
    return _one(connection, table.c.id == user_id)


def named(connection: Connection, name: str) -> User | None:
    """The user of that name."""
    return _one(connection, table.c.name == name)


def identified(connection: Connection, identity: str) -> User | None:
    """The user whom the identity provider knows so."""
    return _one(connection, table.c.identity == identity)


def everybody(connection: Connection) -> list[User]:
    """Every user there ever was, by name."""
    return [User(**row._mapping) for row in connection.execute(select(table).order_by(table.c.name))]  # noqa: SLF001


def count(connection: Connection, *, role: str | None = None) -> int:
    """How many users there are; with a role, how many who have it and are not disabled."""
    wanted = select(func.count()).select_from(table)
    if role is not None:
        wanted = wanted.where(table.c.role == role, table.c.disabled_at.is_(None))
    number: int = connection.execute(wanted).scalar_one()
    return number


def _one(connection: Connection, condition: ColumnElement[bool]) -> User | None:
    row = connection.execute(select(table).where(condition)).one_or_none()
    return None if row is None else User(**row._mapping)  # noqa: SLF001 - the documented name

"""API keys: a public prefix and the keyed hash of the whole. A key is revoked or expires; it is never deleted."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from aimon.store.tables import api_keys as table


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """One key. `replaced_by` is the prefix of the key that takes its place."""

    prefix: str
    mac: str
    name: str
    scopes: tuple[str, ...]
    user_id: int | None
    created_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    revoked_at: datetime | None
    replaced_by: str | None


def add(
    connection: Connection,
    *,
    prefix: str,
    mac: str,
    name: str,
    scopes: Collection[str],
    user_id: int | None,
    at: datetime,
    expires_at: datetime | None,
) -> None:
    """Keep a new key."""
    row = {"prefix": prefix, "mac": mac, "name": name, "scopes": sorted(scopes), "user_id": user_id}
    connection.execute(insert(table).values(**row, created_at=at, expires_at=expires_at))


def get(connection: Connection, prefix: str) -> ApiKey | None:
    """The key with that prefix."""
    row = connection.execute(select(table).where(table.c.prefix == prefix)).one_or_none()
    return None if row is None else _key(row)


def change(connection: Connection, prefix: str, **values: Any) -> None:
    """Set columns of the key by their names."""
    connection.execute(update(table).where(table.c.prefix == prefix).values(values))


def every(connection: Connection) -> list[ApiKey]:
    """Every key there ever was, the newest first."""
    return [_key(row) for row in connection.execute(select(table).order_by(table.c.created_at.desc(), table.c.prefix))]


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(**{**row._mapping, "scopes": tuple(row.scopes)})  # noqa: SLF001 - the documented name

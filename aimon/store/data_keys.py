"""The keys that rows are encrypted with, as they lie in the database: wrapped, by model, at most one in use."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from aimon import clock
from aimon.store.tables import data_keys as table


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A wrapped key, which secret wrapped it, and what became of it."""

    id: str
    model: str
    wrapped: bytes | None = field(repr=False)
    wrapped_by: str
    created_at: datetime
    retired_at: datetime | None
    destroyed_at: datetime | None

    @property
    def state(self) -> str:
        """`in use`, `retired` (it only opens) or `destroyed`."""
        if self.destroyed_at is not None:
            return "destroyed"
        return "in use" if self.retired_at is None else "retired"


def add(connection: Connection, *, key_id: str, model: str, wrapped: bytes, wrapped_by: str) -> StoredKey:
    """Keep a new key, which is the one in use from now on."""
    row = {"id": key_id, "model": model, "wrapped": wrapped, "wrapped_by": wrapped_by, "created_at": clock.now()}
    connection.execute(insert(table), row)
    return StoredKey(**row, retired_at=None, destroyed_at=None)  # type: ignore[arg-type]


def in_use(connection: Connection, model: str, *, hold: bool = False) -> StoredKey | None:
    """The key for what is written of the model now; with `hold` it stays so until the transaction ends."""
    found = select(table).where(table.c.model == model, table.c.retired_at.is_(None))
    row = connection.execute(found.with_for_update(read=True) if hold else found).one_or_none()
    return None if row is None else StoredKey(*row)


def get(connection: Connection, key_id: str) -> StoredKey | None:
    """The key of that name."""
    row = connection.execute(select(table).where(table.c.id == key_id)).one_or_none()
    return None if row is None else StoredKey(*row)


def every(connection: Connection, model: str | None = None) -> Sequence[StoredKey]:
    """The keys of a model, or of all, in the order they were made."""
    found = select(table).order_by(table.c.model, table.c.created_at, table.c.id)
    if model is not None:
        found = found.where(table.c.model == model)
    return [StoredKey(*row) for row in connection.execute(found)]


def rewrap(connection: Connection, key_id: str, wrapped: bytes, wrapped_by: str) -> None:
    """Keep the key as another secret wraps it."""
    _overwriting(connection)
    connection.execute(update(table).where(table.c.id == key_id).values(wrapped=wrapped, wrapped_by=wrapped_by))


def retire(connection: Connection, model: str) -> None:
    """Write nothing with the model's key any more; it opens what it sealed."""
    own = (table.c.model == model) & table.c.retired_at.is_(None)
    connection.execute(update(table).where(own).values(retired_at=clock.now()))


def destroy(connection: Connection, model: str, *, only_retired: bool = False) -> list[str]:
    """Forget the model's keys for good, or those that are no longer in use; which ones."""
    own = (table.c.model == model) & table.c.destroyed_at.is_(None)
    if only_retired:
        own &= table.c.retired_at.is_not(None)
    _overwriting(connection)
    now = clock.now()
    gone = {"wrapped": None, "destroyed_at": now, "retired_at": func.coalesce(table.c.retired_at, now)}
    names = list(connection.execute(select(table.c.id).where(own).order_by(table.c.created_at, table.c.id)).scalars())
    connection.execute(update(table).where(own).values(gone))
    return names


def settle(connection: Connection) -> None:
    """Leave no copy of what was overwritten in SQLite's journal. Asked after the transaction."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _overwriting(connection: Connection) -> None:
    """SQLite leaves what was replaced in its pages unless it is told not to."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")

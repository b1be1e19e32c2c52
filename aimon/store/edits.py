"""Edits of the project's files: who changed what and why, with the text before and after. Nothing here is deleted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select

from aimon.store.tables import edits as table


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEdit:
    """One edit. With a `section`, the texts are those of one top-level key; the digests are of the whole file."""

    id: int
    file: str
    section: str | None
    at: datetime
    author: str
    reason: str
    before: str | None
    after: str | None
    before_sha256: str | None
    after_sha256: str | None
    undoes: int | None
    undone_by: int | None


def add(connection: Connection, **row: Any) -> int:
    """Keep an edit, and give its number."""
    number: int = connection.execute(insert(table).values(row).returning(table.c.id)).scalar_one()
    return number


def get(connection: Connection, number: int) -> StoredEdit | None:
    """The edit of that number."""
    row = connection.execute(_wanted().where(table.c.id == number)).one_or_none()
    return None if row is None else StoredEdit(**row._mapping)  # noqa: SLF001 - the documented name


def query(
    connection: Connection, *, file: str | None = None, before: int | None = None, limit: int | None = None
) -> list[StoredEdit]:
    """Edits, the newest first; `before` is the last number of the page read before."""
    wanted = _wanted()
    if file is not None:
        wanted = wanted.where(table.c.file == file)
    if before is not None:
        wanted = wanted.where(table.c.id < before)
    rows = connection.execute(wanted.order_by(table.c.id.desc()).limit(limit))
    return [StoredEdit(**row._mapping) for row in rows]  # noqa: SLF001 - the documented name


def _wanted() -> Select[Any]:
    undone = table.alias("undone")
    return select(table, undone.c.id.label("undone_by")).select_from(
        table.outerjoin(undone, undone.c.undoes == table.c.id)
    )

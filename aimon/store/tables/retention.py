"""The evidence of retention: what was deleted because its time was over."""

from sqlalchemy import Column, Date, Index, Integer, Table, Text, text

from aimon.store.columns import BigId, UtcDateTime
from aimon.store.tables.schema import metadata

expirations = Table(
    "expirations",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("files", Integer, nullable=False),
    Column("rows", BigId, nullable=True),
    Column("bytes", BigId, nullable=True),
    Column("sha256", Text, nullable=True),
    Column("policy", Text, nullable=False),
    Column("planned_at", UtcDateTime, nullable=False),
    Column("deleted_at", UtcDateTime, nullable=True),
    Index(None, "model", "id"),
    Index(
        "uq_expirations_pending",
        "kind",
        "model",
        "day",
        unique=True,
        sqlite_where=text("deleted_at IS NULL"),
        postgresql_where=text("deleted_at IS NULL"),
    ),
    sqlite_autoincrement=True,
    comment="what retention deleted: announced before, confirmed after, by which policy and when",
)

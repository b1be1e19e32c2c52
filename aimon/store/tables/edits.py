"""Edits of the project's files, so that each can be looked at and undone."""

from sqlalchemy import Column, Index, Table, Text, UniqueConstraint

from aimon.store.columns import BigId, UtcDateTime
from aimon.store.tables.schema import metadata

edits = Table(
    "edits",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("file", Text, nullable=False),
    Column("section", Text, nullable=True),
    Column("at", UtcDateTime, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("before", Text, nullable=True),
    Column("after", Text, nullable=True),
    Column("before_sha256", Text, nullable=True),
    Column("after_sha256", Text, nullable=True),
    Column("undoes", BigId, nullable=True),
    UniqueConstraint("undoes"),
    Index(None, "file", "id"),
    sqlite_autoincrement=True,
    comment="edits of the project's files over the API: who, why, the text before and after",
)

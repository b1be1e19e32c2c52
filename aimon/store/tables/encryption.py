"""The keys that rows are encrypted with, each wrapped by a key that the platform's secret makes."""

from sqlalchemy import Column, Index, LargeBinary, Table, Text, text

from aimon.store.columns import UtcDateTime
from aimon.store.tables.schema import metadata

data_keys = Table(
    "data_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("model", Text, nullable=False),
    Column("wrapped", LargeBinary, nullable=True),
    Column("wrapped_by", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("retired_at", UtcDateTime, nullable=True),
    Column("destroyed_at", UtcDateTime, nullable=True),
    Index(
        "uq_data_keys_in_use",
        "model",
        unique=True,
        sqlite_where=text("retired_at IS NULL"),
        postgresql_where=text("retired_at IS NULL"),
    ),
    comment="the keys that rows are encrypted with, wrapped; a model has at most one in use",
)

"""On the way to people: silences that hold notices back, and how each channel is doing."""

from sqlalchemy import Column, Index, Integer, Table, Text

from aimon.store.columns import BigId, Json, UtcDateTime
from aimon.store.tables.schema import metadata

silences = Table(
    "silences",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("matchers", Json, nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("reason", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime, nullable=True),
    Column("ended_by", Text, nullable=True),
    Index(None, "ends_at"),
    sqlite_autoincrement=True,
    comment="which notices are held back until when, by whom and why",
)

channels = Table(
    "channels",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("rests_until_at", UtcDateTime, nullable=True),
    Column("next_turn_at", UtcDateTime, nullable=True),
    Column("delivered_at", UtcDateTime, nullable=True),
    Column("failed_at", UtcDateTime, nullable=True),
    Column("last_error", Text, nullable=True),
    comment="how each channel is doing: failures in a row, until when it rests, when its next turn is",
)

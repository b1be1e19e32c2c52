"""What arrives one by one before it is in the lake: accepted predictions and their labels."""

from sqlalchemy import Column, Date, Index, Table, Text

from aimon.store.columns import Json, UtcDateTime
from aimon.store.tables.schema import metadata

inbox = Table(
    "inbox",
    metadata,
    Column("model", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("timestamp", UtcDateTime, nullable=False),
    Column("version", Text, nullable=True),
    Column("payload", Json, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
    comment="accepted predictions, until the day's lake file holds them",
)
"""One tree, ordered as a day is read: an id is unique within its UTC day, as it is in the lake."""

labels = Table(
    "labels",
    metadata,
    Column("model", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("label", Json, nullable=False),
    Column("timestamp", UtcDateTime, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Index(None, "model", "received_at"),
    sqlite_with_rowid=False,
    comment="the label each source gave a prediction; sources may disagree",
)

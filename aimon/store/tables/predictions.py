"""What arrives one by one before it is in the lake: accepted predictions, and what is said of predictions later."""

from sqlalchemy import Boolean, Column, Date, Index, Integer, LargeBinary, Table, Text

from aimon.store.columns import BigId, Json, UtcDateTime
from aimon.store.tables.schema import metadata

inbox = Table(
    "inbox",
    metadata,
    Column("sequence", BigId, primary_key=True),
    Column("model", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("digests", LargeBinary, nullable=False),
    Column("format", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("traces", Text, nullable=True),
    Column("protected", LargeBinary, nullable=True),
    Index(None, "model", "day", "sequence"),
    sqlite_autoincrement=True,
    comment="accepted predictions in parcels, until the day's lake file holds them",
)
"""Many predictions a row: writing one row for each costs four times as much."""

inbox_ids = Table(
    "inbox_ids",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("sequence", BigId, nullable=False),
    sqlite_with_rowid=False,
    comment="the predictions that the inbox holds, by a hash of model, day and id, and the parcel of each",
)

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

feedback = Table(
    "feedback",
    metadata,
    Column("model", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("correct", Boolean, nullable=False),
    Column("kind", Text, nullable=False),
    Column("timestamp", UtcDateTime, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("predicted", Text, nullable=True),
    Index(None, "model", "received_at"),
    sqlite_with_rowid=False,
    comment="whether each source found a prediction right, and why it looked; sources may disagree",
)

"""What is happening now: each worker's counts of the last minutes, and what each day used."""

from sqlalchemy import Column, Date, Index, LargeBinary, Table, Text

from aimon.store.columns import BigId, UtcDateTime
from aimon.store.tables.schema import metadata

live_states = Table(
    "live_states",
    metadata,
    Column("worker", Text, primary_key=True),
    Column("model", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("state", LargeBinary, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Index(None, "updated_at"),
    sqlite_with_rowid=False,
    comment="what each worker counted of a model and version lately; the workers' sum is the model's",
)

found_pii = Table(
    "found_pii",
    metadata,
    Column("model", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("texts", BigId, nullable=False),
    Column("finds", BigId, nullable=False),
    Column("weight_ppm", BigId, nullable=False),
    sqlite_with_rowid=False,
    comment="rows with texts that each source sent a day, and how much personal data was taken out of them",
)

usage = Table(
    "usage",
    metadata,
    Column("model", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("calls", BigId, nullable=False),
    Column("errors", BigId, nullable=False),
    Column("tokens", BigId, nullable=False),
    Column("cost_nano_usd", BigId, nullable=False),
    Column("unpriced_calls", BigId, nullable=False),
    sqlite_with_rowid=False,
    comment="calls, tokens and cost of each day, in billionths of a US dollar, as they were accepted",
)

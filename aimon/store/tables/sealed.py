"""What is known of sealed counts without reading any: which envelopes came, and what became of their sums."""

from sqlalchemy import Column, Date, Index, Integer, Table, Text, UniqueConstraint

from aimon.store.columns import BigId, Real, UtcDateTime
from aimon.store.tables.schema import metadata

sealed_envelopes = Table(
    "sealed_envelopes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("model", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("sender", Text, nullable=False),
    Column("number", BigId, nullable=False),
    Column("layout_id", Text, nullable=False),
    Column("ciphertexts", Integer, nullable=False),
    Column("rows", BigId, nullable=False),
    Column("bytes", BigId, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("kind", Text, nullable=False, server_default="cube"),
    Column("of", Text, nullable=True),
    UniqueConstraint("model", "sender", "number"),
    Index(None, "model", "day"),
    comment="the envelopes of sealed counts that were taken, by the digest of their header",
)

sealed_sums = Table(
    "sealed_sums",
    metadata,
    Column("model", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("manifest_id", Text, nullable=False),
    Column("envelopes", Integer, nullable=False),
    Column("rows", BigId, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("answer", Text, nullable=True),
    Column("answered_at", UtcDateTime, nullable=True),
    Column("answered_by", Text, nullable=True),
    Column("sigma", Real, nullable=True),
    Column("reason", Text, nullable=True),
    Index(None, "answered_at"),
    sqlite_with_rowid=False,
    comment="the last sum of each sealed day, and what the owner of the key answered: counts, verdicts, withheld",
)

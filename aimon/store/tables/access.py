"""Who may do what, and the proof of what was done: users, sessions, API keys, the audit chain, the privacy ledger."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text

from aimon.store.columns import BigId, Exact, Json, UtcDateTime
from aimon.store.tables.schema import metadata

users = Table(
    "users",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("email", Text, nullable=True),
    Column("role", Text, nullable=False),
    Column("password_hash", Text, nullable=True),
    Column("must_change", Boolean, nullable=False),
    Column("identity", Text, nullable=True, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime, nullable=True),
    sqlite_autoincrement=True,
    comment="people with a role: admin, auditor or viewer",
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", BigId, ForeignKey("users.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime, nullable=True),
    Column("ended_because", Text, nullable=True),
    Index(None, "user_id"),
    Index(None, "expires_at"),
    comment="who is logged in: browsers, and families of refresh tokens with the generation that is valid",
)

login_failures = Table(
    "login_failures",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("failed_at", UtcDateTime, nullable=False),
    Column("locked_until_at", UtcDateTime, nullable=True),
    Index(None, "failed_at"),
    comment="failed logins in a row, by the keyed hash of a name or an address",
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("prefix", Text, primary_key=True),
    Column("mac", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", Json, nullable=False),
    Column("user_id", BigId, ForeignKey("users.id"), nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=True),
    Column("used_at", UtcDateTime, nullable=True),
    Column("revoked_at", UtcDateTime, nullable=True),
    Column("replaced_by", Text, nullable=True),
    Index(None, "user_id"),
    comment="keys of programs: a public prefix and the keyed hash of the secret",
)

audit_chain = Table(
    "audit_chain",
    metadata,
    Column("sequence", BigId, primary_key=True, autoincrement=False),
    Column("instant", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("previous_mac", Text, nullable=False),
    Column("mac", Text, nullable=False),
    Index(None, "subject", "sequence"),
    Index(None, "actor", "sequence"),
    comment="every change and denied request as the texts that were sealed; each row is bound to the one before",
)

privacy_ledger = Table(
    "privacy_ledger",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("model", Text, nullable=False),
    Column("release", Text, nullable=False, unique=True),
    Column("mechanism", Text, nullable=False),
    Column("epsilon", Exact, nullable=True),
    Column("delta", Exact, nullable=True),
    Column("sigma", Exact, nullable=True),
    Column("at", UtcDateTime, nullable=False),
    Column("detail", Json, nullable=False),
    Index(None, "model", "at"),
    sqlite_autoincrement=True,
    comment="every noisy release and what it cost of the model's privacy budget",
)

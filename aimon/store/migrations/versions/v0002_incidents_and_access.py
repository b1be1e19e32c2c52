"""The chain from an evaluation to a notice, signs of life, access and its proof."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
EXACT = sa.Numeric().with_variant(sa.Text(), "sqlite")


def upgrade() -> None:
    _incidents()
    _life_signs()
    _access()
    _proof()


def _incidents() -> None:
    op.create_table(
        "evaluations",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("asset", sa.Text(), nullable=False),
        sa.Column("check", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("timestamp", MOMENT, nullable=False),
        sa.Column("metadata", sa.JSON(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_evaluations")),
        comment="check evaluations and run failures, each once, however often it is read",
    )
    op.create_index(op.f("ix_evaluations_model_day"), "evaluations", ["model", "day"])
    op.create_index(op.f("ix_evaluations_timestamp"), "evaluations", ["timestamp"])
    op.create_table(
        "incidents",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("historic", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date()),
        sa.Column("last_day", sa.Date()),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("acknowledged_at", MOMENT),
        sa.Column("resolved_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
        comment="one per cause; at most one unresolved incident has a cause",
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_incidents_model_id"), "incidents", ["model", "id"])
    op.create_index(op.f("ix_incidents_severity_id"), "incidents", ["severity", "id"])
    op.create_index(op.f("ix_incidents_status_severity_id"), "incidents", ["status", "severity", "id"])
    op.create_index(
        "uq_incidents_unresolved_cause",
        "incidents",
        ["cause", "historic"],
        unique=True,
        sqlite_where=sa.text("resolved_at IS NULL"),
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
    op.create_table(
        "incident_events",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("incident_id", NUMBER, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("evaluation_key", sa.Text()),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["evaluation_key"], ["evaluations.key"], name=op.f("fk_incident_events_evaluation_key")
        ),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_incident_events_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_events")),
        comment="the full history of each incident",
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_incident_events_evaluation_key"), "incident_events", ["evaluation_key"])
    op.create_index(op.f("ix_incident_events_incident_id_id"), "incident_events", ["incident_id", "id"])
    op.create_table(
        "findings",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("incident_id", NUMBER, nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("window", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("column", sa.Text()),
        sa.Column("segment", sa.Text()),
        sa.Column("group", sa.Text()),
        sa.Column("groups", sa.Text()),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("value", sa.Double()),
        sa.Column("low", sa.Double()),
        sa.Column("high", sa.Double()),
        sa.Column("threshold", sa.Double()),
        sa.Column("n_reference", NUMBER),
        sa.Column("n_current", NUMBER),
        sa.Column("note", sa.Text()),
        sa.Column("evaluation_key", sa.Text()),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.Column("cleared_at", MOMENT),
        sa.ForeignKeyConstraint(["evaluation_key"], ["evaluations.key"], name=op.f("fk_findings_evaluation_key")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_findings_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
        sa.UniqueConstraint("fingerprint", "window", "day", name=op.f("uq_findings_fingerprint_window_day")),
        comment="records that alarm, by fingerprint, window and day; a rerun that no longer alarms clears them",
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_findings_evaluation_key"), "findings", ["evaluation_key"])
    op.create_index(op.f("ix_findings_incident_id"), "findings", ["incident_id"])
    op.create_index(op.f("ix_findings_model_day_family"), "findings", ["model", "day", "family"])
    op.create_index(
        "ix_findings_standing",
        "findings",
        ["family", "model"],
        unique=False,
        sqlite_where=sa.text("cleared_at IS NULL"),
        postgresql_where=sa.text("cleared_at IS NULL"),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("incident_id", NUMBER, nullable=False),
        sa.Column("event_id", NUMBER, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", MOMENT, nullable=False),
        sa.Column("last_error", sa.Text()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("delivered_at", MOMENT),
        sa.ForeignKeyConstraint(["event_id"], ["incident_events.id"], name=op.f("fk_notices_event_id")),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_notices_incident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("event_id", "channel", name=op.f("uq_notices_event_id_channel")),
        comment="the outbox: written with the incident, delivered afterwards",
    )
    op.create_index(op.f("ix_notices_incident_id"), "notices", ["incident_id"])
    op.create_index(
        "ix_notices_pending",
        "notices",
        ["next_attempt_at"],
        unique=False,
        sqlite_where=sa.text("status = 'pending'"),
        postgresql_where=sa.text("status = 'pending'"),
    )


def _life_signs() -> None:
    op.create_table(
        "heartbeats",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("beat_at", MOMENT, nullable=False),
        sa.Column("day", sa.Date()),
        sa.Column("run_id", sa.Text()),
        sa.PrimaryKeyConstraint("kind", "subject", "step", name=op.f("pk_heartbeats")),
        comment="when each step of each model, and each sensor, last showed life",
    )


def _access() -> None:
    op.create_table(
        "users",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text()),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("disabled_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
        comment="people with a role: admin, auditor or viewer",
        sqlite_autoincrement=True,
    )
    op.create_table(
        "api_keys",
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("mac", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("user_id", NUMBER),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT),
        sa.Column("used_at", MOMENT),
        sa.Column("revoked_at", MOMENT),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_api_keys_user_id")),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_api_keys")),
        comment="keys of programs: a public prefix and the keyed hash of the secret",
    )
    op.create_index(op.f("ix_api_keys_user_id"), "api_keys", ["user_id"])


def _proof() -> None:
    op.create_table(
        "audit_chain",
        sa.Column("sequence", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("previous_mac", sa.Text(), nullable=False),
        sa.Column("mac", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit_chain")),
        sa.UniqueConstraint("mac", name=op.f("uq_audit_chain_mac")),
        comment="every change and denied request; each row is bound to the one before",
    )
    op.create_index(op.f("ix_audit_chain_subject_sequence"), "audit_chain", ["subject", "sequence"])
    op.create_table(
        "privacy_ledger",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("release", sa.Text(), nullable=False),
        sa.Column("mechanism", sa.Text(), nullable=False),
        sa.Column("epsilon", EXACT),
        sa.Column("delta", EXACT),
        sa.Column("sigma", EXACT),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_ledger")),
        sa.UniqueConstraint("release", name=op.f("uq_privacy_ledger_release")),
        comment="every noisy release and what it cost of the model's privacy budget",
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_privacy_ledger_model_at"), "privacy_ledger", ["model", "at"])

"""The models with their grids, baselines and records; predictions and labels on their way to the lake."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _models()
    _records()
    _predictions()


def _models() -> None:
    op.create_table(
        "registry",
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text()),
        sa.Column("formerly", sa.JSON(), nullable=False),
        sa.Column("retired", sa.Boolean(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("yaml_sha256", sa.Text(), nullable=False),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("model", name=op.f("pk_registry")),
        sa.UniqueConstraint("key", name=op.f("uq_registry_key")),
        comment="models ever declared; key is the partition key, which a rename keeps",
    )
    op.create_table(
        "grids",
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("artifact", sa.Text(), nullable=False),
        sa.Column("reference", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("model", "id", name=op.f("pk_grids")),
        comment="frozen grids: where in the lake each lies and what it was cut from",
    )
    op.create_table(
        "baselines",
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("grid_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("artifact", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("rows", NUMBER, nullable=False),
        sa.Column("reference", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("approved_by", sa.Text()),
        sa.Column("approved_at", MOMENT),
        sa.Column("activated_at", MOMENT),
        sa.Column("archived_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["model", "grid_id"], ["grids.model", "grids.id"], name=op.f("fk_baselines_model_grid_id")
        ),
        sa.PrimaryKeyConstraint("model", "id", name=op.f("pk_baselines")),
        comment="approved sums of profiles; a model has one active baseline",
    )
    op.create_index(
        "uq_baselines_active",
        "baselines",
        ["model"],
        unique=True,
        sqlite_where=sa.text("status = 'active'"),
        postgresql_where=sa.text("status = 'active'"),
    )


def _records() -> None:
    op.create_table(
        "records",
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("window", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("column", sa.Text()),
        sa.Column("segment", sa.Text()),
        sa.Column("group", sa.Text()),
        sa.Column("groups", sa.Text()),
        sa.Column("value", sa.Double()),
        sa.Column("low", sa.Double()),
        sa.Column("high", sa.Double()),
        sa.Column("p_value", sa.Double()),
        sa.Column("p_adjusted", sa.Double()),
        sa.Column("threshold", sa.Double()),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("maturity", sa.Text()),
        sa.Column("n_reference", NUMBER),
        sa.Column("n_current", NUMBER),
        sa.Column("low_power", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("baseline_id", sa.Text()),
        sa.Column("grid_id", sa.Text()),
        sa.Column("run_id", sa.Text()),
        sa.Column("as_of", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("model", "day", "window", "family", "position", name=op.f("pk_records")),
        comment="every metric of every window with its verdict; rewritten whole per model, day, window and family",
        sqlite_with_rowid=False,
    )


def _predictions() -> None:
    op.create_table(
        "inbox",
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("timestamp", MOMENT, nullable=False),
        sa.Column("version", sa.Text()),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("model", "day", "id", name=op.f("pk_inbox")),
        comment="accepted predictions, until the day's lake file holds them",
        sqlite_with_rowid=False,
    )
    op.create_table(
        "labels",
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("label", sa.JSON(), nullable=False),
        sa.Column("timestamp", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("model", "id", "source", name=op.f("pk_labels")),
        comment="the label each source gave a prediction; sources may disagree",
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_labels_model_received_at"), "labels", ["model", "received_at"])

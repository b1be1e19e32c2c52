"""The evidence of what retention deleted."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "expirations",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("rows", NUMBER),
        sa.Column("bytes", NUMBER),
        sa.Column("sha256", sa.Text()),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("planned_at", MOMENT, nullable=False),
        sa.Column("deleted_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expirations")),
        comment="what retention deleted: announced before, confirmed after, by which policy and when",
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_expirations_model_id"), "expirations", ["model", "id"])
    op.create_index(
        "uq_expirations_pending",
        "expirations",
        ["kind", "model", "day"],
        unique=True,
        sqlite_where=sa.text("deleted_at IS NULL"),
        postgresql_where=sa.text("deleted_at IS NULL"),
    )

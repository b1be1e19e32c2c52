"""The inbox in parcels, what people said of predictions, and what is happening now.

Until here nothing could put a prediction into the inbox but tests, so the old one is dropped as it is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _inbox()
    _feedback()
    _live()


def _inbox() -> None:
    op.drop_table("inbox")
    op.create_table(
        "inbox",
        sa.Column("sequence", NUMBER, nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("digests", sa.LargeBinary(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_inbox")),
        comment="accepted predictions in parcels, until the day's lake file holds them",
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_inbox_model_day_sequence"), "inbox", ["model", "day", "sequence"])
    op.create_table(
        "inbox_ids",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("sequence", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_inbox_ids")),
        comment="the predictions that the inbox holds, by a hash of model, day and id, and the parcel of each",
        sqlite_with_rowid=False,
    )


def _feedback() -> None:
    op.create_table(
        "feedback",
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("correct", sa.Boolean(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("timestamp", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("model", "id", "source", name=op.f("pk_feedback")),
        comment="whether each source found a prediction right, and why it looked; sources may disagree",
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_feedback_model_received_at"), "feedback", ["model", "received_at"])


def _live() -> None:
    op.create_table(
        "live_states",
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("worker", "model", "version", name=op.f("pk_live_states")),
        comment="what each worker counted of a model and version lately; the workers' sum is the model's",
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_live_states_updated_at"), "live_states", ["updated_at"])
    op.create_table(
        "usage",
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("calls", NUMBER, nullable=False),
        sa.Column("errors", NUMBER, nullable=False),
        sa.Column("tokens", NUMBER, nullable=False),
        sa.Column("cost_nano_usd", NUMBER, nullable=False),
        sa.Column("unpriced_calls", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("model", "version", "day", name=op.f("pk_usage")),
        comment="calls, tokens and cost of each day, in billionths of a US dollar, as they were accepted",
        sqlite_with_rowid=False,
    )

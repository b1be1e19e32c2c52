"""Which sealed envelopes came, and what became of their sums."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "sealed_envelopes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("number", NUMBER, nullable=False),
        sa.Column("layout_id", sa.Text(), nullable=False),
        sa.Column("ciphertexts", sa.Integer(), nullable=False),
        sa.Column("rows", NUMBER, nullable=False),
        sa.Column("bytes", NUMBER, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_envelopes")),
        sa.UniqueConstraint("model", "sender", "number", name=op.f("uq_sealed_envelopes_model_sender_number")),
        comment="the envelopes of sealed counts that were taken, by the digest of their header",
    )
    op.create_index(op.f("ix_sealed_envelopes_model_day"), "sealed_envelopes", ["model", "day"])
    op.create_table(
        "sealed_sums",
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("manifest_id", sa.Text(), nullable=False),
        sa.Column("envelopes", sa.Integer(), nullable=False),
        sa.Column("rows", NUMBER, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by", sa.Text(), nullable=True),
        sa.Column("sigma", sa.Double(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("model", "day", name=op.f("pk_sealed_sums")),
        comment="the last sum of each sealed day, and what the owner of the key answered: counts, verdicts, withheld",
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_sealed_sums_answered_at"), "sealed_sums", ["answered_at"])

"""What stands for a model is found by an index that holds it; edits of the project's files are kept."""

import sqlalchemy as sa
from alembic import op

from aimon.store.columns import BigId, UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

HEADLINES = (
    'rule IS NULL AND segment IS NULL AND "group" IS NULL AND "window" = \'1d\' AND metric IN ('
    "'drift_score', 'demographic_parity_difference', 'disparate_impact', 'equal_opportunity_difference', "
    "'accuracy', 'mae', 'ndcg', 'estimated_accuracy', 'estimated_mae', 'volume', 'cost_usd')"
)
STANDING = "resolved_at IS NULL AND NOT historic"


def upgrade() -> None:
    op.drop_index("ix_records_headline", table_name="records")
    op.create_index(
        "ix_records_headlines",
        "records",
        [
            *("model", "day", "metric", "column", "family", "position"),
            *("value", "low", "high", "threshold", "verdict", "maturity", "rule", "segment", "group"),
        ],
        unique=False,
        sqlite_where=sa.text(HEADLINES),
        postgresql_where=sa.text(HEADLINES),
    )
    op.create_table(
        "revisions",
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("number", BigId, nullable=False),
        sa.PrimaryKeyConstraint("model", name=op.f("pk_revisions")),
        comment="how often each model's records were replaced: who remembers them asks whether they changed",
    )
    op.create_index(
        "ix_incidents_standing",
        "incidents",
        ["model", "severity", "id"],
        unique=False,
        sqlite_where=sa.text(STANDING),
        postgresql_where=sa.text(STANDING),
    )
    op.create_table(
        "edits",
        sa.Column("id", BigId, nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("section", sa.Text(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("before_sha256", sa.Text(), nullable=True),
        sa.Column("after_sha256", sa.Text(), nullable=True),
        sa.Column("undoes", BigId, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edits")),
        sa.UniqueConstraint("undoes", name=op.f("uq_edits_undoes")),
        sqlite_autoincrement=True,
        comment="edits of the project's files over the API: who, why, the text before and after",
    )
    op.create_index(op.f("ix_edits_file_id"), "edits", ["file", "id"], unique=False)

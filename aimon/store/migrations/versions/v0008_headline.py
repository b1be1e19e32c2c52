"""An index of each model's one number a day."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_records_headline",
        "records",
        ["day", "model"],
        unique=False,
        sqlite_where=sa.text("metric = 'drift_score'"),
        postgresql_where=sa.text("metric = 'drift_score'"),
    )

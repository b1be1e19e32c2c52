"""Sealed envelopes of records, and of labels that are about them."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sealed_envelopes", sa.Column("kind", sa.Text(), nullable=False, server_default="cube"))
    op.add_column("sealed_envelopes", sa.Column("of", sa.Text()))

"""The protected attributes of waiting predictions, apart from the rest."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inbox", sa.Column("protected", sa.LargeBinary()))

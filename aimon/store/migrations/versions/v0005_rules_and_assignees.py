"""The user's rules beside the metrics, who an incident is assigned to, and how long a model's labels take."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("records", sa.Column("rule", sa.Text()))
    op.add_column("findings", sa.Column("rule", sa.Text()))
    op.add_column("incidents", sa.Column("assignee", sa.Text()))
    op.add_column("registry", sa.Column("label_horizon_s", sa.Integer()))

"""Indexes for lists of incidents, so that no page of any filter reads those that it does not show."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

UNRESOLVED = sa.text("resolved_at IS NULL")
HISTORIC = sa.text("historic")


def upgrade() -> None:
    op.drop_index(op.f("ix_incidents_status_severity_id"), "incidents")
    op.create_index(op.f("ix_incidents_status_id"), "incidents", ["status", "id"])
    op.create_index(op.f("ix_incidents_model_severity_id"), "incidents", ["model", "severity", "id"])
    for name, *columns in (
        ("ix_incidents_unresolved", "id"),
        ("ix_incidents_unresolved_of_model", "model", "id"),
        ("ix_incidents_unresolved_by_severity", "severity", "id"),
    ):
        op.create_index(name, "incidents", columns, sqlite_where=UNRESOLVED, postgresql_where=UNRESOLVED)
    op.create_index("ix_incidents_historic", "incidents", ["id"], sqlite_where=HISTORIC, postgresql_where=HISTORIC)

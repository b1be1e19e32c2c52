"""What is known of the models: the registry, their grids, their baselines, the records of every window."""

from sqlalchemy import Boolean, Column, Date, ForeignKeyConstraint, Index, Integer, Table, Text, text

from aimon.store.columns import BigId, Json, Labels, Real, UtcDateTime
from aimon.store.tables import headlines
from aimon.store.tables.schema import metadata

registry = Table(
    "registry",
    metadata,
    Column("model", Text, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("version", Text, nullable=False),
    Column("task", Text, nullable=False),
    Column("owner", Text, nullable=True),
    Column("formerly", Json, nullable=False),
    Column("retired", Boolean, nullable=False),
    Column("label_horizon_s", Integer, nullable=True),
    Column("file", Text, nullable=False),
    Column("yaml_sha256", Text, nullable=False),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    comment="models ever declared; key is the partition key, which a rename keeps",
)

grids = Table(
    "grids",
    metadata,
    Column("model", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("artifact", Text, nullable=False),
    Column("reference", Json, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    comment="frozen grids: where in the lake each lies and what it was cut from",
)

baselines = Table(
    "baselines",
    metadata,
    Column("model", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("grid_id", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("artifact", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("rows", BigId, nullable=False),
    Column("reference", Json, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("approved_by", Text, nullable=True),
    Column("approved_at", UtcDateTime, nullable=True),
    Column("activated_at", UtcDateTime, nullable=True),
    Column("archived_at", UtcDateTime, nullable=True),
    ForeignKeyConstraint(["model", "grid_id"], ["grids.model", "grids.id"]),
    Index(
        "uq_baselines_active",
        "model",
        unique=True,
        sqlite_where=text("status = 'active'"),
        postgresql_where=text("status = 'active'"),
    ),
    comment="approved sums of profiles; a model has one active baseline",
)

records = Table(
    "records",
    metadata,
    Column("model", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("window", Text, primary_key=True),
    Column("family", Text, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("version", Text, nullable=False),
    Column("metric", Text, nullable=False),
    Column("column", Labels, nullable=True),
    Column("segment", Labels, nullable=True),
    Column("group", Labels, nullable=True),
    Column("groups", Labels, nullable=True),
    Column("value", Real, nullable=True),
    Column("low", Real, nullable=True),
    Column("high", Real, nullable=True),
    Column("p_value", Real, nullable=True),
    Column("p_adjusted", Real, nullable=True),
    Column("threshold", Real, nullable=True),
    Column("verdict", Text, nullable=False),
    Column("maturity", Text, nullable=True),
    Column("n_reference", BigId, nullable=True),
    Column("n_current", BigId, nullable=True),
    Column("low_power", Boolean, nullable=False),
    Column("reason", Text, nullable=True),
    Column("rule", Text, nullable=True),
    Column("baseline_id", Text, nullable=True),
    Column("grid_id", Text, nullable=True),
    Column("run_id", Text, nullable=True),
    Column("as_of", UtcDateTime, nullable=False),
    sqlite_with_rowid=False,
    comment="every metric of every window with its verdict; rewritten whole per model, day, window and family",
)
"""No number of its own: the same input gives the same rows, and a model's days lie side by side."""
headlines.index(records)

revisions = Table(
    "revisions",
    metadata,
    Column("model", Text, primary_key=True),
    Column("number", BigId, nullable=False),
    comment="how often each model's records were replaced: who remembers them asks whether they changed",
)

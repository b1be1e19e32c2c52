"""Which records stand for a model, and the index that finds them among all the others."""

from sqlalchemy import ColumnElement, Index, Table, text

GAPS = ("demographic_parity_difference", "disparate_impact", "equal_opportunity_difference")
PERFORMANCE = ("accuracy", "mae", "ndcg")
ESTIMATES = ("estimated_accuracy", "estimated_mae")
METRICS = ("drift_score", *GAPS, *PERFORMANCE, *ESTIMATES, "volume", "cost_usd")
"""The metrics that a line of the overview tells: of the day's own window and all rows."""

NAME = "ix_records_headlines"
CONDITION = (
    'rule IS NULL AND segment IS NULL AND "group" IS NULL AND "window" = \'1d\' AND metric IN ('
    + ", ".join(f"'{metric}'" for metric in METRICS)
    + ")"
)
"""Written out in the index and in every query of it, without parameters: SQLite compares the two texts."""

COLUMNS = (
    *("model", "day", "metric", "column", "family", "position"),
    *("value", "low", "high", "threshold", "verdict", "maturity", "rule", "segment", "group"),
)
"""All that is asked for or about, so that no record itself is read."""


def condition() -> ColumnElement[bool]:
    """Which records stand for a model."""
    return text(CONDITION)  # type: ignore[return-value]


def index(table: Table) -> Index:
    """The index over them."""
    where = text(CONDITION)
    return Index(NAME, *(table.c[name] for name in COLUMNS), sqlite_where=where, postgresql_where=where)

"""What charts are drawn from: as few columns of the records as a chart shows, as plain rows."""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, select

from aimon.store.asked import asked
from aimon.store.columns import Label
from aimon.store.tables import records as table

POINT = (
    *("day", "value", "low", "high", "threshold", "verdict", "maturity"),
    *("n_current", "version", "baseline_id", "run_id", "as_of", "reason"),
)
"""What a point of a trend tells."""
SERIES = ("family", "metric", "column", "segment", "group", "groups")
"""Whose point it is; the groups are the pair that decides on that day."""
_ORDER = (table.c.day, table.c.window, table.c.family, table.c.position)


def points(
    connection: Connection,
    *,
    model: str,
    since: date,
    until: date,
    window: str,
    family: str | Collection[str] | None,
    metric: Collection[str] | None,
    column: Label | None,
    segment: str | None,
    limit: int,
) -> list[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    """Each record as its series and its point, by day."""
    wanted = select(*(table.c[name] for name in (*SERIES, *POINT))).where(
        *asked(model, since, until, window=window, family=family, metric=metric, column=column, segment=segment)
    )
    rows = connection.execute(wanted.order_by(*_ORDER).limit(limit)).all()
    return [(tuple(row[: len(SERIES)]), tuple(row[len(SERIES) :])) for row in rows]


def distances(
    connection: Connection, *, model: str, since: date, until: date, window: str, metrics: Collection[str]
) -> list[Row[tuple[date, str, Label | None, float | None, str]]]:
    """The drift of all rows: day, metric, column, value and verdict of the metrics, by day."""
    own = table.c
    drift = asked(model, since, until, window=window, family="drift", metric=metrics, segment="")
    wanted = select(own.day, own.metric, own.column, own.value, own.verdict).where(*drift, own.group.is_(None))
    return list(connection.execute(wanted.order_by(own.day)).all())

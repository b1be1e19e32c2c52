"""Past values of series, as few columns of as few records as whoever learns from the past needs."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from aimon.store.columns import Label
from aimon.store.tables import records as table


@dataclass(frozen=True, slots=True)
class PastValue:
    """What a record of an earlier day held."""

    day: date
    window: str
    metric: str
    column: Label | None
    segment: str | None
    group: Label | None
    value: float | None
    low: float | None
    high: float | None
    n_current: int | None
    maturity: str | None


_COLUMNS = [table.c[name] for name in PastValue.__dataclass_fields__]


def past_values(
    connection: Connection, *, model: str, window: str, since: date, until: date, metrics: Collection[str]
) -> list[PastValue]:
    """The records of these metrics of the days from `since` to `until`, both included, by day."""
    wanted = select(*_COLUMNS).where(
        table.c.model == model,
        table.c.window == window,
        table.c.day >= since,
        table.c.day <= until,
        table.c.metric.in_(sorted(metrics)),
        table.c.rule.is_(None),
    )
    return [PastValue(*row) for row in connection.execute(wanted.order_by(table.c.day))]

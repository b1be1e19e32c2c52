"""The day's filter as the database can run it. It may let rows of other days through, never keep one of the day out."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
from sqlalchemy import ColumnElement, Connection, FromClause, and_, case, func, or_, select, true

from aimon.clock import DAY, day_end, day_start
from aimon.intake.moment import epoch_ranges, is_iso, text_days, wall_clock


def inside(
    connection: Connection, rows: FromClause, timestamp: str, start: datetime, end: datetime, timezone: str
) -> ColumnElement[bool]:
    """The condition that a row's timestamp may be in the range. One value of the column shows how it is kept."""
    when = rows.c[timestamp]
    bounds = _bounds(_example(connection, when), start, end, timezone)
    return and_(when.is_not(None), _within(when, bounds) if bounds else true())


def counts_by_day(
    connection: Connection, rows: FromClause, timestamp: str, days: Sequence[date], timezone: str
) -> Mapping[date, int] | None:
    """How many rows may be of each of the days, which follow each other; None where the filter cannot tell days."""
    when = rows.c[timestamp]
    example = _example(connection, when)
    whole = _bounds(example, day_start(days[0]), day_end(days[-1]), timezone)
    if not whole:
        return dict.fromkeys(days, 0) if example is None else None
    of_days = [_within(when, _bounds(example, day_start(day), day_end(day), timezone)) for day in days]
    wanted = select(*(func.sum(case((of_day, 1), else_=0)) for of_day in of_days)).select_from(rows)
    found = connection.execute(wanted.where(_within(when, whole))).one()
    return {day: int(count or 0) for day, count in zip(days, found, strict=True)}


def _example(connection: Connection, when: ColumnElement[Any]) -> Any:
    return connection.execute(select(when).where(when.is_not(None)).limit(1)).scalar()


def _within(when: ColumnElement[Any], bounds: Iterable[tuple[Any, Any]]) -> ColumnElement[bool]:
    return or_(*(and_(when >= low, when < high) for low, high in bounds))


def _bounds(example: Any, start: datetime, end: datetime, timezone: str) -> list[tuple[Any, Any]]:
    """Ranges of raw values that enclose the instants; none where raw values have no order of time."""
    if isinstance(example, datetime):
        return [(start, end)] if example.tzinfo else [wall_clock(start, end, timezone)]
    if isinstance(example, date):
        first, last = wall_clock(start, end, timezone)
        return [(first.date(), last.date() + DAY)]
    if isinstance(example, int | float | Decimal) and not isinstance(example, bool):
        return list(epoch_ranges(start, end))
    if isinstance(example, str) and is_iso(pa.array([example])):
        return [text_days(start, end)]
    return []

"""The day's filter as the database can run it. It may let rows of other days through, never keep one of the day out."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
from sqlalchemy import ColumnElement, Connection, FromClause, and_, or_, select, true

from aimon.clock import DAY
from aimon.intake.moment import epoch_ranges, is_iso, text_days, wall_clock


def inside(
    connection: Connection, rows: FromClause, timestamp: str, start: datetime, end: datetime, timezone: str
) -> ColumnElement[bool]:
    """The condition that a row's timestamp may be in the range. One value of the column shows how it is kept."""
    when = rows.c[timestamp]
    example = connection.execute(select(when).where(when.is_not(None)).limit(1)).scalar()
    bounds = _bounds(example, start, end, timezone)
    return and_(when.is_not(None), or_(*(and_(when >= low, when < high) for low, high in bounds)) if bounds else true())


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

"""The rows of one day, cut out of a batch. In: a batch with raw timestamps. Out: its rows inside the range, in UTC."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from aimon.errors import SourceError
from aimon.intake.align import UTC_MICROS
from aimon.intake.moment import UnreadableError, to_utc


def within(times: pa.Array, start: datetime, end: datetime) -> pa.Array:
    """For each UTC time whether start <= time < end; a row without a time is in no range."""
    low, high = (pa.scalar(moment, UTC_MICROS) for moment in (start, end))
    return pc.fill_null(pc.and_(pc.greater_equal(times, low), pc.less(times, high)), False)


def cut(batch: pa.RecordBatch, timestamp: str, times: pa.Array, start: datetime, end: datetime) -> pa.RecordBatch:
    """The batch's rows inside the range, with `times` as its timestamp column."""
    position = batch.schema.get_field_index(timestamp)
    dated = batch.set_column(position, pa.field(timestamp, UTC_MICROS), times)
    inside = within(times, start, end)
    return dated if pc.all(inside, min_count=0).as_py() else dated.filter(inside)


def times_of(
    column: pa.Array, timezone: str, *, timestamp: str, shown: str, before: int, what: str = "row"
) -> pa.Array:
    """The column in UTC; a value that is no time becomes a SourceError that says where it stands."""
    try:
        return to_utc(column, timezone)
    except UnreadableError as found:
        raise unreadable(f"{shown}: {what} {before + found.row + 1}", timestamp, found.value) from None


def unreadable(where: str, timestamp: str, value: object) -> SourceError:
    """The sentence about a timestamp that is none."""
    return SourceError(
        f"{where}: {timestamp} is {shortened(value)}, which is not a time; write ISO 8601, such as "
        "2026-11-20T06:00:00Z, or a number of seconds since 1970"
    )


def shortened(value: object) -> str:
    """The value as it may stand in a sentence.

    >>> shortened("x" * 100)
    "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..."
    """
    text = repr(value)
    return text if len(text) <= 50 else f"{text[:50]}..."


def with_utc(schema: pa.Schema, timestamp: str | None) -> pa.Schema:
    """The schema with its timestamp column as every day's rows have it."""
    if timestamp is None or timestamp not in schema.names:
        return schema
    return schema.set(schema.get_field_index(timestamp), pa.field(timestamp, UTC_MICROS))


def projected(day: pa.Schema, whole: pa.Schema, columns: Sequence[str] | None, shown: str) -> pa.Schema:
    """The wanted columns with the day's types; one that only other days have is null there, with its type elsewhere."""
    if columns is None:
        return day
    need_columns(columns, whole.names, shown)
    return pa.schema([(day if name in day.names else whole).field(name) for name in columns])


def need_timestamp(timestamp: str | None) -> str:
    """The name of the timestamp column, without which no row belongs to a day."""
    if timestamp is None:
        raise SourceError(
            "columns.timestamp is not declared, so the rows belong to no day; name the column that says when"
        )
    return timestamp


def need_columns(wanted: Iterable[str], have: Sequence[str], shown: str) -> None:
    """Refuse a column that is nowhere in the source."""
    for name in wanted:
        if name not in have:
            listed = ", ".join(have[:12]) + (", ..." if len(have) > 12 else "")
            raise SourceError(f"{shown}: there is no column {name!r}; the columns are {listed}")

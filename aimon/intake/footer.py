"""What a Parquet file says about itself: its columns, and for each row group the times it may hold.

Only footers are read here. A file that is no Parquet, or only a part of one, is named in a SourceError.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet, types

from aimon.clock import instant
from aimon.errors import SourceError
from aimon.intake.align import decoded, plain
from aimon.intake.data_file import DataFile
from aimon.intake.moment import UnreadableError, to_utc

MAGIC = b"PAR1"
BUFFER_BYTES = 256 << 10
"""Each column is read through a buffer of this size, so that memory does not grow with the row groups of the file."""


@dataclass(frozen=True, slots=True)
class RowGroup:
    """One row group: how many rows stand before it and in it, and from when to when they may be."""

    number: int
    before: int
    rows: int
    row_bytes: int
    first: datetime | None = None
    last: datetime | None = None
    undated: int | None = None

    def may_hold(self, start: datetime, end: datetime) -> bool:
        """Whether a row of start <= time < end can be in it. Without statistics any row can."""
        return self.first is None or self.last is None or (self.first < end and self.last >= start)


@dataclass(frozen=True, slots=True)
class Footer:
    """A file's columns, as the lake types them, and its row groups."""

    schema: pa.Schema
    groups: tuple[RowGroup, ...]


@contextmanager
def opened(file: DataFile) -> Iterator[parquet.ParquetFile]:
    """The file, ready to be read in small pieces."""
    with file.open() as stream, readable(file):
        size = stream.seek(0, 2)
        stream.seek(0)
        is_parquet = stream.read(len(MAGIC)) == MAGIC
        if not is_parquet:
            what = "is empty" if size == 0 else "is not Parquet"
            raise SourceError(f"{file.shown}: the file {what}; remove it, or correct source.kind")
        stream.seek(max(0, size - len(MAGIC)))
        if size < 3 * len(MAGIC) or stream.read(len(MAGIC)) != MAGIC:
            raise SourceError(f"{file.shown}: the file is cut short: its end is missing; copy it again")
        stream.seek(0)
        if file.is_local:
            with parquet.ParquetFile(file.path, buffer_size=BUFFER_BYTES, pre_buffer=False) as reader:
                yield reader
        else:
            with parquet.ParquetFile(stream, buffer_size=BUFFER_BYTES, pre_buffer=False) as reader:
                yield reader


@contextmanager
def readable(file: DataFile) -> Iterator[None]:
    """Say which file is damaged when Arrow cannot make sense of its bytes."""
    try:
        yield
    except (FileNotFoundError, PermissionError):
        raise
    except (pa.ArrowException, OSError) as error:
        said = " ".join(str(error).split())
        raise SourceError(f"{file.shown}: the file is damaged and cannot be read ({said}); copy it again") from error


def read_footer(file: DataFile, timestamp: str | None, timezone: str) -> Footer:
    """The footer of one file; row groups carry times where the file keeps statistics of its timestamp column."""
    with opened(file) as reader:
        arrow = reader.schema_arrow
        repeated = sorted({name for name in arrow.names if arrow.names.count(name) > 1})
        if repeated:
            raise SourceError(f"{file.shown}: two columns are named {repeated[0]!r}; rename one of them")
        schema = pa.schema([(field.name, plain(field.type)) for field in arrow])
        spans = _spans(reader.metadata, arrow, timestamp, timezone)
        return Footer(schema, tuple(_groups(reader.metadata, spans)))


Span = tuple[datetime | None, datetime | None, int | None]


def _groups(metadata: parquet.FileMetaData, spans: list[Span]) -> Iterator[RowGroup]:
    before = 0
    for number, (first, last, undated) in enumerate(spans):
        group = metadata.row_group(number)
        yield RowGroup(number, before, group.num_rows, _row_bytes(group), first, last, undated)
        before += group.num_rows


def _row_bytes(group: parquet.RowGroupMetaData) -> int:
    """About what a row takes in memory; dictionary pages hide the length of texts, so each column counts at least 8."""
    size, rows, columns = int(group.total_byte_size), int(group.num_rows), int(group.num_columns)
    return max(1, size // max(1, rows), 8 * columns)


def _spans(metadata: parquet.FileMetaData, schema: pa.Schema, timestamp: str | None, timezone: str) -> list[Span]:
    unknown: list[Span] = [(None, None, None)] * metadata.num_row_groups
    position = _position(metadata, timestamp)
    if timestamp is None or position is None:
        return unknown
    kept = [metadata.row_group(number).column(position).statistics for number in range(metadata.num_row_groups)]
    kind = plain(schema.field(timestamp).type)
    hides = types.is_string(kind) or types.is_floating(kind)  # an empty text and NaN are no time, and no null either
    undated = [told.null_count if told is not None and told.has_null_count and not hides else None for told in kept]
    limits = [(told.min_raw, told.max_raw) if told is not None and told.has_min_max else (None, None) for told in kept]
    times = _times(limits, kind, timezone)
    return [(first, last, empty) for (first, last), empty in zip(times, undated, strict=True)]


def _position(metadata: parquet.FileMetaData, timestamp: str | None) -> int | None:
    names = [metadata.schema.column(position).path for position in range(metadata.num_columns)]
    return names.index(timestamp) if timestamp in names else None


def _times(
    limits: list[tuple[object, object]], kind: pa.DataType, timezone: str
) -> list[tuple[datetime, datetime] | tuple[None, None]]:
    """The instants of the smallest and largest raw value; unknown where order of values is not order of time."""
    if types.is_string(kind):
        return [_text_times(low, high) for low, high in limits]
    try:
        lows, highs = (_typed([pair[side] for pair in limits], kind) for side in (0, 1))
        firsts, lasts = to_utc(lows, timezone), to_utc(highs, timezone)
    except (UnreadableError, pa.ArrowException):
        return [(None, None)] * len(limits)
    if types.is_integer(kind) or types.is_floating(kind):
        one_unit = pc.fill_null(pc.less(pc.divide(highs.cast(pa.float64()), lows.cast(pa.float64())), 100.0), False)
        firsts, lasts = (pc.if_else(one_unit, times, None) for times in (firsts, lasts))
    return list(zip(firsts.to_pylist(), lasts.to_pylist(), strict=True))


def _typed(raw: list[object], kind: pa.DataType) -> pa.Array:
    if types.is_timestamp(kind):
        return pa.array(raw, pa.int64()).cast(kind)
    if types.is_date(kind):
        return pa.array(raw, pa.int32()).cast(kind)
    return decoded(pa.array(raw, kind))


def _text_times(low: object, high: object) -> tuple[datetime, datetime] | tuple[None, None]:
    """ISO texts sort by their local date; an offset moves the instant by less than a day to either side."""
    try:
        first, last = (instant(bytes(limit)[:10].decode("ascii")) for limit in (low, high))  # type: ignore[call-overload]
    except (TypeError, ValueError):
        return None, None
    return first - timedelta(days=1), last + timedelta(days=2)

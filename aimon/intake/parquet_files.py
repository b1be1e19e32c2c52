"""Parquet files as a source. Of a day, only the row groups whose statistics allow it are read, a piece at a time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from aimon.clock import day_end, day_start
from aimon.intake.align import fitted, united
from aimon.intake.data_file import DataFile, stamp_of
from aimon.intake.day import cut, need_columns, need_timestamp, projected, times_of, with_utc, within
from aimon.intake.environment import masked
from aimon.intake.footer import Footer, RowGroup, opened, read_footer, readable
from aimon.intake.known_files import KnownFiles
from aimon.intake.listing import find_files
from aimon.intake.moment import check_timezone
from aimon.intake.partition import partition_column, with_partition_fields, with_partition_values

SUFFIXES = (".parquet", ".parq", ".pq")
BATCH_BYTES = 4 << 20
BATCH_ROWS = 16_384
_FOOTERS: KnownFiles[Footer] = KnownFiles()


@dataclass(frozen=True, slots=True)
class _Part:
    """A file, its columns with those of its folders, and the row groups of it that are wanted."""

    file: DataFile
    schema: pa.Schema
    own: frozenset[str]
    groups: tuple[RowGroup, ...]


class ParquetFiles:
    """A Parquet file, a folder of them, a glob, or any fsspec URL of these."""

    def __init__(self, path: str, *, root: Path, timestamp: str | None = None, timezone: str = "UTC") -> None:
        self._path = path
        self._root = root
        self._timestamp = timestamp
        self._timezone = check_timezone(timezone)

    def schema(self) -> pa.Schema:
        return with_utc(united(part.schema for part in self._parts()), self._timestamp)

    def columns(self) -> list[str]:
        return list(self.schema().names)

    def batches(self, start: datetime, end: datetime, columns: Sequence[str] | None = None) -> pa.RecordBatchReader:
        timestamp = need_timestamp(self._timestamp)
        parts = self._parts()
        whole = with_utc(united(part.schema for part in parts), timestamp)
        chosen = [part for part in (self._of_day(part, timestamp, start, end) for part in parts) if part.groups]
        day = with_utc(united(part.schema for part in chosen or parts), timestamp)
        schema = projected(day, whole, columns, masked(self._path))
        wanted = {*schema.names, timestamp}
        found = (batch for part in chosen for batch in self._day_batches(part, timestamp, start, end, wanted))
        return pa.RecordBatchReader.from_batches(schema, (fitted(batch, schema, self._timezone) for batch in found))

    def rows(self, columns: Sequence[str] | None = None) -> pa.RecordBatchReader:
        parts = self._parts()
        whole = united(part.schema for part in parts)
        schema = projected(whole, whole, columns, masked(self._path))
        wanted = set(schema.names)
        found = (batch for part in parts for batch in _read(part, part.groups, wanted))
        return pa.RecordBatchReader.from_batches(schema, (fitted(batch, schema, self._timezone) for batch in found))

    def days(self) -> list[date]:
        timestamp = need_timestamp(self._timestamp)
        found: set[date] = set()
        for part in self._parts():
            need_columns([timestamp], part.schema.names, part.file.shown)
            told = [group for group in part.groups if group.first and group.last and group.undated is not None]
            alike = [group for group in told if group.first.date() == group.last.date()]  # type: ignore[union-attr]
            found.update(group.first.date() for group in alike if group.first)
            rest = [group for group in part.groups if group not in alike]
            for times in self._times(part, timestamp, rest):
                found.update(day for day in pc.unique(times.cast(pa.date32())).to_pylist() if day is not None)
        return sorted(found)

    def stamps(self, wanted: Sequence[date]) -> Mapping[date, str] | None:
        parts = self._parts()
        if any(group.first is None for part in parts for group in part.groups):
            return None
        stamped = {}
        for day in wanted:
            holding = (part.file for part in parts if any(_may_hold(group, day) for group in part.groups))
            stamped[day] = stamp_of(holding)
        return stamped

    def undated(self) -> int:
        timestamp = need_timestamp(self._timestamp)
        empty = 0
        for part in self._parts():
            need_columns([timestamp], part.schema.names, part.file.shown)
            empty += sum(group.undated for group in part.groups if group.undated is not None)
            rest = [group for group in part.groups if group.undated is None]
            empty += sum(times.null_count for times in self._times(part, timestamp, rest))
        return empty

    def _parts(self) -> list[_Part]:
        files = find_files(self._path, self._root, SUFFIXES)
        return [self._part(file) for file in files]

    def _part(self, file: DataFile) -> _Part:
        given = (self._timestamp, self._timezone)
        footer = _FOOTERS.get(file, *given)
        if footer is None:
            footer = read_footer(file, *given)
            _FOOTERS.put(file, footer, *given)
        return _Part(file, with_partition_fields(footer.schema, file), frozenset(footer.schema.names), footer.groups)

    def _of_day(self, part: _Part, timestamp: str, start: datetime, end: datetime) -> _Part:
        """The part with only the row groups that can hold rows of the range."""
        need_columns([timestamp], part.schema.names, part.file.shown)
        groups = tuple(group for group in part.groups if group.may_hold(start, end))
        if groups and timestamp not in part.own:
            folder = partition_column(timestamp, part.file)
            times = times_of(folder, self._timezone, timestamp=timestamp, shown=part.file.shown, before=0)
            groups = groups if within(times, start, end)[0].as_py() else ()
        return _Part(part.file, part.schema, part.own, groups)

    def _day_batches(
        self, part: _Part, timestamp: str, start: datetime, end: datetime, wanted: set[str]
    ) -> Iterator[pa.RecordBatch]:
        with opened(part.file) as reader:
            for group in part.groups:
                stop = self._stop(reader, part, group, timestamp, start, end)
                offset = 0
                for batch in _pieces(reader, part, group, wanted) if stop else ():
                    piece = batch.slice(0, stop - offset)
                    times = self._utc(piece, part, group.before + offset, timestamp)
                    rows = cut(piece, timestamp, times, start, end)
                    if rows.num_rows:
                        yield rows
                    offset += batch.num_rows
                    if offset >= stop:
                        break

    def _stop(
        self, reader: parquet.ParquetFile, part: _Part, group: RowGroup, timestamp: str, start: datetime, end: datetime
    ) -> int:
        """How many rows of the group to read: up to the last one inside the range, by its timestamp column alone."""
        whole = group.undated == 0 and group.first and group.last and start <= group.first and group.last < end
        if whole or timestamp not in part.own:
            return group.rows
        stop = offset = 0
        for batch in _pieces(reader, part, group, {timestamp}):
            inside = within(self._utc(batch, part, group.before + offset, timestamp), start, end)
            if pc.any(inside).as_py():
                stop = offset + batch.num_rows
            offset += batch.num_rows
        return stop

    def _times(self, part: _Part, timestamp: str, groups: Sequence[RowGroup]) -> Iterator[pa.Array]:
        if not groups:
            return
        with opened(part.file) as reader:
            for group in groups:
                offset = 0
                for batch in _pieces(reader, part, group, {timestamp}):
                    yield self._utc(batch, part, group.before + offset, timestamp)
                    offset += batch.num_rows

    def _utc(self, batch: pa.RecordBatch, part: _Part, before: int, timestamp: str) -> pa.Array:
        return times_of(
            batch.column(timestamp), self._timezone, timestamp=timestamp, shown=part.file.shown, before=before
        )


def _read(part: _Part, groups: Sequence[RowGroup], wanted: set[str]) -> Iterator[pa.RecordBatch]:
    with opened(part.file) as reader:
        for group in groups:
            yield from _pieces(reader, part, group, wanted)


def _pieces(reader: parquet.ParquetFile, part: _Part, group: RowGroup, wanted: set[str]) -> Iterator[pa.RecordBatch]:
    """The row group in batches that take about the same memory, however wide its rows are."""
    own = [name for name in part.schema.names if name in part.own]
    names = [name for name in own if name in wanted] or own[:1]  # one column at least, to know how many rows there are
    size = max(1, min(BATCH_ROWS, BATCH_BYTES // group.row_bytes))
    with readable(part.file):
        for batch in reader.iter_batches(size, row_groups=[group.number], columns=names, use_threads=False):
            yield with_partition_values(batch.select(names), part.file, wanted)


def _may_hold(group: RowGroup, day: date) -> bool:
    return group.may_hold(day_start(day), day_end(day))

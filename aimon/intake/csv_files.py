"""CSV files as a source. Each file that may hold the day is read to its end, in blocks.

The day's rows are put aside as texts, and typed when all of them are known.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from aimon.intake.csv_text import SUFFIXES, CsvText
from aimon.intake.data_file import DataFile, stamp_of
from aimon.intake.day import cut, need_columns, need_timestamp, unreadable, with_utc
from aimon.intake.environment import masked
from aimon.intake.known_files import KnownFiles
from aimon.intake.listing import find_files
from aimon.intake.moment import UnreadableError, check_timezone, to_utc
from aimon.intake.spool import Spool
from aimon.intake.text_types import TextTypes, typed


@dataclass(frozen=True, slots=True)
class _Part:
    """A file with the names of its own columns."""

    file: DataFile
    text: CsvText
    own: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Its own columns, then those that its folders' names add."""
        return (*self.own, *(name for name, _ in self.file.partition if name not in self.own))


@dataclass(frozen=True, slots=True)
class _Dates:
    """On which days a file's rows are, and how many have no time."""

    days: frozenset[date]
    undated: int


MICROSECOND = timedelta(microseconds=1)
_DATES: KnownFiles[_Dates] = KnownFiles()
_SCHEMAS: KnownFiles[pa.Schema] = KnownFiles()


class CsvFiles:
    """A CSV file, a folder of them, a glob, or any fsspec URL of these."""

    def __init__(
        self, path: str, *, root: Path, timestamp: str | None = None, timezone: str = "UTC", delimiter: str = ","
    ) -> None:
        self._path = path
        self._root = root
        self._timestamp = timestamp
        self._timezone = check_timezone(timezone)
        self._delimiter = delimiter
        self._given = (timestamp, timezone, delimiter)

    def schema(self) -> pa.Schema:
        parts = self._parts()
        files = tuple(part.file.identity for part in parts)
        known = _SCHEMAS.get(parts[0].file, files, *self._given)
        if known is None:
            learnt = TextTypes()
            for part in parts:
                for batch in _texts(part, set(part.names)):
                    learnt.learn(batch)
            known = with_utc(learnt.schema(_names(parts)), self._timestamp)
            _SCHEMAS.put(parts[0].file, known, files, *self._given)
        return known

    def columns(self) -> list[str]:
        return _names(self._parts())

    def batches(self, start: datetime, end: datetime, columns: Sequence[str] | None = None) -> pa.RecordBatchReader:
        timestamp = need_timestamp(self._timestamp)
        parts = self._parts()
        names = self._wanted(parts, columns)
        wanted = {*names, timestamp}
        return self._typed(names, (rows for part in parts for rows in self._of_range(part, start, end, wanted)))

    def rows(self, columns: Sequence[str] | None = None) -> pa.RecordBatchReader:
        parts = self._parts()
        names = self._wanted(parts, columns)
        return self._typed(names, (batch for part in parts for batch in _texts(part, set(names))))

    def days(self) -> list[date]:
        return sorted(set().union(*(dates.days for dates in self._all_dates())))

    def stamps(self, wanted: Sequence[date]) -> Mapping[date, str]:
        held = [(part.file, self._dates(part).days) for part in self._parts()]
        return {day: stamp_of(file for file, days in held if day in days) for day in wanted}

    def undated(self) -> int:
        return sum(dates.undated for dates in self._all_dates())

    def _parts(self) -> list[_Part]:
        texts = [(file, CsvText(file, self._delimiter)) for file in find_files(self._path, self._root, SUFFIXES)]
        return [_Part(file, text, tuple(text.header())) for file, text in texts]

    def _wanted(self, parts: Sequence[_Part], columns: Sequence[str] | None) -> list[str]:
        names = _names(parts)
        need_columns(columns or (), names, masked(self._path))
        return names if columns is None else list(columns)

    def _of_range(self, part: _Part, start: datetime, end: datetime, wanted: set[str]) -> Iterator[pa.RecordBatch]:
        known = _DATES.get(part.file, *self._given)
        last = (end - MICROSECOND).date()
        if known and not any(start.date() <= day <= last for day in known.days):
            return
        timestamp = need_timestamp(self._timestamp)
        for batch, times in self._dated(part, wanted):
            rows = cut(batch, timestamp, times, start, end)
            if rows.num_rows:
                yield rows

    def _dated(self, part: _Part, wanted: set[str]) -> Iterator[tuple[pa.RecordBatch, pa.Array]]:
        """The file's batches, each with its times. Read to the end, the file's days are known for the next time."""
        timestamp = need_timestamp(self._timestamp)
        need_columns([timestamp], part.names, part.file.shown)
        days: set[date] = set()
        before = undated = 0
        for batch in _texts(part, {*wanted, timestamp}):
            times = self._times(part, batch.column(timestamp), before)
            days.update(pc.unique(times.drop_null().cast(pa.date32())).to_pylist())
            undated += times.null_count
            before += batch.num_rows
            yield batch, times
        _DATES.put(part.file, _Dates(frozenset(days), undated), *self._given)

    def _times(self, part: _Part, column: pa.Array, before: int) -> pa.Array:
        timestamp = need_timestamp(self._timestamp)
        try:
            return to_utc(column, self._timezone)
        except UnreadableError as found:
            row = before + found.row + 1
            line = part.text.line_of(row)
            where = f"{part.file.shown}:{line}" if line else f"{part.file.shown}: row {row}"
            raise unreadable(where, timestamp, found.value) from None

    def _all_dates(self) -> Iterator[_Dates]:
        for part in self._parts():
            yield self._dates(part)

    def _dates(self, part: _Part) -> _Dates:
        """The file's dates; a file that is new is read for that."""
        if _DATES.get(part.file, *self._given) is None:
            deque(self._dated(part, set()), maxlen=0)
        return _DATES.get(part.file, *self._given) or _Dates(frozenset(), 0)

    def _typed(self, names: Sequence[str], batches: Iterable[pa.RecordBatch]) -> pa.RecordBatchReader:
        spool, learnt = Spool(), TextTypes()
        for batch in batches:
            chosen = {name: batch.column(name) for name in names if name in batch.schema.names}
            learnt.learn(pa.RecordBatch.from_pydict(chosen))
            spool.append(batch)
        if not spool.schemas:
            return pa.schema([self.schema().field(name) for name in names]).empty_table().to_reader()
        schema = learnt.schema(names)
        return pa.RecordBatchReader.from_batches(
            schema, (typed(batch, schema, self._timezone) for batch in spool.batches())
        )


def _names(parts: Sequence[_Part]) -> list[str]:
    return list(dict.fromkeys(name for part in parts for name in part.names))


def _texts(part: _Part, wanted: set[str]) -> Iterator[pa.RecordBatch]:
    """The file's rows with the wanted columns, those of its folders as texts too."""
    names = [name for name in part.own if name in wanted] or list(part.own[:1])
    for batch in part.text.batches(names):
        folders = {name: value for name, value in part.file.partition if name in wanted and name not in part.own}
        repeated = [pa.repeat(pa.scalar(value, pa.string()), batch.num_rows) for value in folders.values()]
        yield pa.RecordBatch.from_arrays([*batch.columns, *repeated], [*batch.schema.names, *folders])

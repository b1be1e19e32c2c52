"""Rows to count. In: Parquet or CSV files, Arrow tables, a stream of batches. Out: units, each read as blocks.

A unit is what one thread reads at a time; memory is bounded by units, never by files.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from aimon.errors import DataError
from aimon.lake.rows import RowsFile
from aimon.profile.blocks import Block
from aimon.profile.files import as_parquet

AFile: TypeAlias = str | Path | RowsFile
Data: TypeAlias = "AFile | Sequence[AFile] | pa.Table | pa.RecordBatch | Iterable[pa.RecordBatch]"
"""What can be counted. A bare iterable of batches can be read once only."""

BLOCK_ROWS = 131_072
LARGEST_GROUP = 2_097_152
"""A row group up to here is read column by column; a larger one in batches of all columns."""


class Reader(Protocol):
    """One thread's way to read units."""

    def blocks(self, unit: Any) -> Iterator[Block]:
        """The unit's rows."""


class Rows(Protocol):
    """Rows whose columns have the same names."""

    @property
    def schema(self) -> pa.Schema:
        """Names and types of the columns."""

    def units(self) -> Iterator[Any]:
        """What threads share out among themselves."""

    def reader(self, categories: Collection[str]) -> Reader:
        """A reader of its own for one thread; text of `categories` may come as dictionaries."""


@dataclass(frozen=True, slots=True)
class RowGroup:
    """One row group of one Parquet file."""

    file: RowsFile
    position: int
    rows: int


class ParquetRows:
    """Parquet files with the same columns."""

    def __init__(self, files: dict[RowsFile, pq.FileMetaData]) -> None:
        self._files = files
        self.schema = pa.unify_schemas([next(iter(files.values())).schema.to_arrow_schema()])

    def units(self) -> Iterator[RowGroup]:
        """Every row group."""
        for file, metadata in self._files.items():
            for position in range(metadata.num_row_groups):
                yield RowGroup(file, position, metadata.row_group(position).num_rows)

    def reader(self, categories: Collection[str]) -> "ParquetReader":
        """A reader with file handles of its own."""
        return ParquetReader(self._files, categories)


class ParquetReader:
    """Reads columns one by one, so that each is still in the cache when it is counted.

    Text of categories comes as Parquet's own dictionaries, so that no string is hashed.
    """

    def __init__(self, files: dict[RowsFile, pq.FileMetaData], categories: Collection[str]) -> None:
        self._files = files
        self._categories = frozenset(categories)
        self._opened: RowsFile | None = None
        self._file: pq.ParquetFile

    def blocks(self, unit: RowGroup) -> Iterator[Block]:
        """The rows of the row group."""
        self._open(unit.file)
        if unit.rows <= LARGEST_GROUP:
            yield Block(unit.rows, partial(_column, self._file, unit.position))
            return
        for batch in self._file.iter_batches(BLOCK_ROWS, row_groups=[unit.position], use_threads=False):
            yield Block(batch.num_rows, batch.column)

    def _open(self, file: RowsFile) -> None:
        if file == self._opened:
            return
        metadata = self._files[file]
        columns = (metadata.schema.column(position) for position in range(len(metadata.schema)))
        texts = [each.path for each in columns if each.physical_type == "BYTE_ARRAY" and each.path in self._categories]
        self._file = file.open(metadata=metadata, pre_buffer=False, read_dictionary=texts)
        self._opened = file


class BatchRows:
    """Arrow batches of one schema, in memory or from a stream."""

    def __init__(self, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
        self.schema = schema
        self._batches = batches

    def units(self) -> Iterator[pa.RecordBatch]:
        """Batches of at most BLOCK_ROWS rows."""
        for batch in self._batches:
            for start in range(0, batch.num_rows, BLOCK_ROWS):
                yield batch.slice(start, BLOCK_ROWS)

    def reader(self, categories: Collection[str]) -> "BatchReader":  # noqa: ARG002 - batches are what they are
        """There is nothing to open."""
        return BatchReader()


class BatchReader:
    """A batch is its own block."""

    def blocks(self, unit: pa.RecordBatch) -> Iterator[Block]:
        """The batch."""
        yield Block(unit.num_rows, unit.column)


@dataclass(frozen=True, slots=True)
class Opened:
    """Rows ready to be read, and the same rows as DuckDB can be asked about them: Parquet files, or a table."""

    groups: list[Rows]
    files: list[RowsFile] | None = None
    table: pa.Table | None = None


@contextmanager
def open_rows(data: Data) -> Iterator[Opened]:
    """The rows of the data, files with the same columns together. What was made on the way is deleted at the end."""
    paths = paths_of(data)
    if paths is None:
        yield Opened(_in_memory(data), table=data if isinstance(data, pa.Table) else None)
        return
    with as_parquet(paths) as files:
        yield Opened(_parquet(files), files)


def paths_of(data: Data) -> list[str | RowsFile] | None:
    """The paths, if the data is files."""
    if isinstance(data, str | Path | RowsFile):
        return [_path(data)]
    if isinstance(data, Sequence) and data and all(isinstance(each, str | Path | RowsFile) for each in data):
        return [_path(each) for each in data]
    return None


def _path(given: str | Path | RowsFile) -> str | RowsFile:
    return given if isinstance(given, RowsFile) else str(given)


def _in_memory(data: Any) -> list[Rows]:
    if isinstance(data, pa.Table):
        return [BatchRows(data.schema, data.to_batches(BLOCK_ROWS))]
    if isinstance(data, pa.RecordBatchReader):
        return [BatchRows(data.schema, data)]
    batches = iter([data] if isinstance(data, pa.RecordBatch) else data)
    first = next(batches, None)
    return [] if first is None else [BatchRows(first.schema, chain([first], batches))]


def _parquet(files: Sequence[RowsFile]) -> list[Rows]:
    """Files grouped by the names of their columns."""
    groups: dict[frozenset[str], dict[RowsFile, pq.FileMetaData]] = {}
    for file in files:
        try:
            metadata = file.metadata()
        except (pa.ArrowException, OSError) as error:
            raise DataError(
                f"{file}: cannot be read as Parquet ({error}); is the path right and the file whole?"
            ) from error
        names = metadata.schema.to_arrow_schema().names
        repeated = next((name for name, times in Counter(names).items() if times > 1), None)
        if repeated is not None:
            raise DataError(f"{file}: two columns are called {repeated!r}; rename one of them")
        groups.setdefault(frozenset(names), {})[file] = metadata
    return [ParquetRows(alike) for alike in groups.values()]


def _column(file: pq.ParquetFile, position: int, name: str) -> pa.Array:
    column = file.read_row_group(position, columns=[name], use_threads=False).column(name)
    if column.num_chunks == 1:
        return column.chunk(0)
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    combined = column.combine_chunks()
    return combined.chunk(0) if isinstance(combined, pa.ChunkedArray) else combined

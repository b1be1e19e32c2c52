"""Arrow batches as a Parquet file, and back. The same rows give the same bytes, however they were cut into batches."""

import hashlib
import hmac
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import fsspec
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet, types

from aimon.encryption.datakeys import DataKey
from aimon.encryption.parquet import to_write

GROUP_ROWS = 122_880
GROUP_BYTES = 16 << 20
"""A row group ends with whichever comes first: what is held in memory is one row group."""
BLOCK_ROWS = 4_096
BATCH_ROWS = 16_384
BUFFER_BYTES = 256 << 10


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: how many rows, and for an encrypted file a keyed hash of them.

    The bytes of an encrypted file are never the same twice; the keyed hash is, as long as the rows and the key are.
    """

    rows: int
    mac: str | None = None


@dataclass(frozen=True, slots=True)
class RowsFile:
    """A Parquet file of rows by path or URL, and what opens it where it is encrypted."""

    path: str
    unlock: Callable[[], Any] | None = None

    def __str__(self) -> str:
        return self.path

    def open(self, **options: Any) -> parquet.ParquetFile:
        """The file, open; KeyError and the like are the caller's business."""
        return parquet.ParquetFile(self._source(), decryption_properties=self._properties(), **options)

    def metadata(self) -> parquet.FileMetaData:
        """What the footer says."""
        return parquet.read_metadata(self._source(), decryption_properties=self._properties())

    def names(self) -> list[str]:
        """The names of the columns."""
        names: list[str] = self.metadata().schema.to_arrow_schema().names
        return names

    def _source(self) -> Any:
        return fsspec.open(self.path, "rb").open() if "://" in self.path else self.path

    def _properties(self) -> Any:
        return None if self.unlock is None else self.unlock()


def write_rows(
    stream: BinaryIO,
    batches: Iterable[pa.RecordBatch],
    schema: pa.Schema,
    key: DataKey | None = None,
    protected: Collection[str] = (),
) -> Written:
    """Write all batches, which have this schema, as Parquet (zstd), encrypted where there is a key.

    The protected columns are encrypted by a key of their own.
    """
    rows, hashed = 0, None if key is None else hmac.new(key.secret, b"rows", hashlib.sha256)
    with parquet.ParquetWriter(
        pa.PythonFile(stream, mode="w"),
        schema,
        compression="zstd",
        compression_level=3,
        version="2.6",
        encryption_properties=None if key is None else to_write(key, schema.names, protected),
    ) as writer:
        for group in _groups(_blocks(batches, schema)):
            writer.write_table(group, row_group_size=GROUP_ROWS)
            rows += group.num_rows
            if hashed is not None:
                hashed.update(_serialized(group))
    return Written(rows, None if hashed is None else hashed.hexdigest())


def read_rows(
    stream: BinaryIO, columns: Sequence[str] | None = None, unlock: Callable[[], Any] | None = None
) -> pa.RecordBatchReader:
    """The rows of a Parquet file in batches; the stream is closed after the last. KeyError for an unknown column."""
    try:
        properties = None if unlock is None else unlock()
        reader = parquet.ParquetFile(
            stream, buffer_size=BUFFER_BYTES, pre_buffer=False, decryption_properties=properties
        )
        whole = reader.schema_arrow
        schema = whole if columns is None else pa.schema([whole.field(name) for name in columns])
    except BaseException:
        stream.close()
        raise

    def batches() -> Iterator[Any]:
        with stream, reader:
            yield None
            for batch in reader.iter_batches(BATCH_ROWS, columns=schema.names):
                yield batch.select(schema.names)

    begun = batches()
    next(begun)  # from here on, dropping the reader closes the stream, read or not
    return pa.RecordBatchReader.from_batches(schema, begun)


def _serialized(group: pa.Table) -> pa.Buffer:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, group.schema) as writer:
        writer.write_table(group)
    return sink.getvalue()


def _groups(blocks: Iterable[pa.Table]) -> Iterator[pa.Table]:
    held: list[pa.Table] = []
    rows = weight = 0
    for block in blocks:
        held.append(block)
        rows += block.num_rows
        weight += _weight(block)
        if rows >= GROUP_ROWS or weight >= GROUP_BYTES:
            yield pa.concat_tables(held)
            held, rows, weight = [], 0, 0
    if held:
        yield pa.concat_tables(held)


def _blocks(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows in tables of equal length, but for the last: where a chunk ends, a page may end too."""
    held = schema.empty_table()
    for batch in batches:
        held = pa.concat_tables([held, pa.Table.from_batches([batch])])
        while held.num_rows >= BLOCK_ROWS:
            yield held.slice(0, BLOCK_ROWS).combine_chunks()
            held = held.slice(BLOCK_ROWS)
    if held.num_rows:
        yield held.combine_chunks()


def _weight(block: pa.Table) -> int:
    """The size of the rows by their values alone: the size of Arrow's buffers depends on how the batches were cut."""
    return sum(_column_weight(column) for column in block.columns)


def _column_weight(column: pa.ChunkedArray) -> int:
    kind = column.type
    if types.is_string(kind) or types.is_binary(kind):
        return 4 * len(column) + (pc.sum(pc.binary_length(column)).as_py() or 0)
    if types.is_nested(kind):
        return sum(len(str(value)) for value in column.to_pylist())
    return 8 * len(column)

"""How large an Arrow stream becomes in memory, told before any of it is unpacked. In: the stream. Out: bytes.

Compressed buffers say their size first, and dictionaries are written out for every row that names an entry; a small
body may so become a large one. What a buffer says of itself is also all that Arrow allocates for it.
"""

import struct
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

RECORD_BATCH, DICTIONARY_BATCH = 3, 2
BUFFERS, COMPRESSION = 2, 3
PREFIX = 8
"""Bytes before a compressed buffer that say how long it was; -1 where it was left as it is."""


def unpacked_bytes(stream: bytes) -> int:
    """The bytes of all buffers as they are in memory. Raises ValueError or an ArrowException for what is no stream."""
    return sum(size for message in pa.ipc.MessageReader.open_stream(stream) for size in _sizes(message))


def written_out_bytes(table: pa.Table) -> int:
    """The bytes of the texts that dictionaries and runs stand for."""
    return sum(_written_out(chunk) for column in table.columns for chunk in column.chunks)


def _written_out(column: pa.Array) -> int:
    """An upper bound of the bytes, exact for texts. Views may show the same bytes many times, as dictionaries do."""
    kind = column.type
    own = 0
    if types.is_dictionary(kind):
        own = _of_entries(column.dictionary, column.indices.drop_null())
    elif types.is_run_end_encoded(kind):
        numbers = pa.array(range(len(column.values)), pa.int64())
        runs = pc.run_end_decode(pa.RunEndEncodedArray.from_arrays(column.run_ends, numbers))
        own = _of_entries(column.values, runs)
    elif types.is_string_view(kind) or types.is_binary_view(kind):
        own = len(column) * sum(buffer.size for buffer in column.buffers()[2:] if buffer is not None)
    elif types.is_list_view(kind) or types.is_large_list_view(kind):
        own = int(pc.sum(pc.list_value_length(column)).as_py() or 0) * (column.values.nbytes + 1)
    return own + sum(_written_out(part) for part in _parts(column))


def _parts(column: pa.Array) -> list[pa.Array]:
    """The columns within a column."""
    kind = column.type
    if isinstance(column, pa.ExtensionArray):
        return [column.storage]
    if types.is_struct(kind):
        return [column.field(number) for number in range(kind.num_fields)]
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return [column.values]
    return [column.keys, column.items] if types.is_map(kind) else []


def _of_entries(entries: pa.Array, used: pa.Array) -> int:
    """What so many entries are, each written out; of nested ones as if each were the whole dictionary."""
    if types.is_string(entries.type) or types.is_large_string(entries.type):
        return int(pc.sum(pc.binary_length(entries).take(used)).as_py() or 0)
    return (entries.nbytes + _written_out(entries)) * len(used) if types.is_nested(entries.type) else 8 * len(used)


def _sizes(message: pa.ipc.Message) -> Iterator[int]:
    """The sizes of a message's buffers in memory."""
    body = message.body
    yield 0 if body is None else body.size
    if body is None:
        return
    head = _Table.root(message.metadata.to_pybytes())
    kind = head.byte(1)
    batch = head.table(2)
    if kind == DICTIONARY_BATCH and batch is not None:
        batch = batch.table(1)
    if kind not in (RECORD_BATCH, DICTIONARY_BATCH) or batch is None or not batch.has(COMPRESSION):
        return
    held = memoryview(body)
    for offset, length in batch.pairs(BUFFERS):
        if length >= PREFIX:
            yield max(0, int.from_bytes(held[offset : offset + PREFIX], "little", signed=True))


class _Table:
    """A table of a flatbuffer, as far as it is needed: fields by number. Whatever is out of range is a ValueError."""

    def __init__(self, content: bytes, at: int) -> None:
        self._content = content
        self._at = at
        self._fields = at - self._read("<i", at)

    @classmethod
    def root(cls, content: bytes) -> "_Table":
        """The outermost table."""
        if len(content) < 4:
            raise ValueError("a message without a head")
        return cls(content, struct.unpack_from("<I", content)[0])

    def has(self, field: int) -> bool:
        """Whether the field is set."""
        return self._place(field) is not None

    def byte(self, field: int) -> int:
        """A field of one byte; 0 where it is not set."""
        place = self._place(field)
        return 0 if place is None else self._read("<B", place)

    def table(self, field: int) -> "_Table | None":
        """A field that is a table itself."""
        place = self._place(field)
        return None if place is None else _Table(self._content, place + self._read("<I", place))

    def pairs(self, field: int) -> Iterator[tuple[int, int]]:
        """A field that is a list of pairs of 64 bits."""
        place = self._place(field)
        if place is None:
            return
        start = place + self._read("<I", place)
        for number in range(self._read("<I", start)):
            at = start + 4 + 16 * number
            yield self._read("<q", at), self._read("<q", at + 8)

    def _place(self, field: int) -> int | None:
        entry = 4 + 2 * field
        if entry + 2 > self._read("<H", self._fields):
            return None
        offset = self._read("<H", self._fields + entry)
        return self._at + offset if offset else None

    def _read(self, form: str, at: int) -> int:
        if at < 0 or at + struct.calcsize(form) > len(self._content):
            raise ValueError("a message whose head is malformed")
        found: int = struct.unpack_from(form, self._content, at)[0]
        return found

"""What lies in the inbox: the rows of one model and day, packed as they came, as JSON or as Arrow. Here and back.

A row always has an id, an instant and a version. Its other columns have the names that the model gives them. The
protected attributes lie apart from the rest, in bytes of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from aimon.encryption import envelope
from aimon.encryption.datakeys import DataKey, Find, finding_apart
from aimon.intake.align import UTC_MICROS
from aimon.intake.values import column_of
from aimon.store.inbox import Kept

JSON, ARROW = "json", "arrow"
CODEC = "zstd"
PLACE, PLACE_APART = "inbox", "inbox protected"
ID, TIMESTAMP, VERSION = "id", "timestamp", "version"
"""The first three columns, under these names inside a parcel."""

Row = tuple[str, int, str, dict[str, Any], dict[str, Any]]
"""Id, microseconds since 1970 UTC, version, the other columns by name, and the protected attributes by name."""


@dataclass(slots=True)
class JsonParcel:
    """Rows one by one: `lines` are rows already written as JSON, `apart` their protected attributes, if any."""

    model: str
    day: date
    digests: list[bytes]
    lines: list[bytes]
    apart: list[bytes] = field(default_factory=list)
    format: str = JSON

    def packed(self, without: frozenset[int]) -> bytes:
        """One JSON list a line, compressed."""
        return _compressed(self.lines, without)

    def packed_apart(self, without: frozenset[int]) -> bytes | None:
        """One JSON object a line, or an empty one; None where no row has a protected attribute."""
        return _compressed(self.apart, without) if any(self.apart) else None


@dataclass(slots=True)
class ArrowParcel:
    """Rows in columns: `id`, `timestamp` and `version` first."""

    model: str
    day: date
    digests: list[bytes]
    batch: pa.RecordBatch
    apart: pa.RecordBatch | None = None
    format: str = ARROW

    def packed(self, without: frozenset[int]) -> bytes:
        """An Arrow stream, compressed."""
        return _stream(self.batch, without)

    def packed_apart(self, without: frozenset[int]) -> bytes | None:
        """The protected attributes, likewise."""
        return None if self.apart is None else _stream(self.apart, without)


@dataclass(frozen=True, slots=True)
class SealedParcel:
    """A parcel whose content is encrypted by the key of its model; what it is known by is not."""

    parcel: JsonParcel | ArrowParcel
    key: DataKey

    @property
    def model(self) -> str:
        return self.parcel.model

    @property
    def day(self) -> date:
        return self.parcel.day

    @property
    def format(self) -> str:
        return self.parcel.format

    @property
    def digests(self) -> list[bytes]:
        return self.parcel.digests

    def packed(self, without: frozenset[int]) -> bytes:
        """The parcel's content in an envelope."""
        return envelope.sealed(self.key, self.parcel.packed(without), PLACE, self.model)

    def packed_apart(self, without: frozenset[int]) -> bytes | None:
        """The protected attributes in an envelope of their own, by a key of their own."""
        apart = self.parcel.packed_apart(without)
        return None if apart is None else envelope.sealed(self.key.apart(), apart, PLACE_APART, self.model)


def opened(find: Find | None, model: str, kept: Kept) -> Kept:
    """The parcel of a model with its content out of the envelopes, if it is in any."""
    content = envelope.opened(find, kept.content, PLACE, model)
    protected = kept.protected
    if protected is not None:
        protected = envelope.opened(None if find is None else finding_apart(find), protected, PLACE_APART, model)
    return replace(kept, content=content, protected=protected)


def line_of(row: Row) -> bytes:
    """A row as JSON, without its protected attributes."""
    return orjson.dumps(row[:4], option=orjson.OPT_NON_STR_KEYS)


def apart_of(row: Row) -> bytes:
    """The protected attributes of a row as JSON; nothing where it has none."""
    return orjson.dumps(row[4], option=orjson.OPT_NON_STR_KEYS) if row[4] else b""


def unpacked(kept: Kept, *, id_column: str, timestamp: str) -> pa.RecordBatch:
    """The rows of a parcel, their id and instant under the names that the model gives them."""
    if kept.format == ARROW:
        batch = _read(kept.content)
        if kept.protected is not None:
            apart = _read(kept.protected)
            batch = pa.RecordBatch.from_arrays(
                [*batch.columns, *apart.columns], [*batch.schema.names, *apart.schema.names]
            )
        return _named(batch, id_column, timestamp)
    rows = [orjson.loads(line) for line in _lines(kept.content)]
    payloads = [row[3] for row in rows]
    if kept.protected is not None:
        for payload, line in zip(payloads, _lines(kept.protected), strict=True):
            payload.update(orjson.loads(line) if line else {})
    return _from_rows(rows, payloads, id_column, timestamp)


def _from_rows(
    rows: Sequence[Sequence[Any]], payloads: Sequence[dict[str, Any]], id_column: str, timestamp: str
) -> pa.RecordBatch:
    names = dict.fromkeys(name for payload in payloads for name in payload)
    columns = {name: column_of([payload.get(name) for payload in payloads]) for name in names}
    columns[id_column] = pa.array([row[0] for row in rows], pa.string())
    columns[timestamp] = pa.array([row[1] for row in rows], pa.int64()).cast(UTC_MICROS)
    columns[VERSION] = pa.array([row[2] for row in rows], pa.string())
    return pa.RecordBatch.from_arrays(list(columns.values()), list(columns))


def _compressed(lines: Sequence[bytes], without: frozenset[int]) -> bytes:
    kept = lines if not without else [line for at, line in enumerate(lines) if at not in without]
    text = b"\n".join(kept)
    compressed: bytes = pa.compress(text, CODEC, asbytes=True)
    return len(text).to_bytes(8, "big") + compressed


def _lines(content: bytes) -> list[bytes]:
    size = int.from_bytes(content[:8], "big")
    text: bytes = pa.decompress(content[8:], size, CODEC, asbytes=True)
    return text.split(b"\n")


def _stream(batch: pa.RecordBatch, without: frozenset[int]) -> bytes:
    if without:
        batch = batch.take(pa.array(np.setdiff1d(np.arange(batch.num_rows), np.array(sorted(without)))))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema, options=pa.ipc.IpcWriteOptions(compression=CODEC)) as writer:
        writer.write_batch(batch)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _read(content: bytes) -> pa.RecordBatch:
    with pa.ipc.open_stream(content) as reader:
        return reader.read_next_batch()


def _named(batch: pa.RecordBatch, id_column: str, timestamp: str) -> pa.RecordBatch:
    """The batch with the model's names; a column of the same name among the others gives way."""
    own = (id_column, timestamp, VERSION)
    others = {
        name: column for name, column in zip(batch.schema.names[3:], batch.columns[3:], strict=True) if name not in own
    }
    return pa.RecordBatch.from_arrays([*batch.columns[:3], *others.values()], [*own, *others])

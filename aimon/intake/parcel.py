"""What lies in the inbox: the rows of one model and day, packed as they came, as JSON or as Arrow. Here and back.

A row always has an id, an instant and a version. Its other columns have the names that the model gives them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import orjson
import pyarrow as pa

from aimon.encryption import envelope
from aimon.encryption.datakeys import DataKey, Find
from aimon.intake.align import UTC_MICROS
from aimon.intake.values import column_of
from aimon.store.inbox import Kept

JSON, ARROW = "json", "arrow"
CODEC = "zstd"
PLACE = "inbox"
ID, TIMESTAMP, VERSION = "id", "timestamp", "version"
"""The first three columns, under these names inside a parcel."""

Row = tuple[str, int, str, dict[str, Any]]
"""Id, microseconds since 1970 UTC, version, and the other columns by name."""


@dataclass(slots=True)
class JsonParcel:
    """Rows one by one; `lines` are rows already written as JSON."""

    model: str
    day: date
    digests: list[bytes]
    lines: list[bytes]
    format: str = JSON

    def packed(self, without: frozenset[int]) -> bytes:
        """One JSON list a line, compressed."""
        kept = self.lines if not without else [line for at, line in enumerate(self.lines) if at not in without]
        text = b"\n".join(kept)
        compressed: bytes = pa.compress(text, CODEC, asbytes=True)
        return len(text).to_bytes(8, "big") + compressed


@dataclass(slots=True)
class ArrowParcel:
    """Rows in columns: `id`, `timestamp` and `version` first."""

    model: str
    day: date
    digests: list[bytes]
    batch: pa.RecordBatch
    format: str = ARROW

    def packed(self, without: frozenset[int]) -> bytes:
        """An Arrow stream, compressed."""
        batch = self.batch
        if without:
            batch = batch.take(pa.array(np.setdiff1d(np.arange(batch.num_rows), np.array(sorted(without)))))
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, batch.schema, options=pa.ipc.IpcWriteOptions(compression=CODEC)) as writer:
            writer.write_batch(batch)
        content: bytes = sink.getvalue().to_pybytes()
        return content


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


def opened(find: Find | None, model: str, kept: Kept) -> Kept:
    """The parcel of a model with its content out of the envelope, if it is in one."""
    return replace(kept, content=envelope.opened(find, kept.content, PLACE, model))


def line_of(row: Row) -> bytes:
    """A row as JSON."""
    return orjson.dumps(row, option=orjson.OPT_NON_STR_KEYS)


def unpacked(kept: Kept, *, id_column: str, timestamp: str) -> pa.RecordBatch:
    """The rows of a parcel, their id and instant under the names that the model gives them."""
    if kept.format == ARROW:
        with pa.ipc.open_stream(kept.content) as reader:
            return _named(reader.read_next_batch(), id_column, timestamp)
    size = int.from_bytes(kept.content[:8], "big")
    text = pa.decompress(kept.content[8:], size, CODEC, asbytes=True)
    return _from_rows([orjson.loads(line) for line in text.split(b"\n")], id_column, timestamp)


def _from_rows(rows: Sequence[Row], id_column: str, timestamp: str) -> pa.RecordBatch:
    payloads = [row[3] for row in rows]
    names = dict.fromkeys(name for payload in payloads for name in payload)
    columns = {name: column_of([payload.get(name) for payload in payloads]) for name in names}
    columns[id_column] = pa.array([row[0] for row in rows], pa.string())
    columns[timestamp] = pa.array([row[1] for row in rows], pa.int64()).cast(UTC_MICROS)
    columns[VERSION] = pa.array([row[2] for row in rows], pa.string())
    return pa.RecordBatch.from_arrays(list(columns.values()), list(columns))


def _named(batch: pa.RecordBatch, id_column: str, timestamp: str) -> pa.RecordBatch:
    """The batch with the model's names; a column of the same name among the others gives way."""
    own = (id_column, timestamp, VERSION)
    others = {
        name: column for name, column in zip(batch.schema.names[3:], batch.columns[3:], strict=True) if name not in own
    }
    return pa.RecordBatch.from_arrays([*batch.columns[:3], *others.values()], [*own, *others])

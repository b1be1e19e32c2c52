"""A profile as a file: a long table with one row a cell, for people and databases; one array of counts for adding.

Rows stand in the order of the layout, which is kept beside them, so adding up files reads nothing but the counts.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from aimon.profile.profile import Counts, Profile, TableKey
from aimon.profile.tables import is_outcome

FORMAT = 2
ABOUT, LAYOUT = b"aimon", b"aimon.layout"
NAMES = ("model", "version", "day", "slot", "baseline")
"""What a file may tell of itself; each is a column, the same on every row."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Which tables a file holds, in its order, and the shape of each."""

    keys: tuple[TableKey, ...]
    shapes: tuple[tuple[int, ...], ...]

    @property
    def sizes(self) -> list[int]:
        return [int(np.prod(shape)) for shape in self.shapes]

    def to_json(self) -> bytes:
        """The layout as it stands in a file."""
        rows = [[*key, list(shape)] for key, shape in zip(self.keys, self.shapes, strict=True)]
        return json.dumps(rows, separators=(",", ":")).encode()

    @staticmethod
    @lru_cache(maxsize=64)
    def of_json(content: bytes) -> "Layout":
        """The layout that stands in a file; days of a model share theirs."""
        rows = json.loads(content)
        keys = tuple(TableKey(table, segment) for table, segment, _ in rows)
        return Layout(keys, tuple(tuple(shape) for _, _, shape in rows))


@dataclass(slots=True)
class Flat:
    """A profile with all counts in one array."""

    grid_id: str
    layout: Layout
    counts: Counts

    @classmethod
    def of(cls, profile: Profile) -> Self:
        """Lay the profile's tables out one after the other, in the order of their names."""
        keys = sorted(profile.tables, key=lambda key: (key.segment or "", key.table))
        tables = [profile.tables[key] for key in keys]
        counts = np.concatenate([np.zeros(0, np.int64), *(table.ravel() for table in tables)])
        return cls(profile.grid_id, Layout(tuple(keys), tuple(table.shape for table in tables)), counts)

    def profile(self) -> Profile:
        """The tables, each in its own shape; they share this array."""
        ends = np.cumsum(self.layout.sizes)[:-1]
        parts = np.split(self.counts, ends) if self.layout.keys else []
        cut = zip(self.layout.keys, self.layout.shapes, parts, strict=True)
        return Profile(self.grid_id, {key: part.reshape(shape) for key, shape, part in cut})


def to_bytes(profile: Profile, about: Mapping[str, Any]) -> bytes:
    """The file's bytes, equal for equal profiles. `about` names the model, version, day and slot, or the baseline."""
    flat = Flat.of(profile)
    layout, sizes = flat.layout, np.array(flat.layout.sizes, np.int64)
    told = {"grid_id": profile.grid_id, **{name: about[name] for name in NAMES if name in about}}
    constant = {name: _repeated([str(value)], np.zeros(len(flat.counts), np.int32)) for name, value in told.items()}
    place = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    halves = np.array([is_outcome(key.table) for key in layout.keys], np.int32)
    columns = {
        **constant,
        "profile": _repeated(["feature", "outcome"], halves[place] if len(place) else place),
        "table": _repeated([key.table for key in layout.keys], place),
        "segment": _repeated([key.segment for key in layout.keys], place),
        "cell": pa.array((np.arange(len(place)) - np.repeat(np.cumsum(sizes) - sizes, sizes)).astype(np.int32)),
        "count": pa.array(flat.counts),
    }
    fields = [pa.field(name, column.type, nullable=name == "segment") for name, column in columns.items()]
    described = {ABOUT: json.dumps({"format": FORMAT, **told}, sort_keys=True).encode(), LAYOUT: layout.to_json()}
    table = pa.table(list(columns.values()), schema=pa.schema(fields, described))
    buffer = io.BytesIO()
    parquet.write_table(
        table,
        buffer,
        compression="lz4",
        use_dictionary=[*constant, "profile", "table", "segment"],
        column_encoding={"cell": "DELTA_BINARY_PACKED", "count": "DELTA_BINARY_PACKED"},
        write_statistics=["table", "segment"],
    )
    return buffer.getvalue()


def _repeated(values: list[str | None], codes: np.ndarray[Any, np.dtype[np.int32]]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(values, pa.string())).cast(pa.string())


def from_bytes(content: bytes) -> Flat:
    """The profile of a file."""
    with parquet.ParquetFile(pa.BufferReader(content)) as file:
        described = file.schema_arrow.metadata
        column = file.read(columns=["count"], use_threads=False).column("count")
    chunks = [chunk.to_numpy() for chunk in column.chunks] or [np.zeros(0, np.int64)]
    counts = chunks[0] if len(chunks) == 1 else np.concatenate(chunks)
    return Flat(json.loads(described[ABOUT])["grid_id"], Layout.of_json(described[LAYOUT]), counts)

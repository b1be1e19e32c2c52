"""A profile as a file: one row a table and segment, its counts as a flat list in the order of the cells.

Whole lists are added in one step where two files have the same layout, so a window costs about what reading it does.
Counts are 32-bit integers in the file, or 64-bit where one of them does not fit.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from aimon.profile.profile import Counts, Profile, TableKey

FORMAT = 1
ABOUT = b"aimon"
SMALL = np.iinfo(np.int32)


@dataclass(slots=True)
class Layout:
    """Which tables a file holds, in its order, and the shape of each."""

    keys: list[TableKey]
    shapes: list[tuple[int, ...]]

    @property
    def sizes(self) -> list[int]:
        return [int(np.prod(shape)) for shape in self.shapes]


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
        return cls(profile.grid_id, Layout(keys, [table.shape for table in tables]), counts)

    def profile(self) -> Profile:
        """The tables, each in its own shape; they share this array."""
        ends = np.cumsum(self.layout.sizes)[:-1]
        parts = np.split(self.counts, ends) if self.layout.keys else []
        cut = zip(self.layout.keys, self.layout.shapes, parts, strict=True)
        return Profile(self.grid_id, {key: part.reshape(shape) for key, shape, part in cut})


def to_bytes(profile: Profile, about: Mapping[str, Any]) -> bytes:
    """The file's bytes, equal for equal profiles. `about` goes into its metadata, for people and other programs."""
    flat = Flat.of(profile)
    counts = flat.counts
    if not len(counts) or (counts.min() >= SMALL.min and counts.max() <= SMALL.max):
        counts = counts.astype(np.int32)
    offsets = np.concatenate([[0], np.cumsum(flat.layout.sizes)]).astype(np.int32)
    table = pa.table(
        {
            "table": pa.array([key.table for key in flat.layout.keys], pa.string()),
            "segment": pa.array([key.segment for key in flat.layout.keys], pa.string()),
            "shape": pa.array([list(shape) for shape in flat.layout.shapes], pa.list_(pa.int32())),
            "counts": pa.ListArray.from_arrays(pa.array(offsets), pa.array(counts)),
        }
    )
    told = {"format": FORMAT, "grid_id": profile.grid_id, **about}
    table = table.replace_schema_metadata({ABOUT: json.dumps(told, sort_keys=True).encode()})
    buffer = io.BytesIO()
    parquet.write_table(table, buffer, compression="lz4", use_dictionary=["table", "segment"], write_statistics=False)
    return buffer.getvalue()


def from_bytes(content: bytes) -> Flat:
    """The profile of a file."""
    with parquet.ParquetFile(pa.BufferReader(content)) as file:
        table = file.read(use_threads=False)
    told = json.loads(table.schema.metadata[ABOUT])
    counts = pa.concat_arrays(table["counts"].chunks) if table.num_rows else pa.array([], pa.list_(pa.int64()))
    keys = [TableKey(*key) for key in zip(table["table"].to_pylist(), table["segment"].to_pylist(), strict=True)]
    shapes = [tuple(shape) for shape in table["shape"].to_pylist()]
    return Flat(told["grid_id"], Layout(keys, shapes), counts.values.to_numpy(zero_copy_only=False))

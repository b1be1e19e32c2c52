"""Batches put aside until the last one is known: few of them in memory, many in a temporary file."""

import tempfile
import weakref
from collections.abc import Iterator
from itertools import pairwise

import pyarrow as pa

MEMORY_BYTES = 32 << 20


class Spool:
    """Batches of any schemas, read back in the order they came. Nothing of it outlives the object."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=MEMORY_BYTES)  # noqa: SIM115  # it lives as long as this
        weakref.finalize(self, self._file.close)
        self._starts: list[int] = []
        self.schemas: list[pa.Schema] = []

    def append(self, batch: pa.RecordBatch) -> None:
        """Put one batch aside."""
        self._starts.append(self._file.tell())
        if not self.schemas or batch.schema != self.schemas[-1]:
            self.schemas.append(batch.schema)
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with pa.ipc.new_stream(pa.PythonFile(self._file, mode="w"), batch.schema, options=options) as writer:
            writer.write_batch(batch)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The batches, from the first."""
        end = self._file.seek(0, 2)
        for start, stop in pairwise([*self._starts, end]):
            self._file.seek(start)
            with pa.ipc.open_stream(pa.BufferReader(self._file.read(stop - start))) as reader:
                yield from reader

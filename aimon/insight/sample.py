"""The sample: the rows of some data whose keyed hash is smallest, for the questions that need whole rows.

Samples of parts merge to the sample of the whole, whatever the order of parts and rows. Drawing needs memory for the
sample and a bounded table of hashes only. What becomes of a sample (drift, segments, causes) is decided elsewhere.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from aimon.errors import DataError
from aimon.insight.sample_identity import Read, contents, smallest
from aimon.intake.align import fitted, united

SIZE = 20_000
Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows drawn from `rows` rows, at most `size`, in the order of their hashes. `key_id` names the key, not tells it.

    `late` are the columns that may change after the row was drawn (labels): they are no part of a row's identity.
    `origin` is the digest of the rows it was drawn from, empty where they were many.
    """

    table: pa.Table
    hashes: Hashes
    rows: int
    size: int = SIZE
    key_id: str = ""
    late: tuple[str, ...] = ()
    origin: str = ""

    def __len__(self) -> int:
        return int(self.table.num_rows)


def draw(
    read: Read,
    *,
    key: str,
    id_column: str | None = None,
    late: Collection[str] = (),
    size: int = SIZE,
) -> Sample:
    """The sample of the rows that `read` reads, such as `partial(lake.read_day, model, day)`.

    The rows are read twice: their ids for the hashes, then the rows themselves. Rows without an id are told apart by
    their content.

    >>> ids = pa.table({"id": [str(number) for number in range(1_000)]})
    >>> sample = draw(reading(ids), key="demo", id_column="id", size=3)
    >>> sample.table["id"].to_pylist(), sample.rows
    (['462', '761', '615'], 1000)
    """
    rows, chosen = smallest(read, size, key=key, id_column=id_column, late=late)
    reader = read(None)
    schema = united([reader.schema])
    numbers = np.array(sorted(chosen), np.int64)
    taken, offset = [], 0
    for batch in reader:
        low, high = np.searchsorted(numbers, [offset, offset + batch.num_rows])
        if high > low:
            taken.append(fitted(batch.take(pa.array(numbers[low:high] - offset)), schema))
        offset += batch.num_rows
    hashes = np.array([chosen[number] for number in numbers.tolist()], np.uint64)
    identity = tuple(sorted(late))
    return _smallest_of(
        pa.Table.from_batches(taken, schema), hashes, Sample(pa.table({}), hashes, rows, size, key_id(key), identity)
    )


def reading(table: pa.Table) -> Read:
    """A table as something to draw from."""

    def read(columns: Sequence[str] | None) -> pa.RecordBatchReader:
        return (table if columns is None else table.select(list(columns))).to_reader()

    return read


def merged(samples: Iterable[Sample]) -> Sample:
    """The sample of all the rows that the samples were drawn from; these parts must not share rows."""
    parts = list(samples)
    if not parts:
        raise DataError("there is no sample to merge; draw the samples of the window's days first")
    parts = [part for part in parts if part.rows] or parts[:1]
    first = parts[0]
    if any((part.key_id, part.size, part.late) != (first.key_id, first.size, first.late) for part in parts):
        raise DataError("samples drawn with another key or size do not merge; draw the days' samples again")
    schema = united([part.table.schema for part in parts])
    batches = [fitted(batch, schema) for part in parts for batch in part.table.to_batches()]
    hashes = np.concatenate([part.hashes for part in parts])
    whole = Sample(first.table, hashes, sum(part.rows for part in parts), first.size, first.key_id, first.late)
    return _smallest_of(pa.Table.from_batches(batches, schema), hashes, whole)


def key_id(key: str) -> str:
    """A name for a key that does not give it away."""
    return hashlib.sha256(f"aimon sample key {key}".encode()).hexdigest()[:16]


def _smallest_of(table: pa.Table, hashes: Hashes, whole: Sample) -> Sample:
    """The `size` rows with the smallest hashes; equal hashes are ordered by content, so that row order has no say."""
    order = np.argsort(hashes, kind="stable")
    if len(hashes) and (np.diff(hashes[order]) == 0).any():
        order = np.lexsort((contents(table, whole.late), hashes))
    order = order[: whole.size]
    return Sample(table.take(pa.array(order)), hashes[order], whole.rows, whole.size, whole.key_id, whole.late)

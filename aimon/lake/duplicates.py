"""Which rows of a Parquet file repeat an id that an earlier row has, in bounded memory however many rows there are.

Rows are first told apart by a hash of 64 bits, kept in a file; only those that share one are compared by a digest of
128 bits. Rows with equal hashes are in one part, and the parts are looked at one after the other.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import types

from aimon.lake.rows import RowsFile

BATCH_ROWS = 16_384
BUFFER_BYTES = 256 << 10
PART_ROWS = 2_000_000

Numbers = NDArray[np.int64]
Hashes = NDArray[np.uint64]


def repeated_rows(file: RowsFile, id_column: str, scratch: Path) -> Numbers:
    """The numbers of the rows, counted from 0, whose id stands in an earlier row. A row without an id repeats nothing.

    The hashes are put into a file in `scratch`.
    """
    hashes = scratch / "hashes"
    rows = 0
    with hashes.open("wb") as stream:
        for some in _hashes(file, id_column):
            some.tofile(stream)
            rows += len(some)
    parts = max(1, -(-rows // PART_ROWS))
    found = [_repeated(file, id_column, _alike(hashes, part, parts)) for part in range(parts)]
    return np.sort(np.concatenate(found))


def without_rows(file: RowsFile, dropped: Numbers) -> Iterator[pa.RecordBatch]:
    """All rows of the file but those with the given numbers, which are in order."""
    offset = 0
    with file.open(buffer_size=BUFFER_BYTES, pre_buffer=False) as reader:
        for batch in reader.iter_batches(BATCH_ROWS):
            low, high = np.searchsorted(dropped, [offset, offset + batch.num_rows])
            keep = np.ones(batch.num_rows, bool)
            keep[dropped[low:high] - offset] = False
            yield batch if low == high else batch.filter(pa.array(keep))
            offset += batch.num_rows


def _ids(file: RowsFile, id_column: str) -> Iterator[pa.Array]:
    with file.open(buffer_size=BUFFER_BYTES, pre_buffer=False) as reader:
        for batch in reader.iter_batches(BATCH_ROWS, columns=[id_column]):
            yield batch.column(id_column)


def _hashes(file: RowsFile, id_column: str) -> Iterator[Hashes]:
    """A hash for each row. One without an id gets its number instead, which is as good as unique."""
    from pandas.util import hash_array

    offset = 0
    for ids in _ids(file, id_column):
        if types.is_string(ids.type) or types.is_binary(ids.type):
            values = ids.fill_null("").to_numpy(zero_copy_only=False)
        elif types.is_integer(ids.type):
            values = ids.fill_null(0).to_numpy(zero_copy_only=False)
        else:
            values = np.array([repr(value) for value in ids.to_pylist()], object)
        numbers = np.arange(offset, offset + len(ids), dtype=np.uint64)
        yield np.where(ids.is_null().to_numpy(zero_copy_only=False), numbers, hash_array(values, categorize=False))
        offset += len(ids)


def _alike(hashes: Path, part: int, parts: int) -> Numbers:
    """The rows of one part whose hash another row of it has, in order."""
    taken, rows, offset = [np.empty(0, np.uint64)], [np.empty(0, np.int64)], 0
    with hashes.open("rb") as stream:
        while len(some := np.fromfile(stream, np.uint64, count=1_000_000)):
            mine = np.flatnonzero(some % parts == part)
            taken.append(some[mine])
            rows.append(mine + offset)
            offset += len(some)
    keys, numbers = np.concatenate(taken), np.concatenate(rows)
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    as_next = np.zeros(len(keys), bool)
    as_next[:-1] = keys[:-1] == keys[1:]
    return np.sort(numbers[order][as_next | np.roll(as_next, 1)])


def _repeated(file: RowsFile, id_column: str, alike: Numbers) -> Numbers:
    """Of these rows, those that have the id of an earlier one."""
    if not len(alike):
        return alike
    digests, offset = [], 0
    for ids in _ids(file, id_column):
        low, high = np.searchsorted(alike, [offset, offset + len(ids)])
        digests += [_digest(value) for value in ids.take(pa.array(alike[low:high] - offset)).to_pylist()]
        offset += len(ids)
    present = np.array([digest is not None for digest in digests])
    rows = alike[present]
    kept = np.array([digest for digest in digests if digest is not None], "V16")
    _, first, which = np.unique(kept, return_index=True, return_inverse=True)
    repeated: Numbers = rows[first[which] < np.arange(len(rows))]
    return repeated


def _digest(value: object) -> bytes | None:
    return None if value is None else hashlib.blake2b(repr(value).encode(), digest_size=16).digest()

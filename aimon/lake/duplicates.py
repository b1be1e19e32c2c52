"""Which rows of a Parquet file repeat an id that an earlier row has. Exact, and within bounded memory."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import parquet

MEMORY = "256MB"
BATCH_ROWS = 65_536


def repeated_rows(path: Path, id_column: str, scratch: Path) -> NDArray[np.int64]:
    """The numbers of the rows, counted from 0, whose id stands in an earlier row. A row without an id repeats nothing.

    What does not fit in memory goes to files in `scratch`.
    """
    with duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": str(scratch)}) as connection:
        connection.execute("SET preserve_insertion_order = false")
        connection.register("ids", _ids(path, id_column))
        connection.execute(
            "CREATE TEMP TABLE repeated AS SELECT id, min(row) AS first FROM ids GROUP BY id HAVING count(*) > 1"
        )
        if connection.execute("SELECT count(*) FROM repeated").fetchone() == (0,):
            return np.empty(0, np.int64)
        connection.register("again", _ids(path, id_column))  # a reader is read once
        found = connection.execute(
            "SELECT row FROM again JOIN repeated USING (id) WHERE row > first ORDER BY row"
        ).fetchnumpy()
        return np.asarray(found["row"], np.int64)


def without_rows(path: Path, dropped: NDArray[np.int64]) -> Iterator[pa.RecordBatch]:
    """All rows of the file but those with the given numbers, which are in order."""
    offset = 0
    with parquet.ParquetFile(path, pre_buffer=False) as reader:
        for batch in reader.iter_batches(BATCH_ROWS):
            low, high = np.searchsorted(dropped, [offset, offset + batch.num_rows])
            keep = np.ones(batch.num_rows, bool)
            keep[dropped[low:high] - offset] = False
            yield batch if low == high else batch.filter(pa.array(keep))
            offset += batch.num_rows


def _ids(path: Path, id_column: str) -> pa.RecordBatchReader:
    """The ids under a name of ours: DuckDB takes `ID` and `id` for one column."""
    reader = parquet.ParquetFile(path, pre_buffer=False)
    kind = reader.schema_arrow.field(id_column).type
    schema = pa.schema([("id", kind), ("row", pa.int64())])

    def batches() -> Iterator[pa.RecordBatch]:
        offset = 0
        with reader:
            for batch in reader.iter_batches(BATCH_ROWS, columns=[id_column]):
                ids = batch.column(id_column)
                rows = pa.array(np.arange(offset, offset + len(ids)))
                offset += len(ids)
                numbered = pa.RecordBatch.from_arrays([ids, rows], schema=schema)
                yield numbered.filter(ids.is_valid()) if ids.null_count else numbered

    return pa.RecordBatchReader.from_batches(schema, batches())

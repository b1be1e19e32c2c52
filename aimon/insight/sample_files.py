"""Files of rows as something to draw a sample from. In: Parquet files. Out: batches of the columns asked for."""

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from aimon.insight.sample_identity import Read
from aimon.intake.align import chained
from aimon.lake.rows import RowsFile

BATCH_ROWS = 65_536


def reading_files(files: Sequence[RowsFile]) -> Read:
    """The rows of all files, one after the other; a file that lacks a column has nulls in it."""

    def read(columns: Sequence[str] | None) -> pa.RecordBatchReader:
        return chained([_of_file(file, columns) for file in files])

    return read


def _of_file(opened: RowsFile, columns: Sequence[str] | None) -> pa.RecordBatchReader:
    file = opened.open()
    whole = file.schema_arrow
    names = [name for name in whole.names if columns is None or name in columns]
    schema = pa.schema([whole.field(name) for name in names])

    def batches() -> Iterator[Any]:
        with file:
            yield None
            for batch in file.iter_batches(BATCH_ROWS, columns=names):
                yield batch.select(names)

    begun = batches()
    next(begun)  # from here on, dropping the reader closes the file, read or not
    return pa.RecordBatchReader.from_batches(schema, begun)

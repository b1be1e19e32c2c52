"""Categories too many for memory, counted by DuckDB, which spills to disk. In: opened rows. Out: exact top values."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from aimon.intake.align import chained
from aimon.lake.rows import RowsFile
from aimon.profile.rows import Opened

MEMORY = "400MB"


def most_frequent(opened: Opened, column: str, limit: int) -> list[tuple[str, int]]:
    """The column's most frequent values and their rows; equally frequent ones in the order of their text."""
    with _rows(opened, column) as connection:
        name = quoted(column)
        found = connection.execute(
            f"SELECT CAST({name} AS VARCHAR) AS value, count(*) AS rows FROM rows WHERE {name} IS NOT NULL "  # noqa: S608
            "GROUP BY value ORDER BY rows DESC, value LIMIT ?",
            [limit],
        )
        return [(str(value), int(rows)) for value, rows in found.fetchall()]


def about_how_many(opened: Opened, column: str) -> int:
    """Roughly how many different values the column has: up to a fourth off, the same for any order of rows."""
    with _rows(opened, column) as connection:
        found = connection.execute(f"SELECT approx_count_distinct({quoted(column)}) FROM rows").fetchone()  # noqa: S608
        return int(found[0]) if found else 0


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever characters it has."""
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def _rows(opened: Opened, column: str) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"memory_limit": MEMORY, "preserve_insertion_order": False}) as connection:
        if opened.files is not None and all(file.unlock is None for file in opened.files):
            rows = connection.read_parquet(
                [file.path for file in opened.files], union_by_name=True, hive_partitioning=False
            )  # `date` is the file's
            rows.create_view("rows")
        elif opened.files is not None:  # DuckDB has no keys: it is given the column as it is decrypted
            connection.register("rows", chained([_decrypted(file, column) for file in opened.files]))
        else:
            connection.register("rows", opened.table)
        yield connection


def _decrypted(file: RowsFile, column: str) -> pa.RecordBatchReader:
    reader = file.open(pre_buffer=False)
    names = [name for name in reader.schema_arrow.names if name == column]
    schema = pa.schema([reader.schema_arrow.field(name) for name in names])
    batches = (batch.select(names) for batch in reader.iter_batches(columns=names))
    return pa.RecordBatchReader.from_batches(schema, batches)

"""Categories too many for memory, counted by DuckDB, which spills to disk. In: opened rows. Out: exact top values."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from aimon.profile.rows import Opened

MEMORY = "400MB"


def most_frequent(opened: Opened, column: str, limit: int) -> list[tuple[str, int]]:
    """The column's most frequent values and their rows; equally frequent ones in the order of their text."""
    with _rows(opened) as connection:
        name = quoted(column)
        found = connection.execute(
            f"SELECT CAST({name} AS VARCHAR) AS value, count(*) AS rows FROM rows WHERE {name} IS NOT NULL "  # noqa: S608
            "GROUP BY value ORDER BY rows DESC, value LIMIT ?",
            [limit],
        )
        return [(str(value), int(rows)) for value, rows in found.fetchall()]


def about_how_many(opened: Opened, column: str) -> int:
    """Roughly how many different values the column has: up to a fourth off, the same for any order of rows."""
    with _rows(opened) as connection:
        found = connection.execute(f"SELECT approx_count_distinct({quoted(column)}) FROM rows").fetchone()  # noqa: S608
        return int(found[0]) if found else 0


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever characters it has."""
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def _rows(opened: Opened) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"memory_limit": MEMORY, "preserve_insertion_order": False}) as connection:
        if opened.files is not None:
            rows = connection.read_parquet(
                opened.files, union_by_name=True, hive_partitioning=False
            )  # `date` is the file's
            rows.create_view("rows")
        else:
            connection.register("rows", opened.table)
        yield connection

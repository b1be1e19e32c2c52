"""The keyed hash that decides which rows are sampled. In: batches of rows. Out: the rows with the smallest hashes.

The hash is the first 16 hexadecimal digits of the MD5 of a text that this module defines, so every machine and every
version of every library draws the same rows. It only spreads the rows; it protects nothing.
"""

import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import types

Read = Callable[[Sequence[str] | None], pa.RecordBatchReader]
"""Something that reads the rows, as often as it is asked, with the given columns or all of them."""

MEMORY = "256MB"
UNIT, NOTHING = "chr(31)", "chr(30)"
_HASHED = "CREATE TEMP TABLE hashed AS SELECT row, left(md5(? || chr(31) || identity), 16) AS hash FROM named"
_SMALLEST = (
    "SELECT row, hash FROM hashed WHERE hash <= (SELECT max(hash) FROM (SELECT hash FROM hashed ORDER BY hash LIMIT ?))"
)
_COPIES = (
    "CREATE TEMP TABLE named AS SELECT row, concat_ws(chr(31), content, row_number() OVER (PARTITION BY content)) "
    "AS identity FROM (SELECT row, md5({content}) AS content FROM rows)"
)


def smallest(
    read: Read, k: int, *, key: str, id_column: str | None, late: Collection[str]
) -> tuple[int, dict[int, int]]:
    """How many rows there are, and the hash of each row, by number, whose hash is among the k smallest.

    A row is known by its id; where some row has none, rows are known by their content without the `late` columns, and
    the copies of one content are numbered, so that many equal rows are not all in or all out. Rows that share the
    largest hash are all given.
    """
    if id_column is not None:
        found = _smallest(read, [id_column], k, key, by_content=False)
        if found is not None:
            return found
    columns = sorted(set(read(None).schema.names) - set(late))
    return _smallest(read, columns, k, key, by_content=True) or (0, {})


def _smallest(
    read: Read, columns: Sequence[str], k: int, key: str, *, by_content: bool
) -> tuple[int, dict[int, int]] | None:
    """None where rows were to be told by an id and one has none."""
    reader = read(columns)
    texts = [_text(f"c{number}", kind) for number, kind in enumerate(reader.schema.types)]
    with tempfile.TemporaryDirectory(prefix="aimon-") as scratch, _connect(scratch) as connection:
        connection.register("rows", _numbered(reader))
        if by_content:
            content = ", ".join(f"coalesce({text}, {NOTHING})" for text in texts)
            connection.execute(_COPIES.format(content=f"concat_ws({UNIT}, {content})"))
        else:
            connection.execute(f"CREATE TEMP VIEW named AS SELECT row, {texts[0]} AS identity FROM rows")  # noqa: S608
        connection.execute(_HASHED, [key])
        rows = _number(connection, "SELECT count(*) FROM hashed")
        if not by_content and _number(connection, "SELECT count(*) FROM hashed WHERE hash IS NULL"):
            return None
        top = connection.execute(_SMALLEST, [k]).fetchall()
    return rows, {row: int(digits, 16) for row, digits in top}


def contents(table: pa.Table, late: Collection[str]) -> NDArray[np.str_]:
    """A text for each row that is equal where all columns but the late ones are."""
    columns = sorted(set(table.column_names) - set(late))
    reader = table.select(columns).to_reader()
    texts = [_text(f"c{number}", kind) for number, kind in enumerate(reader.schema.types)]
    if not texts or not table.num_rows:
        return np.full(table.num_rows, "")
    content = ", ".join(f"coalesce({text}, {NOTHING})" for text in texts)
    with duckdb.connect(config={"memory_limit": MEMORY}) as connection:
        connection.register("rows", _numbered(reader))
        found = connection.execute(f"SELECT md5(concat_ws({UNIT}, {content})) AS text FROM rows ORDER BY row")  # noqa: S608
        return np.asarray(found.fetchnumpy()["text"], dtype=np.str_)


def _text(column: str, kind: pa.DataType) -> str:
    """SQL for one text per value, whatever type holds it: 1 and 1.0 are the same, a time is its UTC microseconds."""
    if types.is_floating(kind):
        return f"format('{{:.17g}}', {column}::DOUBLE)"
    if types.is_boolean(kind):
        return f"{column}::INTEGER::VARCHAR"
    if types.is_timestamp(kind):
        return f"epoch_us({column})::VARCHAR"
    if types.is_nested(kind):
        return f"to_json({column})::VARCHAR"
    return f"{column}::VARCHAR"


def _numbered(reader: pa.RecordBatchReader) -> pa.RecordBatchReader:
    """The rows under names of ours, since DuckDB takes `ID` and `id` for one column, with their numbers."""
    fields = [pa.field(f"c{number}", kind) for number, kind in enumerate(reader.schema.types)]
    schema = pa.schema([*fields, ("row", pa.int64())])

    def batches() -> Iterator[pa.RecordBatch]:
        offset = 0
        for batch in reader:
            rows = pa.array(np.arange(offset, offset + batch.num_rows))
            yield pa.RecordBatch.from_arrays([*batch.columns, rows], schema=schema)
            offset += batch.num_rows

    return pa.RecordBatchReader.from_batches(schema, batches())


def _connect(scratch: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": scratch})
    connection.execute("SET preserve_insertion_order = false")
    return connection


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return 0 if row is None else int(row[0])

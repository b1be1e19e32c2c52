import io
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from aimon.lake.rows import BLOCK_ROWS, GROUP_BYTES, GROUP_ROWS, read_rows, write_rows

GENERATOR = np.random.default_rng(7)
COUNT = 3 * BLOCK_ROWS + 17
TABLE = pa.table(
    {
        "number": GENERATOR.normal(size=COUNT),
        "text": pa.array([None if number % 3 else f"{number}" * (number % 7) for number in range(COUNT)]),
        "late": pa.array([None] * (COUNT - 1) + [True]),
        "list": pa.array([[number] * (number % 3) for number in range(COUNT)]),
    }
)


def encoded(batches: list[pa.RecordBatch], schema: pa.Schema) -> bytes:
    stream = io.BytesIO()
    write_rows(stream, batches, schema)
    return stream.getvalue()


WHOLE = encoded(TABLE.to_batches(), TABLE.schema)


@settings(max_examples=40)
@given(st.lists(st.integers(0, COUNT), max_size=30))
def test_the_bytes_do_not_depend_on_how_the_rows_were_cut(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), COUNT]
    parts = [TABLE.slice(low, high - low) for low, high in pairwise(edges)]
    batches = [batch for part in parts for batch in part.combine_chunks().to_batches()]
    assert encoded(batches, TABLE.schema) == WHOLE


def test_a_row_group_ends_after_a_number_of_rows_or_of_bytes() -> None:
    narrow = pa.table({"x": np.zeros(2 * GROUP_ROWS + 1)})
    metadata = parquet.read_metadata(io.BytesIO(encoded(narrow.to_batches(), narrow.schema)))
    assert [metadata.row_group(number).num_rows for number in range(3)] == [GROUP_ROWS, GROUP_ROWS, 1]
    wide = pa.table({"x": pa.array(["y" * (GROUP_BYTES // BLOCK_ROWS)] * (2 * BLOCK_ROWS))})
    metadata = parquet.read_metadata(io.BytesIO(encoded(wide.to_batches(), wide.schema)))
    assert [metadata.row_group(number).num_rows for number in range(2)] == [BLOCK_ROWS, BLOCK_ROWS]


def test_rows_are_kept_as_parquet_that_others_read(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_bytes(WHOLE)
    metadata = parquet.read_metadata(tmp_path / "x.parquet")
    assert metadata.row_group(0).column(0).compression == "ZSTD"
    assert metadata.row_group(0).column(0).is_stats_set
    assert parquet.read_table(tmp_path / "x.parquet") == TABLE


def test_the_stream_is_closed_after_the_last_row() -> None:
    stream = io.BytesIO(WHOLE)
    assert read_rows(stream, ["late", "number"]).read_all() == TABLE.select(["late", "number"])
    assert stream.closed


def test_no_rows_are_a_file_with_columns() -> None:
    nothing = encoded([], TABLE.schema)
    assert read_rows(io.BytesIO(nothing)).read_all() == TABLE.schema.empty_table()
    with pytest.raises(KeyError):
        read_rows(io.BytesIO(nothing), ["price"])

"""A day's rows as the frame that Great Expectations looks at. In: an Arrow table. Out: a pandas frame.

Great Expectations takes a fingerprint of every value it is given, which for text costs more than everything else it
does. So an id is there as a hash and a text as its length, as the grid counts it, and neither can leak from a result.
Everything else is Arrow's own memory, or categories.
"""

from functools import cache
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from aimon.profile.grid import Grid
from aimon.profile.numbers import is_text
from aimon.spec.model import Columns, Kind
from aimon.validate.reading import NO_TEXT

if TYPE_CHECKING:
    import pandas as pd


def checked_columns(grid: Grid, columns: Columns) -> list[str]:
    """The columns that validation needs: those of the grid, the id and the timestamp."""
    several = (columns.id, columns.timestamp, *grid.kinds)
    return list(dict.fromkeys(name for name in several if name is not None))


def frame_of(rows: pa.Table, grid: Grid, columns: Columns) -> "pd.DataFrame":
    """The frame of the columns that are there."""
    import pandas as pd

    wanted = [name for name in checked_columns(grid, columns) if name in rows.column_names]
    series = {}
    for name in wanted:
        array = _whole(rows.column(name))
        if name == columns.id:
            array = hashed(array)
        elif grid.kinds.get(name) is Kind.TEXT:
            array = _lengths(array)
        series[name] = _series(array)
    return pd.DataFrame(series, index=pd.RangeIndex(rows.num_rows), copy=False)


def hashed(array: pa.Array) -> pa.Array:
    """A number of 64 bits for each value, null for null."""
    with _database().cursor() as cursor:
        cursor.register("ids", pa.table({"id": array}))
        found = cursor.execute("SELECT if(id IS NULL, NULL, hash(id)) AS hash FROM ids").to_arrow_table()
    return _whole(found.column("hash"))


@cache
def _database() -> duckdb.DuckDBPyConnection:
    """One for the process: opening one takes longer than hashing a day."""
    return duckdb.connect(config={"threads": 1})


def column_of(frame: "pd.DataFrame", name: str) -> pa.Array:
    """A column of the frame as Arrow."""
    array = pa.array(frame[name])
    return _whole(array) if isinstance(array, pa.ChunkedArray) else array


def _lengths(array: pa.Array) -> pa.Array:
    if types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if types.is_null(array.type):
        return array
    if is_text(array.type):
        return pc.utf8_length(array.cast(pa.string()))
    return pc.if_else(pc.is_null(array), None, pa.scalar(NO_TEXT))


def _series(array: pa.Array) -> Any:
    """Text as categories, decimals as floating-point numbers, the rest as it is."""
    import pandas as pd

    if is_text(array.type):
        array = array.dictionary_encode()
    if types.is_dictionary(array.type):
        codes = array.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        names = pd.Index(np.asarray(array.dictionary.to_pylist(), object), dtype=object)
        return pd.Series(pd.Categorical.from_codes(codes, names), copy=False)
    if types.is_decimal(array.type):
        array = array.cast(pa.float64())
    return pd.Series(pd.arrays.ArrowExtensionArray(pa.chunked_array([array])), copy=False)


def _whole(column: pa.ChunkedArray) -> pa.Array:
    if column.num_chunks == 1:
        return column.chunk(0)
    if types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    combined = column.combine_chunks()
    return pa.concat_arrays(combined.chunks) if isinstance(combined, pa.ChunkedArray) else combined

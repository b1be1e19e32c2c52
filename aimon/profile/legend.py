"""What the cells of a grid's tables are called. In: a grid. Out: a table of labels to join counts with."""

import numpy as np
import pyarrow as pa

from aimon.profile.grid import Grid
from aimon.profile.tables import Table, tables

LARGEST = 100_000
"""Tables with more cells than this have no legend: nobody reads them cell by cell."""


def legend(grid: Grid) -> pa.Table:
    """One row a cell: `table`, whether it is that of a `segment`, `cell` as in stored counts, `labels`, one an axis."""
    parts = []
    for table in tables(grid).values():
        forms = [(False, table), (True, table.coarse())] if table.segmented else [(False, table)]
        parts += [_cells(form, in_segment) for in_segment, form in forms if np.prod(form.shape) <= LARGEST]
    return pa.concat_tables(parts)


def _cells(table: Table, in_segment: bool) -> pa.Table:
    size = int(np.prod(table.shape))
    places = np.unravel_index(np.arange(size), table.shape)
    names = [pa.array(axis.labels).take(pa.array(place)) for axis, place in zip(table.axes, places, strict=True)]
    flat = pa.concat_arrays(names).take(pa.array(np.arange(size * len(names)).reshape(len(names), size).T.ravel()))
    offsets = pa.array(np.arange(0, size * len(names) + 1, len(names), dtype=np.int32))
    return pa.table(
        {
            "table": pa.array([table.name]).take(pa.array(np.zeros(size, np.int64))),
            "in_segment": pa.array(np.full(size, in_segment)),
            "cell": pa.array(np.arange(size, dtype=np.int32)),
            "labels": pa.ListArray.from_arrays(offsets, flat),
        }
    )

"""Counting by a database. In: a grid and an Ibis table on DuckDB, PostgreSQL or Spark. Out: the same profiles.

Each joint is one grouped count; counts come back as (cells, rows) and are folded here. No row leaves the database.
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from aimon.clock import SLOTS_PER_DAY
from aimon.errors import DataError
from aimon.profile.axis import Cells
from aimon.profile.count import empty_profile
from aimon.profile.grid import Grid
from aimon.profile.ibis_cells import Expressions
from aimon.profile.ibis_sums import terms
from aimon.profile.key import Joint, Key, Measure, Source, Sum
from aimon.profile.plan import Plan, What, make_plan
from aimon.profile.profile import Counts, Profile
from aimon.spec.model import Kind

BACKENDS = ("duckdb", "postgres", "pyspark")
TOGETHER = 16
"""Grouped counts that are asked for in one query."""


def count_in_database(grid: Grid, data: Any, *, what: What = "both", by_slot: bool = False) -> dict[int, Profile]:
    """Count the rows of an Ibis table where they are. Spark must run with the session time zone UTC."""
    backend = data.get_backend().name
    if backend not in BACKENDS:
        raise DataError(f"rows cannot be counted in {backend}; use DuckDB, PostgreSQL or Spark")
    if by_slot and grid.timestamp not in data.columns:
        raise DataError(f"the rows have no column {grid.timestamp!r}, so they cannot be counted by time of day")
    slots = SLOTS_PER_DAY if by_slot else 1
    plan = make_plan(grid, data.columns, what)
    timestamp = grid.timestamp if by_slot else None
    made: dict[Joint | Sum, Counts] = {}
    expressions = Expressions.prepared(grid, data, _numbers(plan), timestamp)
    with _made(expressions.table) as read, _made(_keyed(plan, replace(expressions, table=read))) as keyed:
        for start in range(0, len(plan.joints), TOGETHER):
            made |= _count(plan, keyed, plan.joints[start : start + TOGETHER], slots)
        for each in plan.sums:
            made[each] = _add_up(plan, keyed, each, slots)
    profiles = plan.profiles(made, slots)
    return {slot: empty_profile(grid, what) + profile for slot, profile in profiles.items()}


def _numbers(plan: Plan) -> list[str]:
    """Columns that are read as numbers."""
    grid = plan.grid
    columns = dict.fromkeys(part.key.column for part in plan.parts)
    columns |= dict.fromkeys(each.column for each in plan.sums if each.measure is not Measure.CHARACTERS)
    if any(part.key.source is Source.RESIDUAL for part in plan.parts) or plan.sums:
        columns |= dict.fromkeys(name for name in (grid.prediction, grid.label) if name is not None)
    if any(part.key.source is Source.COVERED for part in plan.parts):
        columns |= dict.fromkeys(name for name in (grid.lower, grid.upper, grid.label) if name is not None)
    return [name for name in columns if grid.kinds.get(name) in (Kind.NUMERIC, Kind.DATETIME, Kind.TEXT)]


def _keyed(plan: Plan, expressions: Expressions) -> Any:
    """The slot, every key and every term of a sum, one column each."""
    columns = {name: expressions.key(key) for key, name in _key_names(plan).items()}
    for (measure, column), number in _term_numbers(plan).items():
        made = terms(Sum(measure, column), expressions)
        columns |= {f"term_{number}_{place}": term for place, term in enumerate(made)}
    return expressions.table.select(slot=expressions.slot(), **columns)


def _key_names(plan: Plan) -> dict[Key, str]:
    keys = dict.fromkeys(part.key for part in plan.parts)
    return {key: f"key_{number}" for number, key in enumerate(keys)}


def _term_numbers(plan: Plan) -> dict[tuple[Measure, str], int]:
    """Sums of one measure share their terms, by whatever cells they are added up."""
    return {key: number for number, key in enumerate(dict.fromkeys((each.measure, each.column) for each in plan.sums))}


@contextmanager
def _made(table: Any) -> Iterator[Any]:
    """The table, computed once and kept for the length of the count, so that queries on it stay short."""
    backend = table.get_backend()
    if backend.name != "pyspark":
        with table.cache() as kept:
            yield kept
        return
    name = f"aimon_{secrets.token_hex(8)}"
    backend.raw_sql(backend.compile(table)).localCheckpoint().createOrReplaceTempView(name)
    yield backend.table(name)
    backend.drop_view(name)


def _count(plan: Plan, keyed: Any, joints: Sequence[Joint], slots: int) -> dict[Joint | Sum, Counts]:
    """Several joints by one query: a union of grouped counts with the same columns."""
    import ibis

    names = _key_names(plan)
    width = max(map(len, joints))
    parts = []
    for number, joint in enumerate(joints):
        keys = [names[part.key] for part in joint]
        grouped = keyed.group_by(["slot", *dict.fromkeys(keys)]).agg(rows=keyed.count())
        cells = {f"cell_{place}": grouped[key] for place, key in enumerate(keys)}
        blank = {f"cell_{place}": ibis.literal(0).cast("int32") for place in range(len(keys), width)}
        rows = grouped.rows.cast("int64")
        parts.append(grouped.select(joint=ibis.literal(number).cast("int32"), slot="slot", **cells, **blank, rows=rows))
    found = (ibis.union(*parts) if len(parts) > 1 else parts[0]).to_pyarrow()
    columns = {name: found[name].to_numpy() for name in found.column_names}
    made: dict[Joint | Sum, Counts] = {}
    for number, joint in enumerate(joints):
        here = columns["joint"] == number
        index = [columns[name][here] for name in ("slot", *(f"cell_{place}" for place in range(len(joint))))]
        made[joint] = _dense(plan, joint, index, columns["rows"][here], slots)
    return made


def _add_up(plan: Plan, keyed: Any, each: Sum, slots: int) -> Counts:
    """One sum by one query."""
    keys = [_key_names(plan)[part.key] for part in each.by]
    number, width = _term_numbers(plan)[each.measure, each.column], each.measure.width
    sums = {f"sum_{place}": keyed[f"term_{number}_{place}"].sum().cast("int64") for place in range(width)}
    found = keyed.group_by(["slot", *keys]).agg(**sums).to_pyarrow()
    cells = [found[name].to_numpy() for name in ("slot", *keys)]
    totals = np.stack([found[name].fill_null(0).to_numpy() for name in sums], axis=-1)
    return _dense(plan, each.by, cells, totals, slots)


def _dense(plan: Plan, joint: Joint, columns: Sequence[Cells], rows: Counts, slots: int) -> Counts:
    """Counts by cell as an array, coarse parts folded; `rows` may hold several counts a cell."""
    grid = plan.grid
    counts = np.zeros((slots, *(part.size(grid) for part in joint), *rows.shape[1:]), np.int64)
    index = [columns[0].astype(np.int64)]
    for part, cells in zip(joint, columns[1:], strict=True):
        fold = part.fold(grid)
        index.append(cells.astype(np.int64) if fold is None else fold[cells])
    np.add.at(counts, tuple(index), rows)
    return counts

"""Every kernel counts the same integers: the streaming one, DuckDB and PostgreSQL, on rows with everything in them."""

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from aimon.errors import DataError
from aimon.profile.build import build_grid
from aimon.profile.count import count
from aimon.profile.kernel_ibis import count_in_database
from aimon.spec.model import Columns, Kind, ModelSpec, Task
from tests.profile.nasty_rows import differences, nasty_spec


@pytest.fixture(scope="module")
def duckdb() -> Iterator[Any]:
    import ibis

    connection = ibis.duckdb.connect()
    yield connection
    connection.disconnect()


@pytest.fixture(scope="module")
def postgresql(postgresql_server: Any) -> Iterator[Any]:
    import ibis

    connection = ibis.connect(postgresql_server.url(postgresql_server.create_database()))
    yield connection
    connection.disconnect()


@pytest.fixture(params=["duckdb", "postgresql"])
def database(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


@pytest.fixture
def table(database: Any, rows: pa.Table) -> Iterator[Any]:
    yield database.create_table("rows", rows, overwrite=True)
    database.drop_table("rows")


@pytest.mark.parametrize("task", list(Task))
def test_a_database_counts_what_streaming_counts(task: Task, table: Any, rows: pa.Table) -> None:
    grid = build_grid(nasty_spec(task), rows)
    streamed, counted = count(grid, rows, by_slot=True), count_in_database(grid, table, by_slot=True)
    assert {slot: differences(streamed[slot], counted[slot]) for slot in streamed} == {0: [], 1: [], 2: [], 3: []}


def test_errors_as_shares_of_extreme_labels_are_counted_alike(database: Any) -> None:
    """Divisions that overflow or underflow, which PostgreSQL refuses."""
    extremes = [0.0, 5e-324, 1e-300, 2.0**-960, 1e-12, 1.0, -3.0, 1e40, 2.0**960, 1e300, 1.7e308, float("inf"), None]
    pairs = [(predicted, actual) for predicted in extremes for actual in extremes]
    rows = pa.table({"y": [pair[0] for pair in pairs], "t": [pair[1] for pair in pairs]})
    spec = ModelSpec(model="m", task="regression", columns=Columns(prediction="y", label="t", features=()))
    grid = build_grid(spec, pa.table({"y": [1.0, 2.0, 4.0], "t": [1.0, 2.0, 3.0]}))
    table = database.create_table("extremes", rows, overwrite=True)
    streamed = count(grid, rows)[0]
    assert differences(streamed, count_in_database(grid, table)[0]) == []
    assert streamed.tables["relative_error", None][0] == 6 * 10


@pytest.mark.parametrize("what", ["feature", "outcome"])
def test_either_half_of_a_profile_can_be_counted(what: Any, duckdb: Any, rows: pa.Table) -> None:
    grid = build_grid(ModelSpec(model="m", task="binary", columns=Columns(prediction="decision", label="truth")), rows)
    table = duckdb.create_table("halves", rows, overwrite=True)
    assert differences(count(grid, rows, what=what)[0], count_in_database(grid, table, what=what)[0]) == []


@pytest.mark.parametrize("type_of_all", [pa.string(), pa.float64(), pa.bool_(), pa.int64()])
def test_columns_that_changed_their_type_are_counted_alike(
    type_of_all: pa.DataType, database: Any, rows: pa.Table
) -> None:
    """Overnight every column arrives as text, or as numbers: nothing fails, nothing is lost, kernels agree."""
    features = ["amount", "whole", "channel", "code", "opened", "when", "moment", "comment"]
    columns = [*features, "decision", "defaulted", "sex"]
    grid = build_grid(nasty_spec(Task.BINARY), rows)
    values = {
        pa.string(): ["2", "true", "1.0", "web", "0", None],
        pa.float64(): [2.0, 1.0, 0.0, float("nan"), 0.5, None],
        pa.bool_(): [True, False, None],
        pa.int64(): [2, 1, 0, -5, None],
    }[type_of_all]
    changed = pa.table({name: pa.array(values * 3, type_of_all) for name in columns})
    table = database.create_table("changed", changed, overwrite=True)
    streamed = count(grid, changed)[0]
    assert differences(streamed, count_in_database(grid, table)[0]) == []
    for name in features:
        assert streamed.tables[f"column:{name}", None].sum() == len(changed)


def test_an_empty_table_counts_nothing(duckdb: Any, rows: pa.Table) -> None:
    grid = build_grid(nasty_spec(Task.REGRESSION), rows)
    table = duckdb.create_table("empty", rows.slice(0, 0), overwrite=True)
    counted = count_in_database(grid, table)[0]
    assert counted.rows == 0
    assert differences(counted, count(grid, rows.slice(0, 0))[0]) == []


def test_columns_that_sql_cannot_count_are_refused_with_a_sentence(duckdb: Any, rows: pa.Table) -> None:
    columns = Columns(prediction="decision", features={"moment": Kind.CATEGORICAL})
    grid = build_grid(ModelSpec(model="m", task="binary", columns=columns), rows)
    table = duckdb.create_table("moments", rows, overwrite=True)
    with pytest.raises(DataError, match=r"column 'moment' of type timestamp.* cannot be counted as categories in SQL"):
        count_in_database(grid, table)


def test_only_known_databases_count(rows: pa.Table) -> None:
    import ibis

    connection = ibis.sqlite.connect()
    table = connection.create_table("one", pa.table({"decision": [1]}))
    with pytest.raises(DataError, match="cannot be counted in sqlite; use DuckDB, PostgreSQL or Spark"):
        count_in_database(build_grid(nasty_spec(Task.BINARY), rows), table)
    connection.disconnect()


def test_counting_by_slot_needs_the_timestamp(duckdb: Any, rows: pa.Table) -> None:
    grid = build_grid(nasty_spec(Task.BINARY), rows)
    table = duckdb.create_table("timeless", rows.drop(["at"]), overwrite=True)
    with pytest.raises(DataError, match="no column 'at', so they cannot be counted by time of day"):
        count_in_database(grid, table, by_slot=True)

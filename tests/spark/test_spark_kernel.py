"""Spark counts the same integers as the streaming kernel, on rows with everything in them."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aimon.profile.build import build_grid
from aimon.profile.count import count
from aimon.profile.kernel_ibis import count_in_database
from aimon.spec.model import Task
from tests.profile.nasty_rows import differences, nasty_rows, nasty_spec

pytestmark = pytest.mark.filterwarnings("default")  # Spark and pandas warn about each other


@pytest.fixture(scope="module")
def rows() -> pa.Table:
    return nasty_rows()


@pytest.fixture(scope="module")
def table(spark: Any, rows: pa.Table, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder: Path = tmp_path_factory.mktemp("rows")
    for number in range(2):
        pq.write_table(rows.slice(number * 250, 250), folder / f"{number}.parquet")
    return spark.read_parquet(str(folder))


@pytest.mark.parametrize("task", [Task.BINARY, Task.MULTICLASS, Task.REGRESSION, Task.GENERATIVE])
def test_spark_counts_what_streaming_counts(task: Task, table: Any, rows: pa.Table) -> None:
    grid = build_grid(nasty_spec(task), rows)
    streamed, counted = count(grid, rows, by_slot=True), count_in_database(grid, table, by_slot=True)
    assert {slot: differences(streamed[slot], counted[slot]) for slot in streamed} == {0: [], 1: [], 2: [], 3: []}

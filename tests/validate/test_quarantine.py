from datetime import date

import pyarrow as pa
import pytest

from aimon.lake.lake import Lake
from aimon.spec.model import ModelSpec
from aimon.validate import quarantine as module
from aimon.validate.quarantine import REASON, Quarantine, quarantined, quarantined_rows

DAY = date(2026, 11, 20)


def model(task: str = "binary", **columns: str) -> ModelSpec:
    return ModelSpec.model_validate({"model": "m", "task": task, "columns": {"prediction": "p", **columns}})


@pytest.fixture
def lake(tmp_path) -> Lake:
    return Lake(str(tmp_path))


def sieved(lake: Lake, spec: ModelSpec, table: pa.Table, rows: int = 2) -> pa.Table:
    quarantine = Quarantine(lake, spec, DAY)
    return pa.Table.from_batches(quarantine.sieve(table.to_batches(rows)), table.schema)


def test_rows_without_id_or_prediction_are_kept_apart_with_the_reason(lake):
    table = pa.table({"id": ["a", None, "c", " ", "e"], "p": [1, 1, None, None, 0]})
    assert sieved(lake, model(id="id"), table)["id"].to_pylist() == ["a", "e"]
    assert quarantined(lake, "m", DAY) == {"without a prediction": 1, "without an id": 2}
    (apart,) = quarantined_rows(lake, "m", DAY)
    assert apart.select(["p", REASON]).to_pylist() == [
        {"p": 1, REASON: "without an id"},
        {"p": None, REASON: "without a prediction"},
        {"p": None, REASON: "without an id"},
    ]


def test_every_row_is_either_used_or_kept(lake):
    table = pa.table({"id": [None if n % 7 == 0 else n for n in range(1_000)], "p": [None, 1, 0, 1] * 250})
    used = sieved(lake, model(id="id"), table, rows=90)
    apart = pa.concat_tables(quarantined_rows(lake, "m", DAY))
    assert used.num_rows + apart.num_rows == 1_000
    assert sum(quarantined(lake, "m", DAY).values()) == apart.num_rows


def test_an_error_needs_no_prediction(lake):
    table = pa.table({"p": [None, None, "", "yes"], "failed": [True, False, True, False]})
    assert sieved(lake, model("generative", error="failed"), table)["p"].to_pylist() == [None, "", "yes"]
    texts = pa.table({"p": [None, None, None], "failed": ["timeout", "", None]})
    assert sieved(lake, model("generative", error="failed"), texts).num_rows == 1


@pytest.mark.parametrize(
    ("values", "used"),
    [
        ([1.5, None, float("nan"), float("inf"), -2.0], [1.5, -2.0]),
        (["1.5", None, "nan", "much", "2"], ["1.5", "2"]),
    ],
)
def test_a_regression_needs_numbers(lake, values, used):
    assert sieved(lake, model("regression"), pa.table({"p": values}))["p"].to_pylist() == used
    assert sum(quarantined(lake, "m", DAY).values()) == 3


def test_a_missing_column_is_no_reason(lake):
    table = pa.table({"x": [1, 2]})
    assert sieved(lake, model(id="id"), table).num_rows == 2
    assert quarantined(lake, "m", DAY) == {}


def test_dictionaries_and_columns_of_nulls_are_read(lake):
    table = pa.table({"id": pa.array(["a", "", None]).dictionary_encode(), "p": pa.nulls(3)})
    assert sieved(lake, model(id="id"), table, rows=3).num_rows == 0
    assert quarantined(lake, "m", DAY) == {"without a prediction": 1, "without an id": 2}


def test_a_second_run_takes_the_place_of_the_first(lake, monkeypatch):
    monkeypatch.setattr(module, "PART_ROWS", 2)
    sieved(lake, model(), pa.table({"p": [None] * 7}), rows=1)
    assert [table.num_rows for table in quarantined_rows(lake, "m", DAY)] == [2, 2, 2, 1]
    sieved(lake, model(), pa.table({"p": [None, 1, 1]}))
    assert quarantined(lake, "m", DAY) == {"without a prediction": 1}
    assert [table.num_rows for table in quarantined_rows(lake, "m", DAY)] == [1]
    sieved(lake, model(), pa.table({"p": [1, 1, 1]}))
    assert lake.keys("quarantine") == []


def test_the_rows_are_there_before_the_day_is(lake):
    table = pa.table({"id": ["a", None], "p": [1, 1]})
    seen = []

    class Watched(Quarantine):
        def _finish(self) -> None:
            super()._finish()
            seen.append(lake.manifest("m", DAY))

    quarantine = Watched(lake, model(id="id"), DAY)
    manifest = lake.write_day("m", DAY, quarantine.sieve(table.to_batches()), table.schema, id_column="id")
    assert seen == [None]
    assert (manifest.rows, quarantine.counts) == (1, {"without an id": 1})


def test_a_day_without_rows_has_nothing_apart(lake):
    assert sieved(lake, model(id="id"), pa.table({"id": pa.nulls(0), "p": pa.nulls(0)})).num_rows == 0
    assert list(quarantined_rows(lake, "m", DAY)) == []


def test_rows_that_join_a_day_join_those_kept_apart_each_id_once(lake):
    spec, first = model(id="id"), pa.table({"id": ["a", "b"], "p": [None, 1]})
    second = pa.table({"id": ["a", "c", "d"], "p": [None, None, 0]})
    for _ in range(2):
        for table in (first, second):
            used = pa.Table.from_batches(Quarantine(lake, spec, DAY, extend=True).sieve(table.to_batches()))
        assert used["id"].to_pylist() == ["d"]
        assert quarantined(lake, "m", DAY) == {"without a prediction": 2}
        apart = pa.concat_tables(quarantined_rows(lake, "m", DAY))
        assert apart["id"].to_pylist() == ["a", "c"]


def test_a_killed_run_that_told_no_counts_is_continued(lake):
    spec, table = model(), pa.table({"p": [None, 1]})
    sieved(lake, spec, table)
    lake.delete(f"quarantine/model=m/date={DAY}/counts.json")
    pa.Table.from_batches(Quarantine(lake, spec, DAY, extend=True).sieve(table.slice(1).to_batches()), table.schema)
    assert quarantined(lake, "m", DAY) == {"without a prediction": 1}

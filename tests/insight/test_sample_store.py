from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pyarrow as pa
import pytest

from aimon.clock import day_end
from aimon.govern.retention import expire
from aimon.insight.sample import Sample, draw, merged, reading
from aimon.insight.sample_store import SampleStore
from aimon.lake.lake import Lake
from aimon.spec.settings import Retention
from aimon.store.store import open_store

FIRST = date(2026, 11, 1)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def rows_of(day: date, rows: int = 300) -> pa.Table:
    return pa.table({"id": [f"{day} {number}" for number in range(rows)], "label": pa.nulls(rows, pa.int64())})


def drawn(day: date) -> Sample:
    return draw(reading(rows_of(day)), key="k", id_column="id", late=("label",), size=40)


def test_a_sample_comes_back_as_it_was_written(lake: Lake) -> None:
    SampleStore(lake).write_day("loans", FIRST, drawn(FIRST))
    back = SampleStore(lake).day("loans", FIRST)

    assert back is not None
    assert back.table.equals(drawn(FIRST).table)
    assert back.hashes.tolist() == drawn(FIRST).hashes.tolist()
    assert (back.rows, back.size, back.key_id, back.late) == (300, 40, drawn(FIRST).key_id, ("label",))


def test_a_day_of_the_lake_is_sampled_from_its_rows(lake: Lake) -> None:
    lake.write_day("loans", FIRST, rows_of(FIRST).to_batches(), rows_of(FIRST).schema)
    sample = draw(partial(lake.read_day, "loans", FIRST), key="k", id_column="id", late=("label",), size=40)

    assert sample.table["id"].equals(drawn(FIRST).table["id"])


def test_a_window_is_the_sample_of_its_days(lake: Lake) -> None:
    store, days = SampleStore(lake), [date(2026, 11, number) for number in (1, 2, 4)]
    for day in days:
        store.write_day("loans", day, drawn(day))
    window = store.window("loans", date(2026, 11, 4), 3)

    assert window is not None
    assert window.rows == 600
    assert window.table.equals(merged(drawn(day) for day in days[1:]).table)
    assert store.window("loans", date(2026, 10, 1), 7) is None


def test_the_sample_of_a_baseline_lies_apart_from_those_of_days(lake: Lake) -> None:
    store = SampleStore(lake)
    store.write_day("loans", FIRST, drawn(FIRST))
    store.write_baseline("loans", "file", drawn(date(2026, 10, 1)))
    store.write_baseline("loans", "period", drawn(date(2026, 10, 2)), first_day=date(2026, 10, 2))

    assert store.days("loans") == [FIRST]
    assert [store.baseline("loans", name) is not None for name in ("file", "period", "other")] == [True, True, False]


def test_the_sample_of_a_baseline_of_days_expires_with_the_first_of_them(lake: Lake, tmp_path: Path) -> None:
    samples, first = SampleStore(lake), date(2026, 10, 2)
    samples.write_baseline("loans", "file", drawn(FIRST))
    samples.write_baseline("loans", "period", drawn(FIRST), first_day=first)
    with open_store(f"sqlite:///{tmp_path / 'aimon.db'}", tmp_path) as store:
        expire(lake, store, Retention(samples=timedelta(30)), day_end(first) + timedelta(30))

    assert samples.baseline("loans", "period") is None
    assert samples.baseline("loans", "file") is not None


def test_some_columns_of_a_sample_are_read_alone(lake: Lake) -> None:
    store = SampleStore(lake)
    store.write_day("loans", FIRST, drawn(FIRST))

    found = store.columns("loans", FIRST, ["id"])
    assert found is not None
    assert found.equals(drawn(FIRST).table.select(["id"]))
    assert store.columns("loans", FIRST, ["id", "lost"]) is None
    assert store.columns("loans", date(2026, 10, 1), ["id"]) is None


def test_an_empty_sample_is_kept_too(lake: Lake) -> None:
    SampleStore(lake).write_day("loans", FIRST, draw(reading(rows_of(FIRST, 0)), key="k", id_column="id"))
    back = SampleStore(lake).day("loans", FIRST)

    assert back is not None
    assert (len(back), back.rows) == (0, 0)

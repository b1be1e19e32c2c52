from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import create_engine

from aimon.clock import day_start
from aimon.errors import StoreError
from aimon.intake.align import UTC_MICROS
from aimon.intake.collector import Inbox
from aimon.intake.parcel import ArrowParcel
from aimon.store import Store, inbox
from aimon.store.inbox import digests_of
from tests.parcels import put

Read = Callable[..., pa.Table]
FIRST, SECOND = date(2026, 11, 18), date(2026, 11, 19)
NOON = day_start(FIRST) + timedelta(hours=12)


def accept(store: Store, *rows: tuple[str, datetime, dict[str, Any]], model: str = "loans") -> None:
    with store.transaction() as connection:
        put(connection, model, *rows)


def test_accepted_predictions_are_read_by_day_in_the_order_they_came(store: Store, day_of: Read) -> None:
    accept(store, ("b", NOON, {"income": 1}), ("a", NOON, {"income": 2.5, "color": "réd"}))
    accept(store, ("c", NOON + timedelta(hours=12), {"income": None}))
    accept(store, ("c", NOON, {"flags": [1, {"x": 2}]}))
    accept(store, ("a", NOON, {"other": True}), model="fraud")
    found = Inbox(store.engine, "loans")
    assert day_of(found, FIRST).to_pylist() == [
        {"id": "b", "timestamp": NOON, "version": "2.3", "income": 1.0, "color": None, "flags": None},
        {"id": "a", "timestamp": NOON, "version": "2.3", "income": 2.5, "color": "réd", "flags": None},
        {"id": "c", "timestamp": NOON, "version": "2.3", "income": None, "color": None, "flags": '[1, {"x": 2}]'},
    ]
    assert day_of(found, SECOND)["id"].to_pylist() == ["c"]
    assert found.rows(["id"]).read_all()["id"].to_pylist() == ["b", "a", "c", "c"]
    assert found.days() == [FIRST, SECOND]
    assert found.undated() == 0
    assert set(found.columns()) == set(found.schema().names)
    assert set(found.columns()) == {"id", "timestamp", "version", "color", "income", "flags"}


def test_a_part_of_a_day_is_cut_out(store: Store) -> None:
    accept(store, ("a", NOON, {}), ("b", NOON + timedelta(hours=1), {}))
    found = Inbox(store.engine, "loans")
    assert found.batches(NOON, NOON + timedelta(minutes=1)).read_all()["id"].to_pylist() == ["a"]


def test_the_id_and_the_timestamp_have_the_names_the_model_gives_them(store: Store, day_of: Read) -> None:
    accept(store, ("a", day_start(FIRST), {"request_id": "from the payload", "version": "mine", "id": 7}))
    found = Inbox(store.engine, "loans", id_column="request_id", timestamp="created at")
    assert day_of(found, FIRST).to_pylist() == [
        {"request_id": "a", "created at": day_start(FIRST), "version": "2.3", "id": 7}
    ]


def test_rows_that_came_in_columns_lie_beside_the_others(store: Store, day_of: Read) -> None:
    batch = pa.record_batch(
        {
            "id": ["x", "y", "z"],
            "timestamp": pa.array([NOON] * 3, UTC_MICROS),
            "version": ["1", "1", "1"],
            "income": [1, 2, 3],
        }
    )
    with store.transaction() as connection:
        put(connection, "loans", ("y", NOON, {"income": 0.5}))
        parcel = ArrowParcel("loans", FIRST, digests_of("loans", FIRST, ["x", "y", "z"]), batch)
        assert inbox.accept(connection, parcel) == {1}
    rows = day_of(Inbox(store.engine, "loans", id_column="key"), FIRST)
    assert rows["key"].to_pylist() == ["y", "x", "z"]
    assert rows["income"].to_pylist() == [0.5, 1.0, 3.0]


def test_a_column_that_nobody_sent_is_null(store: Store, day_of: Read) -> None:
    empty = Inbox(store.engine, "loans")
    assert day_of(empty, FIRST, ["income", "id"]).schema == pa.schema([("income", pa.null()), ("id", pa.string())])
    accept(store, ("a", day_start(FIRST), {"x": 1}))
    assert day_of(empty, FIRST, ["income", "id"]).to_pylist() == [{"income": None, "id": "a"}]


def test_exactly_the_parcels_that_are_named_are_read(store: Store) -> None:
    accept(store, ("a", NOON, {}))
    found = Inbox(store.engine, "loans")
    taken = found.waiting(FIRST)
    accept(store, ("b", NOON, {}))
    assert found.parcels(taken).read_all()["id"].to_pylist() == ["a"]


def test_a_database_that_does_not_answer_is_told() -> None:
    engine = create_engine("postgresql+psycopg://ann:s3cret@127.0.0.1:9/aimon")
    with pytest.raises(StoreError, match="cannot be used") as refused:
        Inbox(engine, "loans").days()
    assert "s3cret" not in str(refused.value)

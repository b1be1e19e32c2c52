from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import create_engine, insert

from aimon.clock import day_start
from aimon.errors import StoreError
from aimon.intake.collector import Inbox
from aimon.store import Store
from aimon.store.tables.predictions import inbox

Read = Callable[..., pa.Table]
FIRST, SECOND = date(2026, 11, 18), date(2026, 11, 19)
NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)


def accept(store: Store, *rows: tuple[str, datetime, dict[str, Any]], model: str = "loans") -> None:
    with store.transaction() as connection:
        for name, moment, payload in rows:
            accepted = {"model": model, "day": moment.date(), "id": name, "timestamp": moment, "version": "2.3"}
            connection.execute(insert(inbox).values(**accepted, payload=payload, received_at=NOW))


def test_accepted_predictions_are_read_by_day_and_id(store: Store, day_of: Read) -> None:
    noon = day_start(FIRST) + timedelta(hours=12)
    accept(store, ("b", noon, {"income": 1}), ("a", noon, {"income": 2.5, "color": "réd"}))
    accept(store, ("c", noon + timedelta(hours=12), {"income": None}), ("c", noon, {"flags": [1, {"x": 2}]}))
    accept(store, ("a", noon, {"other": True}), model="fraud")
    found = Inbox(store.engine, "loans")
    assert day_of(found, FIRST).to_pylist() == [
        {"id": "a", "timestamp": noon, "version": "2.3", "income": 2.5, "color": "réd", "flags": None},
        {"id": "b", "timestamp": noon, "version": "2.3", "income": 1.0, "color": None, "flags": None},
        {"id": "c", "timestamp": noon, "version": "2.3", "income": None, "color": None, "flags": '[1, {"x": 2}]'},
    ]
    assert day_of(found, SECOND)["id"].to_pylist() == ["c"]
    assert found.rows(["id"]).read_all()["id"].to_pylist() == ["a", "b", "c", "c"]
    assert found.days() == [FIRST, SECOND]
    assert found.undated() == 0
    assert found.columns() == found.schema().names == ["id", "timestamp", "version", "color", "income", "flags"]


def test_the_id_and_the_timestamp_have_the_names_the_model_gives_them(store: Store, day_of: Read) -> None:
    accept(store, ("a", day_start(FIRST), {"request_id": "from the payload", "version": "mine", "id": 7}))
    found = Inbox(store.engine, "loans", id_column="request_id", timestamp="created at")
    assert day_of(found, FIRST).to_pylist() == [
        {"request_id": "a", "created at": day_start(FIRST), "version": "2.3", "id": 7}
    ]


def test_a_column_that_nobody_sent_is_null(store: Store, day_of: Read) -> None:
    empty = Inbox(store.engine, "loans")
    assert day_of(empty, FIRST, ["income", "id"]).schema == pa.schema([("income", pa.null()), ("id", pa.string())])
    accept(store, ("a", day_start(FIRST), {"x": 1}))
    assert day_of(empty, FIRST, ["income", "id"]).to_pylist() == [{"income": None, "id": "a"}]


def test_more_rows_than_a_batch_are_read(store: Store, day_of: Read) -> None:
    rows = [
        {
            "model": "loans",
            "day": FIRST,
            "id": f"{number:05}",
            "timestamp": day_start(FIRST),
            "payload": {"x": number},
            "received_at": NOW,
        }
        for number in range(5_001)
    ]
    with store.transaction() as connection:
        connection.execute(insert(inbox), rows)
    assert day_of(Inbox(store.engine, "loans"), FIRST)["x"].to_pylist() == list(range(5_001))


def test_a_database_that_does_not_answer_is_told() -> None:
    engine = create_engine("postgresql+psycopg://ann:s3cret@127.0.0.1:9/aimon")
    with pytest.raises(StoreError, match="cannot be used") as refused:
        Inbox(engine, "loans").days()
    assert "s3cret" not in str(refused.value)

from datetime import UTC, date, datetime, timedelta, timezone

from sqlalchemy import select

from aimon.store import Store, inbox
from aimon.store.inbox import Prediction
from aimon.store.tables import inbox as table

NOON = datetime(2026, 11, 19, 12, tzinfo=UTC)
DAY = NOON.date()


def prediction(name: str, *, model: str = "loans", at: datetime = NOON, score: float = 0.5) -> Prediction:
    return Prediction(model=model, id=name, timestamp=at, version="2.3", payload={"score": score, "größe": ["ä"]})


def accept(store: Store, *predictions: Prediction) -> int:
    with store.transaction() as connection:
        return inbox.accept(connection, predictions)


def of_day(store: Store, day: date = DAY, model: str = "loans") -> list[Prediction]:
    wanted = select(*(table.c[name] for name in ("model", "id", "timestamp", "version", "payload")))
    wanted = wanted.where(table.c.model == model, table.c.day == day).order_by(table.c.id)
    with store.session() as connection:
        return [Prediction(**row._mapping) for row in connection.execute(wanted)]


def test_a_prediction_comes_back_as_it_was_accepted(store: Store) -> None:
    assert accept(store, prediction("b"), prediction("a")) == 2
    assert of_day(store) == [prediction("a"), prediction("b")]


def test_a_prediction_that_is_sent_again_is_kept_once_as_it_came_first(store: Store) -> None:
    accept(store, prediction("a"))
    assert accept(store, prediction("a", score=0.9), prediction("b")) == 1
    assert accept(store) == 0
    assert of_day(store) == [prediction("a"), prediction("b")]


def test_a_prediction_belongs_to_its_utc_day(store: Store) -> None:
    east = timezone(timedelta(hours=9))
    accept(store, prediction("a", at=datetime(2026, 11, 20, 8, 59, tzinfo=east)))
    accept(store, prediction("a", at=datetime(2026, 11, 20, 9, 0, tzinfo=east)), prediction("a", model="fraud"))
    assert [each.timestamp for each in of_day(store)] == [datetime(2026, 11, 19, 23, 59, tzinfo=UTC)]
    assert [each.timestamp.hour for each in of_day(store, DAY + timedelta(days=1))] == [0]


def test_purging_takes_only_what_it_names(store: Store) -> None:
    many = [prediction(f"{number:04}") for number in range(1_200)]
    accept(store, *many, prediction("0000", model="fraud"))
    read = [each.id for each in of_day(store)]
    accept(store, prediction("late"))
    with store.transaction() as connection:
        assert inbox.purge(connection, "loans", DAY, read) == 1_200
        assert inbox.purge(connection, "loans", DAY, read) == 0
    assert len(of_day(store, model="fraud")) == 1
    assert [each.id for each in of_day(store)] == ["late"]

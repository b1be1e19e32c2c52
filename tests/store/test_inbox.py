from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from aimon.store import Store, inbox
from aimon.store.inbox import digests_of
from aimon.store.tables import inbox_ids

DAY = datetime(2026, 11, 19, 12, tzinfo=UTC).date()


@dataclass
class Words:
    """The smallest parcel: ids, one a line."""

    names: list[str]
    model: str = "loans"
    day: date = DAY
    format: str = "words"

    @property
    def digests(self) -> list[bytes]:
        return digests_of(self.model, self.day, self.names)

    def packed(self, without: frozenset[int]) -> bytes:
        return "\n".join(name for at, name in enumerate(self.names) if at not in without).encode()

    def packed_apart(self, without: frozenset[int]) -> bytes | None:
        return self.packed(without)[:1] or None


def accept(store: Store, *names: str, model: str = "loans", day: date = DAY) -> frozenset[int]:
    with store.transaction() as connection:
        return inbox.accept(connection, Words(list(names), model, day))


def held(store: Store, model: str = "loans", day: date | None = None) -> list[str]:
    with store.session() as connection:
        return [
            name
            for kept in inbox.read(connection, inbox.waiting(connection, model, day))
            for name in kept.content.decode().split("\n")
        ]


def known(store: Store) -> int:
    with store.session() as connection:
        return connection.execute(select(func.count()).select_from(inbox_ids)).scalar_one()


def test_what_was_accepted_is_there_in_the_order_it_came(store: Store) -> None:
    assert accept(store, "b", "a") == set()
    assert accept(store, "c") == set()
    assert held(store) == ["b", "a", "c"]


def test_a_prediction_that_is_sent_again_is_kept_once(store: Store) -> None:
    accept(store, "a", "b")
    assert accept(store, "x", "b", "y", "a") == {1, 3}
    assert accept(store, "a", "b") == {0, 1}
    assert held(store) == ["a", "b", "x", "y"]
    with store.session() as connection:
        assert inbox.count(connection) == inbox.count(connection, "loans") == known(store) == 4


def test_an_id_is_one_prediction_within_its_model_and_day(store: Store) -> None:
    later = DAY + timedelta(days=1)
    accept(store, "a")
    assert accept(store, "a", day=later) == accept(store, "a", model="fraud") == set()
    assert held(store, day=later) == held(store, "fraud") == ["a"]
    with store.session() as connection:
        assert inbox.days(connection, "loans") == [DAY, later]


def test_purging_takes_only_what_it_names(store: Store) -> None:
    accept(store, *(f"{number:04}" for number in range(1_200)))
    accept(store, "0000", model="fraud")
    with store.session() as connection:
        taken = inbox.waiting(connection, "loans", DAY)
    accept(store, "late")
    with store.transaction() as connection:
        assert inbox.purge(connection, taken) == 1_200
        assert inbox.purge(connection, taken) == 0
    assert held(store, "fraud") == ["0000"]
    assert held(store) == ["late"]
    assert known(store) == 2
    assert accept(store, "0000") == set()


def test_what_failed_is_not_there(store: Store) -> None:
    def broken() -> None:
        with store.transaction() as connection:
            inbox.accept(connection, Words(["a"]))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert held(store) == []
    assert accept(store, "a") == set()

"""Deliveries of many senders in few transactions, by several writers on one database."""

import threading
from collections.abc import Iterator, Sequence
from datetime import date

import pytest
from sqlalchemy import Connection

from aimon.errors import StoreError
from aimon.intake.collector import Inbox
from aimon.intake.delivery import Delivery, Sorting
from aimon.intake.facts import Facts
from aimon.intake.group_commit import FullError, GroupCommit
from aimon.store import Store, inbox, open_store

DAY = date(2026, 11, 20)


class Counting:
    """An observer that counts what it is told, and may be told to fail."""

    def __init__(self) -> None:
        self.kept = 0
        self.accepted_rows = 0
        self.writes = 0
        self.fails = False
        self.pending = False

    def keep(self, connection: Connection, model: str, facts: Sequence[Facts]) -> None:
        if self.fails:
            raise StoreError("the database is away")
        self.kept += len(facts)

    def accepted(self, model: str, facts: Sequence[Facts]) -> None:
        self.accepted_rows += len(facts)
        self.pending = True

    def due(self) -> bool:
        return self.pending

    def write(self, connection: Connection) -> None:
        self.writes += 1

    def wrote(self) -> None:
        self.pending = False


def delivery(*names: str, model: str = "loans") -> Delivery:
    sorting = Sorting()
    for name in names:
        sorting.add(model, DAY, (name, 0, "1", {"x": 1}, {"sex": name}), Facts("1", 0))
    return Delivery(parts=list(sorting.parts()), repeated=sorting.repeated)


@pytest.fixture
def observer() -> Counting:
    return Counting()


@pytest.fixture
def writer(store: Store, observer: Counting) -> Iterator[GroupCommit]:
    opened = GroupCommit(store, observer)
    yield opened
    opened.close()


def test_a_delivery_is_done_when_it_is_on_disk(writer: GroupCommit, store: Store, observer: Counting) -> None:
    done = writer.submit(delivery("a", "b", "a")).result(30)

    assert (done.rows, done.repeated, done.known) == (2, 1, 0)
    with store.session() as connection:
        assert inbox.count(connection, "loans") == 2
    assert observer.kept == observer.accepted_rows == 2


def test_of_senders_of_the_same_rows_one_brought_them(writer: GroupCommit, store: Store) -> None:
    futures = [writer.submit(delivery("a", "b", f"own {number}")) for number in range(20)]
    done = [future.result(30) for future in futures]

    assert sum(each.rows - each.known for each in done) == 22
    assert sorted(Inbox(store.engine, "loans").rows(["id"]).read_all()["id"].to_pylist()) == sorted(
        ["a", "b", *(f"own {number}" for number in range(20))]
    )


def test_writers_of_several_processes_keep_each_prediction_once(store: Store, database_url: str) -> None:
    def pour(target: GroupCommit, brought: list[int]) -> None:
        futures = [target.submit(delivery(*(f"{number * 5 + place}" for place in range(10)))) for number in range(40)]
        brought += [done.rows - done.known for done in (future.result(60) for future in futures)]

    with open_store(database_url) as other:
        writers = [GroupCommit(store, Counting()), GroupCommit(other, Counting())]
        brought: list[list[int]] = [[], []]
        threads = [threading.Thread(target=pour, args=pair) for pair in zip(writers, brought, strict=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for each in writers:
            each.close()

    assert sum(map(sum, brought)) == 205
    ids = Inbox(store.engine, "loans").rows(["id"]).read_all()["id"].to_pylist()
    assert sorted(ids, key=int) == [str(number) for number in range(205)]


def test_a_commit_that_fails_is_told_and_kept_nothing(writer: GroupCommit, store: Store, observer: Counting) -> None:
    observer.fails = True
    with pytest.raises(StoreError, match="away"):
        writer.submit(delivery("a")).result(30)
    observer.fails = False

    assert writer.submit(delivery("a")).result(30).known == 0
    assert observer.accepted_rows == 1


def test_more_than_may_wait_is_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    hold, held = threading.Event(), threading.Event()

    class Slow(Counting):
        def keep(self, connection: Connection, model: str, facts: Sequence[Facts]) -> None:
            held.set()
            hold.wait(30)

    monkeypatch.setattr("aimon.intake.group_commit.MOST_WAITING", 3)
    slow = GroupCommit(store, Slow())
    first = slow.submit(delivery("a", "b"))
    held.wait(30)
    with pytest.raises(FullError):
        slow.submit(delivery("c", "d"))
    hold.set()
    assert first.result(30).rows == 2
    slow.close()
    with pytest.raises(FullError):
        slow.submit(delivery("late"))


def test_what_waits_is_written_at_the_end(store: Store, observer: Counting) -> None:
    opened = GroupCommit(store, observer)
    futures = [opened.submit(delivery(f"{number}")) for number in range(50)]
    opened.close()

    assert all(future.done() for future in futures)
    with store.session() as connection:
        assert inbox.count(connection) == 50

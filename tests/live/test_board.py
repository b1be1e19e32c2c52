"""What several workers counted, read by one of them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from aimon.intake.facts import Facts
from aimon.live.board import Board
from aimon.live.monitor import LiveMonitor
from aimon.spec.model import ModelSpec
from aimon.store import Store, live

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
AT = int(NOW.timestamp() * 1e6)
SPEC = ModelSpec.model_validate(
    {
        "model": "chat",
        "task": "generative",
        "columns": {"prediction": "answer"},
        "budget": {"daily": "1.00", "weekly": 10},
        "prices": [{"since": "2026-01-01", "input": 3, "output": 15}],
    }
)


@pytest.fixture(autouse=True)
def _stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIMON_NOW", NOW.isoformat())


def count(store: Store, worker: LiveMonitor, facts: Sequence[Facts]) -> None:
    """What the writer does with a group."""
    with store.transaction() as connection:
        worker.keep(connection, "chat", facts)
    worker.accepted("chat", facts)
    with store.transaction() as connection:
        worker.write(connection)
    worker.wrote()


def test_the_board_adds_up_all_workers(store: Store) -> None:
    one, other, board = LiveMonitor(), LiveMonitor(), Board(store)
    count(store, one, [Facts("1", AT, "a", tokens=10, cost=Decimal("0.30"))] * 20)
    assert board.look() == {("chat", "1")}
    assert board.look() == set()
    count(store, other, [Facts("1", AT, "b", failed=True, cost=Decimal("0.01"))] * 20)
    assert board.look() == {("chat", "1")}

    told = board.message(("chat", "1"), SPEC)
    assert (told["total"], told["calls"], told["errors"]) == (40, 40, 20)
    assert told["classes"] == {"a": 20, "b": 20}
    assert (told["health"], told["reason"]) == ("unhealthy", "errors in 50.0% of 40 calls (limit 5%)")
    assert told["cost_usd"] == "6.200000"
    assert told["today"] == {
        "calls": 40,
        "errors": 20,
        "tokens": 200,
        "cost_usd": "6.200000",
        "unpriced_calls": 0,
        "budget_usd": "1.00",
        "budget_used": pytest.approx(6.2),
        "budget": "spent",
    }
    assert told["week"]["budget"] == "ok"


def test_a_worker_that_starts_later_sees_what_others_counted(store: Store) -> None:
    count(store, LiveMonitor(), [Facts("1", AT)] * 3)
    late = Board(store)
    late.look()

    assert late.message(("chat", "1"), None)["total"] == 3


def test_what_a_day_used_is_exact_and_belongs_to_the_day_of_the_call(store: Store) -> None:
    yesterday = AT - 86_400_000_000
    worker = LiveMonitor()
    facts = [Facts("1", AT, cost=Decimal("0.000000001")), Facts("2", yesterday, tokens=5)]
    count(store, worker, facts)
    count(store, worker, facts)

    with store.session() as connection:
        today = live.used(connection, NOW.date(), NOW.date())["chat"]
        both = live.used(connection, NOW.date() - timedelta(days=1), NOW.date())["chat"]
    assert (today.calls, today.cost_nano_usd, today.unpriced_calls) == (2, 2, 0)
    assert (both.calls, both.tokens, both.unpriced_calls) == (4, 10, 2)


def test_a_thousand_versions_are_as_many_as_are_told_apart(store: Store) -> None:
    worker = LiveMonitor()
    worker.accepted("chat", [Facts(str(number), AT) for number in range(1_200)])
    with store.transaction() as connection:
        worker.write(connection)
    board = Board(store)
    board.look()

    assert len(list(board.keys())) == 1_001
    assert board.message(("chat", "other"), None)["total"] == 200


def test_workers_that_are_gone_are_forgotten(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    board = Board(store)
    count(store, LiveMonitor(), [Facts("1", AT)])
    board.look()
    monkeypatch.setenv("AIMON_NOW", (NOW + timedelta(hours=2)).isoformat())
    board.look()
    assert list(board.keys()) == []

    count(store, LiveMonitor(), [Facts("2", AT)])
    with store.session() as connection:
        assert [each.version for each in live.states(connection, NOW - timedelta(days=1))] == ["2"]

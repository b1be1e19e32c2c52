import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aimon.incident.channel import DeliveryError
from aimon.incident.delivery import GIVE_UP_AFTER, LEASE, LONGEST_DELAY, delay, deliver_pending
from aimon.incident.file_channel import FileChannel
from aimon.incident.routes import Routing
from aimon.incident.routing import route_pending
from aimon.store import Store, notices
from aimon.store.notices import Notice, Status

World = Any
NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)


class Receiver:
    """Takes notices, or answers with the errors it was given, in their order."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.taken: list[str] = []

    def send(self, notice: Notice) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.taken.append(notice.id)


@pytest.fixture
def noticed(world: World) -> World:
    """A world in which one notice waits."""
    world.drift("income")
    world.judge()
    return world


def only(store: Store) -> Notice:
    with store.session() as connection:
        (notice,) = notices.of_incident(connection, 1)
    return notice


def test_a_notice_is_delivered_once_and_marked(noticed: World, tmp_path: Path) -> None:
    channels = {"file": FileChannel(tmp_path / "outbox")}
    assert deliver_pending(noticed.store, channels) == 1
    assert deliver_pending(noticed.store, channels) == 0
    notice = only(noticed.store)
    assert (notice.status, notice.attempts, notice.delivered_at, notice.last_error) == ("delivered", 1, NOW, None)
    assert sorted(path.name for path in (tmp_path / "outbox").iterdir()) == [f"{notice.id}.json", f"{notice.id}.txt"]
    told = json.loads((tmp_path / "outbox" / f"{notice.id}.json").read_text())
    assert told == notice.payload
    assert told["id"] == notice.id
    text = (tmp_path / "outbox" / f"{notice.id}.txt").read_text()
    assert text == f"{notice.subject}\n2026-11-20T06:00:00Z, incident 1\n\n{notice.body}\n"


def test_a_second_delivery_replaces_the_first(noticed: World, tmp_path: Path) -> None:
    outbox = tmp_path / "outbox"
    outbox.mkdir()
    channel = FileChannel(outbox)
    notice = only(noticed.store)
    (outbox / f".{notice.id}.txt.part").write_text("left by a killed process")
    channel.send(notice)
    first = {path.name: path.read_bytes() for path in outbox.iterdir()}
    channel.send(notice)
    assert {path.name: path.read_bytes() for path in outbox.iterdir()} == first
    assert len(first) == 2


def test_a_refused_notice_is_tried_again_after_a_growing_delay(noticed: World, at: Callable[[datetime], None]) -> None:
    receiver = Receiver(DeliveryError("busy"), DeliveryError("busy again"))
    moment = NOW
    for attempt, said in ((1, "busy"), (2, "busy again")):
        assert deliver_pending(noticed.store, {"file": receiver}) == 0
        notice = only(noticed.store)
        assert (notice.status, notice.attempts, notice.last_error) == ("pending", attempt, said)
        assert notice.next_attempt_at == moment + delay(notice.id, attempt)
        assert deliver_pending(noticed.store, {"file": receiver}) == 0
        moment = notice.next_attempt_at
        at(moment)
    assert deliver_pending(noticed.store, {"file": receiver}) == 1
    assert only(noticed.store).last_error is None


def test_a_receiver_may_ask_for_more_patience(noticed: World) -> None:
    wish = timedelta(hours=5)
    deliver_pending(noticed.store, {"file": Receiver(DeliveryError("later", retry_after=wish))})
    assert only(noticed.store).next_attempt_at == NOW + wish


def test_a_permanent_refusal_is_not_tried_again(noticed: World) -> None:
    deliver_pending(noticed.store, {"file": Receiver(DeliveryError("no such address", permanent=True))})
    notice = only(noticed.store)
    assert (notice.status, notice.last_error) == ("dead", "no such address")
    with noticed.store.session() as connection:
        assert notices.count(connection) == {Status.DEAD: 1}


def test_a_notice_is_given_up_after_three_days(noticed: World, at: Callable[[datetime], None]) -> None:
    at(NOW + GIVE_UP_AFTER)
    deliver_pending(noticed.store, {"file": Receiver(DeliveryError("busy"))})
    assert only(noticed.store).status is Status.DEAD


def test_a_channel_that_does_not_exist_is_named_and_waited_for(noticed: World) -> None:
    assert deliver_pending(noticed.store, {}) == 0
    notice = only(noticed.store)
    assert (notice.status, notice.last_error) == ("pending", "no channel is called file")


def test_a_fault_of_a_channel_does_not_stop_the_other_notices(noticed: World) -> None:
    noticed.drift("income", model="fraud")
    noticed.judge(model="fraud")
    receiver = Receiver(KeyError("bug"))
    assert deliver_pending(noticed.store, {"file": receiver}) == 1
    with noticed.store.session() as connection:
        assert notices.count(connection) == {Status.PENDING: 1, Status.DELIVERED: 1}
    assert [notice.last_error for number in (1, 2) for notice in noticed.notices(number) if notice.last_error] == [
        "KeyError: 'bug'"
    ]


def test_a_folder_that_cannot_be_written_to_is_named_and_waited_for(noticed: World, tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file where the folder should be")
    deliver_pending(noticed.store, {"file": FileChannel(tmp_path / "outbox")})
    assert only(noticed.store).last_error == f"{tmp_path}/outbox cannot be written to: File exists"


def test_a_notice_that_was_lent_out_and_never_confirmed_is_due_again(
    noticed: World, at: Callable[[datetime], None]
) -> None:
    receiver = Receiver()
    route_pending(noticed.store, Routing())
    with noticed.store.transaction() as connection:
        (lent,) = notices.claim(connection, now=NOW, lease=LEASE, limit=10)
    assert lent.attempts == 1
    assert deliver_pending(noticed.store, {"file": receiver}) == 0
    at(NOW + LEASE)
    assert deliver_pending(noticed.store, {"file": receiver}) == 1
    assert receiver.taken == [lent.id]


def test_delivery_stops_when_its_time_is_up(noticed: World) -> None:
    assert deliver_pending(noticed.store, {"file": Receiver()}, seconds=0) == 0
    assert only(noticed.store).attempts == 0


def test_delays_double_up_to_an_hour_and_are_spread() -> None:
    for attempt in range(1, 12):
        full = min(timedelta(seconds=30) * 2 ** (attempt - 1), LONGEST_DELAY)
        waits = {delay(f"notice {number}", attempt) for number in range(50)}
        assert full / 2 <= min(waits) < max(waits) <= full
        assert len(waits) > 30
    assert delay("notice", 10_000) <= LONGEST_DELAY

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from aimon import clock
from aimon.errors import UserError
from aimon.incident import lifecycle, silences
from aimon.incident.routes import Routing
from aimon.incident.routing import route_pending

World = Any
DAY = date(2026, 11, 19)
NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
LONG_AGO = DAY - timedelta(days=100)


def opened(world: World, day: date = DAY) -> int:
    world.drift("income", day=day)
    world.judge(day=day)
    number: int = world.incidents()[-1].id
    return number


def kinds(world: World, incident_id: int) -> list[str]:
    return [event.kind for event in world.events(incident_id)]


def test_an_acknowledged_incident_says_who_and_when(world: World) -> None:
    number = opened(world)
    assert lifecycle.acknowledge(world.store, number, by=" ann ", note="asking the bureau")
    (incident,) = world.incidents()
    assert (incident.status, incident.acknowledged_at) == ("acknowledged", NOW)
    event = world.events(number)[-1]
    assert (event.kind, event.actor, event.detail) == ("acknowledged", "ann", {"text": "asking the bureau"})
    notice = world.notices(number)[-1]
    assert notice.subject.startswith("[acknowledged] loans: income drifted")
    assert notice.body.endswith("\nAcknowledged by ann at 2026-11-20T06:00:00Z: asking the bureau")


def test_what_is_done_already_changes_nothing(world: World) -> None:
    number = opened(world)
    assert not lifecycle.reopen(world.store, number, by="ann")
    assert [lifecycle.acknowledge(world.store, number, by=name) for name in ("ann", "bob")] == [True, False]
    assert [lifecycle.resolve(world.store, number, by=name) for name in ("ann", "bob")] == [True, False]
    assert kinds(world, number) == ["opened", "acknowledged", "resolved"]


def test_new_findings_leave_an_acknowledged_incident_acknowledged(world: World) -> None:
    number = opened(world)
    lifecycle.acknowledge(world.store, number, by="ann")
    assert opened(world, DAY + timedelta(days=1)) == number
    assert world.incidents()[0].status == "acknowledged"


def test_a_resolved_incident_is_reopened_before_it_is_acknowledged(
    world: World, at: Callable[[datetime], None]
) -> None:
    number = opened(world)
    lifecycle.resolve(world.store, number, by="ann", reason="the bureau mended it")
    assert (world.incidents()[0].status, world.incidents()[0].resolved_at) == ("resolved", NOW)
    with pytest.raises(UserError, match="incident 1 is resolved; reopen it before it is acknowledged"):
        lifecycle.acknowledge(world.store, number, by="bob")
    at(NOW + timedelta(hours=1))
    assert lifecycle.reopen(world.store, number, by="bob", reason="still there")
    (incident,) = world.incidents()
    assert (incident.status, incident.resolved_at, incident.acknowledged_at) == ("open", None, None)
    assert kinds(world, number) == ["opened", "resolved", "reopened"]


def test_an_incident_whose_cause_has_a_later_one_stays_resolved(world: World, at: Callable[[datetime], None]) -> None:
    number = opened(world)
    lifecycle.resolve(world.store, number, by="ann")
    at(NOW + timedelta(days=60))
    later = opened(world, DAY + timedelta(days=60))
    assert later != number
    with pytest.raises(UserError, match=f"incident {later} is about the same cause as {number} and is not resolved"):
        lifecycle.reopen(world.store, number, by="ann")


def test_a_comment_is_a_line_of_history_and_tells_nobody(world: World) -> None:
    number = opened(world)
    line = lifecycle.comment(world.store, number, by="ann", text=" see \0ticket 7\n")
    event = world.events(number)[-1]
    assert (event.id, event.kind, event.detail) == (line, "commented", {"text": "see ticket 7"})
    assert len(world.notices(number)) == 1


def test_a_historic_incident_is_resolved_in_silence(world: World) -> None:
    number = opened(world, LONG_AGO)
    assert lifecycle.resolve(world.store, number, by="ann")
    assert world.notices(number) == []


@pytest.mark.parametrize(
    ("act", "sentence"),
    [
        (
            lambda store: lifecycle.resolve(store, 7, by="ann"),
            "there is no incident 7; list them to see which there are",
        ),
        (lambda store: lifecycle.resolve(store, 1, by=" \0"), "names who did it, in 1 to 200 characters"),
        (lambda store: lifecycle.comment(store, 1, by="ann", text=" "), "a comment needs words"),
        (lambda store: lifecycle.comment(store, 1, by="ann", text="x" * 10_001), "10,001 characters; .* takes 10,000"),
    ],
)
def test_mistakes_are_one_sentence(world: World, act: Callable[[Any], object], sentence: str) -> None:
    opened(world)
    with pytest.raises(UserError, match=sentence):
        act(world.store)
    assert kinds(world, 1) == ["opened"]


def test_an_incident_is_assigned_to_somebody(world: World) -> None:
    world.drift("income")
    world.judge()
    assert lifecycle.assign(world.store, 1, to="ben", by="ann")
    assert not lifecycle.assign(world.store, 1, to="ben", by="ann")
    assert world.incidents()[0].assignee == "ben"
    event = world.events(1)[-1]
    assert (event.kind, event.actor, event.detail["to"]) == ("assigned", "ann", "ben")


def test_an_incident_is_silenced_by_its_cause(world: World) -> None:
    world.drift("income")
    world.judge()
    until = clock.now() + timedelta(days=2)
    number = lifecycle.silence(world.store, 1, until=until, reason="known", by="ann")
    (kept,) = silences.list_silences(world.store)
    assert (kept.id, kept.ends_at, kept.author) == (number, until, "ann")
    assert kept.matchers == {"model": ["loans"], "cause": ["drift|loans|income"]}
    event = world.events(1)[-1]
    assert (event.kind, event.detail["silence"]) == ("silenced", number)
    assert route_pending(world.store, Routing()) == 1
    assert world.notices(1)[0].channel == ""

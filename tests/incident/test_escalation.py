"""Escalation: who is told when nobody answers, when, and how often."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from aimon.incident import lifecycle
from aimon.incident.delivery import deliver_pending
from aimon.incident.routes import Routing
from aimon.incident.silences import add_silence
from aimon.spec.settings import Settings
from aimon.store.notices import Notice
from aimon.verdict.record import Verdict

World = Any
At = Callable[[datetime], None]
DAY = date(2026, 11, 19)
NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
CHANNELS = {"team": {"kind": "slack", "url": "$SLACK"}, "pager": {"kind": "pagerduty", "routing_key": "$KEY"}}
ROUTES = [{"to": "team", "escalate_after": "2h", "escalate_to": "pager"}]


class Receiver:
    def __init__(self) -> None:
        self.taken: list[Notice] = []

    def send(self, notice: Notice) -> None:
        self.taken.append(notice)


@pytest.fixture
def team() -> Receiver:
    return Receiver()


@pytest.fixture
def pager() -> Receiver:
    return Receiver()


@pytest.fixture
def tick(world: World, at: At, team: Receiver, pager: Receiver) -> Callable[..., list[str]]:
    """Some hours later, one delivery; gives what the pager was told of."""

    def deliver(hours: float, **settings: Any) -> list[str]:
        at(NOW + hours * HOUR)
        declared = Settings.model_validate(
            {
                "channels": CHANNELS,
                "routes": ROUTES,
                **settings,
                "notices": {"warn_after": 1, **settings.get("notices", {})},
            }
        )
        deliver_pending(world.store, {"team": team, "pager": pager}, Routing.declared(declared, {}))
        return [str(notice.payload["kind"]) for notice in pager.taken]

    return deliver


def alarm(world: World, verdict: Verdict = Verdict.WARNING, day: date = DAY) -> None:
    world.drift("income", day=day, verdict=verdict)
    world.judge(day=day)


def test_what_nobody_acknowledges_is_told_to_others_once(world: World, tick: Callable[..., list[str]]) -> None:
    alarm(world)
    assert tick(0) == []
    assert tick(1.9) == []
    assert tick(2) == ["escalated"]
    assert tick(9) == ["escalated"]
    assert [event.kind for event in world.events(1)] == ["opened", "escalated"]
    assert world.events(1)[-1].detail == {"to": ["pager"], "after": "2h"}


def test_an_escalation_says_what_happened(world: World, tick: Callable[..., list[str]], pager: Receiver) -> None:
    alarm(world)
    tick(0)
    tick(3)
    (notice,) = pager.taken
    assert notice.subject == "[escalated] loans: income drifted (PSI 0.31, limit 0.25)"
    assert "\nNobody has acknowledged it for 3h.\nOn 2026-11-19 the drift check" in notice.body
    assert notice.payload["families"] == ["drift"]


def test_what_was_acknowledged_or_is_over_is_not_escalated(world: World, tick: Callable[..., list[str]]) -> None:
    alarm(world)
    tick(0)
    lifecycle.acknowledge(world.store, 1, by="ann")
    assert "escalated" not in tick(3)
    lifecycle.resolve(world.store, 1, by="ann")
    assert "escalated" not in tick(6)


def test_when_it_gets_worse_the_time_begins_anew(world: World, tick: Callable[..., list[str]], at: At) -> None:
    alarm(world)
    tick(0)
    tick(3)
    at(NOW + 24 * HOUR)
    alarm(world, Verdict.CRITICAL, DAY + timedelta(days=1))
    assert tick(24).count("escalated") == 1
    assert tick(25).count("escalated") == 1
    assert tick(26).count("escalated") == 2


def test_a_silence_is_not_answered_for(world: World, tick: Callable[..., list[str]]) -> None:
    alarm(world)
    tick(0)
    add_silence(world.store, {"model": "loans"}, until=NOW + 5 * HOUR, reason="known", author="ann")
    assert tick(3) == []
    assert tick(6) == ["escalated"]


def test_the_time_runs_from_when_people_could_hear_of_it(world: World, tick: Callable[..., list[str]]) -> None:
    alarm(world)
    night = {"calendars": {"night": {"from": "00:00", "to": "10:00"}}, "notices": {"quiet": "night"}}
    assert tick(0, **night) == []
    assert tick(3, **night) == []
    assert tick(4, **night) == []
    assert tick(6, **night) == ["escalated"]


def test_the_past_is_not_escalated(world: World, tick: Callable[..., list[str]]) -> None:
    alarm(world, day=DAY - timedelta(days=30))
    tick(0)
    assert tick(9) == []


def test_a_notice_links_what_there_is_to_read(world: World, tick: Callable[..., list[str]], team: Receiver) -> None:
    world.drift("income")
    world.judge(metadata={"data_version": "ab12"})
    tick(0, lake_url="s3://lake", notices={"runbooks": {"drift": "https://wiki.example.org/drift"}})
    (notice,) = team.taken
    assert notice.payload["runbook"] == "https://wiki.example.org/drift"
    assert notice.payload["report"] == "s3://lake/reports/model=loans/date=2026-11-19/report.html"
    assert notice.payload["data_version"] == "ab12"
    assert world.events(1)[0].detail["data_version"] == "ab12"

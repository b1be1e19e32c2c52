from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from aimon import clock
from aimon.errors import UserError
from aimon.incident import outbox
from aimon.incident.channel import DeliveryError
from aimon.incident.delivery import FAILURES_BEFORE_REST, deliver_pending
from aimon.incident.routes import Routing
from aimon.incident.routing import route_pending
from aimon.incident.silences import add_silence, end_silence, list_silences
from aimon.spec.routes import NoticeRules
from aimon.spec.settings import Settings
from aimon.store import channels as states
from aimon.store import incidents, notices
from aimon.store.notices import Notice, Status
from aimon.verdict.record import Family, Record, Verdict

World = Any
At = Callable[[datetime], None]
DAY = date(2026, 11, 19)
NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)
CHANNELS = {
    "team": {"kind": "slack", "url": "$SLACK_URL"},
    "mail": {"kind": "email", "host": "mx.example.org", "from": "a@example.org", "to": ["b@example.org"]},
    "pager": {"kind": "pagerduty", "routing_key": "$PAGERDUTY_KEY"},
}


class Receiver:
    """Takes notices, or answers with an error as long as it has one."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.tried = 0
        self.taken: list[Notice] = []

    def send(self, notice: Notice) -> None:
        self.tried += 1
        if self.error is not None:
            raise self.error
        self.taken.append(notice)


PROMPT = Routing(rules=NoticeRules(warn_after=1))
"""Without channels, and without waiting to see whether a drift lasts."""


def routing(**settings: Any) -> Routing:
    """Three channels; a drift is told on its first day unless the settings speak of that."""
    settings["notices"] = {"warn_after": 1, **settings.get("notices", {})}
    return Routing.declared(Settings.model_validate({"channels": CHANNELS, **settings}), {})


def where(world: World, incident_id: int = 1) -> list[tuple[str, str]]:
    return [(notice.channel, notice.status.value) for notice in world.notices(incident_id)]


def event(world: World, kind: str, incident_id: int = 1) -> None:
    """Something happens to the incident, and a notice says so."""
    moment = clock.now()
    with world.store.transaction() as connection:
        incident = incidents.get(connection, incident_id)
        assert incident is not None
        if kind == "resolved":
            incidents.resolve(connection, incident_id, at=moment)
        number = incidents.add_event(
            connection, incident_id, kind, at=moment, actor="ann", evaluation_key=None, detail={}
        )
        outbox.put_event(connection, incident, event_id=number, said=f"It was {kind}.", at=moment)


def alarm(
    world: World,
    *,
    verdict: Verdict = Verdict.CRITICAL,
    column: str = "income",
    model: str = "loans",
    day: date = DAY,
    window: str = "1d",
) -> None:
    world.drift(column, verdict=verdict, model=model, day=day, window=window)
    world.judge(model=model, day=day)


def test_a_critical_notice_becomes_one_for_each_channel_with_an_id_of_its_own(world: World) -> None:
    alarm(world)
    assert where(world) == [("", "pending")]
    assert route_pending(world.store, routing()) == 1
    assert route_pending(world.store, routing()) == 0
    told = world.notices(1)
    assert where(world) == [("mail", "pending"), ("pager", "pending"), ("team", "pending")]
    assert len({notice.id for notice in told}) == 3
    assert all(notice.payload["id"] == notice.id for notice in told)
    assert {notice.body for notice in told} == {told[0].body}
    assert {notice.payload["kind"] for notice in told} == {"opened"}


def test_a_warning_goes_to_the_chat_at_once_and_into_the_mail_of_the_next_morning(world: World, at: At) -> None:
    for model in ("loans", "fraud"):
        alarm(world, verdict=Verdict.WARNING, model=model)
    receivers = {"team": Receiver(), "mail": Receiver()}
    assert deliver_pending(world.store, receivers, routing()) == 2
    assert receivers["mail"].taken == []
    at(NOW + 2 * HOUR)
    assert deliver_pending(world.store, receivers, routing()) == 2
    (digest,) = receivers["mail"].taken
    assert digest.subject == "[digest] 2 notices about 2 models: 2 warning"
    assert digest.id.startswith("digest-")
    assert "loans: income drifted" in digest.body
    assert "fraud: income drifted" in digest.body
    assert len(digest.payload["notices"]) == 2
    assert {status for number in (1, 2) for _, status in where(world, number)} == {"delivered"}


def test_a_digest_that_fails_is_tried_again_whole(world: World, at: At) -> None:
    alarm(world, verdict=Verdict.WARNING)
    receivers = {"team": Receiver(), "mail": Receiver(DeliveryError("busy"))}
    at(NOW + HOUR)
    deliver_pending(world.store, receivers, routing())
    at(NOW + 2 * HOUR)
    assert deliver_pending(world.store, receivers, routing()) == 0
    (waiting,) = [notice for notice in world.notices(1) if notice.channel == "mail"]
    assert (waiting.status, waiting.last_error, waiting.attempts) == (Status.DIGEST, "busy", 1)
    at(NOW + 3 * HOUR)
    receivers["mail"].error = None
    assert deliver_pending(world.store, receivers, routing()) == 1


def test_a_route_to_nobody_is_written_down(world: World) -> None:
    alarm(world)
    route_pending(world.store, routing(routes=[{"to": []}]))
    (notice,) = world.notices(1)
    assert (notice.status, notice.last_error) == (Status.WITHHELD, "no channel was to hear of it")


@pytest.mark.parametrize(("later", "statuses"), [(5 * HOUR, ["withheld"]), (7 * HOUR, ["delivered"])])
def test_the_same_cause_is_not_told_again_within_six_hours(
    world: World, at: At, later: timedelta, statuses: list[str]
) -> None:
    alarm(world, verdict=Verdict.WARNING)
    receivers = {"file": Receiver()}
    deliver_pending(world.store, receivers, PROMPT)
    with world.store.transaction() as connection:
        incidents.resolve(connection, 1, at=NOW)
    at(NOW + later)
    alarm(world, verdict=Verdict.WARNING, day=DAY + timedelta(days=1))
    deliver_pending(world.store, receivers, PROMPT)
    assert [status for _, status in where(world)] == ["delivered", *statuses]
    if statuses == ["withheld"]:
        assert world.notices(1)[1].last_error == "the same cause was told at 2026-11-20T06:00:00Z"


def test_a_rise_in_severity_always_goes_through(world: World, at: At) -> None:
    alarm(world, verdict=Verdict.WARNING)
    receivers = {"file": Receiver()}
    deliver_pending(world.store, receivers, PROMPT)
    with world.store.transaction() as connection:
        incidents.resolve(connection, 1, at=NOW)
    at(NOW + HOUR)
    alarm(world, verdict=Verdict.CRITICAL, day=DAY + timedelta(days=1))
    assert deliver_pending(world.store, receivers, PROMPT) == 1
    assert where(world) == [("file", "delivered")] * 2


def test_who_was_told_that_all_is_well_is_told_when_it_is_not(world: World, at: At) -> None:
    alarm(world)
    receivers = {"file": Receiver()}
    deliver_pending(world.store, receivers, PROMPT)
    event(world, "resolved")
    deliver_pending(world.store, receivers, PROMPT)
    at(NOW + HOUR)
    alarm(world, day=DAY + timedelta(days=1))
    assert deliver_pending(world.store, receivers, PROMPT) == 1
    assert [notice.payload["kind"] for notice in receivers["file"].taken] == ["opened", "resolved", "reopened"]


def test_an_escalation_within_the_window_goes_through(world: World, at: At) -> None:
    alarm(world)
    receivers = {"file": Receiver()}
    deliver_pending(world.store, receivers, PROMPT)
    at(NOW + HOUR)
    event(world, "escalated")
    assert deliver_pending(world.store, receivers, PROMPT) == 1


def test_only_who_heard_of_an_incident_hears_of_its_end(world: World) -> None:
    alarm(world)
    only_team = routing(routes=[{"to": ["team", "pager"]}])
    receivers = {name: Receiver() for name in CHANNELS}
    deliver_pending(world.store, receivers, only_team)
    event(world, "acknowledged")
    event(world, "resolved")
    deliver_pending(world.store, receivers, routing())
    kinds = {name: [notice.payload["kind"] for notice in each.taken] for name, each in receivers.items()}
    assert kinds == {
        "team": ["opened", "resolved"],
        "mail": [],
        "pager": ["opened", "acknowledged", "resolved"],
    }


def test_the_end_of_an_incident_waits_for_its_beginning(world: World, at: At) -> None:
    alarm(world)
    receiver = Receiver(DeliveryError("busy"))
    deliver_pending(world.store, {"file": receiver}, PROMPT)
    event(world, "resolved")
    receiver.error = None
    assert deliver_pending(world.store, {"file": receiver}, PROMPT) == 0
    at(NOW + HOUR)
    assert deliver_pending(world.store, {"file": receiver}, PROMPT) == 2
    assert [notice.payload["kind"] for notice in receiver.taken] == ["opened", "resolved"]


def test_a_notice_knows_every_severity_its_incident_had(world: World) -> None:
    alarm(world, verdict=Verdict.WARNING)
    alarm(world, verdict=Verdict.CRITICAL)
    assert [notice.payload["severities"] for notice in world.notices(1)] == [["warning"], ["critical", "warning"]]


def test_quiet_hours_let_only_critical_notices_through(world: World, at: At) -> None:
    quiet = {"calendars": {"night": {"from": "20:00", "to": "09:00"}}, "notices": {"quiet": "night"}}
    alarm(world, verdict=Verdict.WARNING, model="fraud")
    alarm(world, verdict=Verdict.CRITICAL)
    receivers = {name: Receiver() for name in CHANNELS}
    deliver_pending(world.store, receivers, routing(**quiet))
    assert [notice.payload["model"] for notice in receivers["team"].taken] == ["loans"]
    at(NOW + 3 * HOUR)
    deliver_pending(world.store, receivers, routing(**quiet))
    assert [notice.payload["model"] for notice in receivers["team"].taken] == ["loans", "fraud"]


def test_a_silence_holds_back_what_fits_and_lets_it_go_when_it_ends(world: World, at: At) -> None:
    number = add_silence(world.store, {"model": "loans"}, until=NOW + HOUR, reason="migration", author="ann")
    alarm(world)
    alarm(world, model="fraud")
    receivers = {"file": Receiver()}
    deliver_pending(world.store, receivers, PROMPT)
    assert [notice.payload["model"] for notice in receivers["file"].taken] == ["fraud"]
    (held,) = world.notices(1)
    assert (held.status, held.last_error) == (
        Status.PENDING,
        "silenced until 2026-11-20T07:00:00Z by ann: migration",
    )
    assert [silence.id for silence in list_silences(world.store)] == [number]
    at(NOW + HOUR)
    deliver_pending(world.store, receivers, PROMPT)
    assert [notice.payload["model"] for notice in receivers["file"].taken] == ["fraud", "loans"]
    assert list_silences(world.store) == []
    assert len(list_silences(world.store, ended=True)) == 1


def test_what_was_resolved_during_a_silence_is_not_told_afterwards(world: World, at: At) -> None:
    add_silence(world.store, {"model": "loans"}, until=NOW + HOUR, reason="migration", author="ann")
    alarm(world)
    receivers = {"file": Receiver()}
    deliver_pending(world.store, receivers, PROMPT)
    event(world, "resolved")
    at(NOW + 2 * HOUR)
    deliver_pending(world.store, receivers, PROMPT)
    assert receivers["file"].taken == []
    assert [notice.last_error for notice in world.notices(1)] == [
        "the incident was resolved before the notice could go out",
        "no channel was to hear of it",
    ]


def test_after_a_silence_only_the_latest_of_an_incident_is_told(world: World, at: At) -> None:
    add_silence(world.store, {"model": "loans"}, until=NOW + HOUR, reason="migration", author="ann")
    alarm(world, verdict=Verdict.WARNING)
    receivers = {"file": Receiver()}
    deliver_pending(world.store, receivers, PROMPT)
    alarm(world, verdict=Verdict.CRITICAL)
    at(NOW + 2 * HOUR)
    deliver_pending(world.store, receivers, PROMPT)
    assert [notice.severity for notice in receivers["file"].taken] == ["critical"]
    assert world.notices(1)[0].last_error == "a later notice of the incident takes its place"


def test_a_silence_ended_early_lets_go_at_once(world: World) -> None:
    number = add_silence(world.store, {"severity": ["critical"]}, until=NOW + HOUR, reason="oops", author="ann")
    alarm(world)
    receivers = {"file": Receiver()}
    assert deliver_pending(world.store, receivers, PROMPT) == 0
    end_silence(world.store, number, by="bob")
    assert deliver_pending(world.store, receivers, PROMPT) == 1
    with pytest.raises(UserError, match="no silence 1 holds now"):
        end_silence(world.store, number, by="bob")


def test_a_silence_of_warnings_does_not_hide_what_gets_critical(world: World) -> None:
    add_silence(world.store, {"severity": "warning"}, until=NOW + HOUR, reason="noise", author="ann")
    alarm(world, verdict=Verdict.WARNING)
    receivers = {"file": Receiver()}
    assert deliver_pending(world.store, receivers, PROMPT) == 0
    alarm(world, verdict=Verdict.CRITICAL)
    assert deliver_pending(world.store, receivers, PROMPT) == 1


def test_a_silence_that_has_not_begun_or_was_declared_in_yaml(world: World) -> None:
    add_silence(world.store, {"model": "loans"}, starts=NOW + HOUR, until=NOW + 2 * HOUR, reason="later", author="ann")
    declared = {"when": {"model": "fraud"}, "until": "2026-11-21", "reason": "noise", "author": "ann"}
    alarm(world)
    alarm(world, model="fraud")
    receivers = {"team": Receiver()}
    deliver_pending(world.store, receivers, routing(silences=[declared], routes=[{"to": "team"}]))
    assert [notice.payload["model"] for notice in receivers["team"].taken] == ["loans"]
    assert world.notices(2)[0].last_error == "silenced until 2026-11-21T00:00:00Z by ann: noise"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"when": {}}, "silence: when names nothing, so every notice would be held back; name at least a model"),
        ({"when": {"modl": "x"}}, "silence: when.modl: unknown key; did you mean 'model'?"),
        ({"reason": "  "}, "silence: reason: found an empty text; write something or remove the key"),
        ({"author": ""}, "silence: author: found an empty text; write something or remove the key"),
        (
            {"until": NOW - HOUR, "starts": NOW - 2 * HOUR},
            "silence: until 2026-11-20T05:00:00Z is over already; name a later instant",
        ),
        (
            {"until": NOW - HOUR},
            "silence: from 2026-11-20T06:00:00Z is not before until 2026-11-20T05:00:00Z; swap them",
        ),
        (
            {"until": NOW + timedelta(days=400)},
            "silence: nothing is silenced for more than a year; name an earlier end, or a route to nowhere",
        ),
    ],
)
def test_a_silence_that_makes_no_sense_is_refused(world: World, changes: dict[str, Any], said: str) -> None:
    given = {"when": {"model": "loans"}, "until": NOW + HOUR, "reason": "r", "author": "ann", **changes}
    with pytest.raises(UserError) as caught:
        add_silence(world.store, given.pop("when"), **given)
    assert str(caught.value) == said
    assert list_silences(world.store, ended=True) == []


def test_a_channel_that_fails_again_and_again_rests_and_takes_no_time_from_others(world: World, at: At) -> None:
    models = [f"m{number}" for number in range(8)]
    for model in models:
        alarm(world, model=model)
    bad, good = Receiver(DeliveryError("boom")), Receiver()
    routes = routing(routes=[{"to": ["team", "pager"]}])
    assert deliver_pending(world.store, {"team": bad, "pager": good}, routes) == 8
    assert bad.tried == FAILURES_BEFORE_REST
    with world.store.session() as connection:
        state = states.get(connection, "team")
    assert (state.failures, state.last_error) == (5, "boom")
    assert state.rests_until_at is not None
    at(state.rests_until_at - timedelta(seconds=1))
    deliver_pending(world.store, {"team": bad}, routes)
    assert bad.tried == FAILURES_BEFORE_REST
    at(state.rests_until_at)
    deliver_pending(world.store, {"team": bad}, routes)
    assert bad.tried == FAILURES_BEFORE_REST + 1  # one tries it, the others wait
    bad.error = None
    at(NOW + HOUR)
    assert deliver_pending(world.store, {"team": bad}, routes) == 8
    with world.store.session() as connection:
        assert states.get(connection, "team").failures == 0


def test_a_receiver_that_wants_patience_gets_it_for_all_its_notices(world: World, at: At) -> None:
    for model in ("loans", "fraud"):
        alarm(world, model=model)
    receiver = Receiver(DeliveryError("slow down", retry_after=timedelta(minutes=5)))
    deliver_pending(world.store, {"file": receiver}, PROMPT)
    assert receiver.tried == 1
    receiver.error = None
    at(NOW + timedelta(minutes=5))
    assert deliver_pending(world.store, {"file": receiver}, PROMPT) == 2


def test_a_channel_takes_no_more_a_minute_than_declared(world: World, at: At) -> None:
    for number in range(7):
        alarm(world, model=f"m{number}")
    slow = {**CHANNELS, "team": {**CHANNELS["team"], "per_minute": 4}}
    routes = routing(channels=slow, routes=[{"to": "team"}])
    receiver = Receiver()
    assert deliver_pending(world.store, {"team": receiver}, routes) == 2
    taken = [len(receiver.taken)]
    for second in range(10, 200, 10):
        at(NOW + timedelta(seconds=second))
        deliver_pending(world.store, {"team": receiver}, routes)
        taken.append(len(receiver.taken))
    assert taken[5] <= 4
    assert taken[-1] == 7
    assert all(notice.attempts == 1 for notice in receiver.taken)


def test_a_folder_takes_any_number_at_once(world: World) -> None:
    for number in range(40):
        alarm(world, model=f"m{number}")
    assert deliver_pending(world.store, {"file": Receiver()}, PROMPT) == 40


def test_a_channel_that_was_taken_out_of_the_file_is_named(world: World) -> None:
    alarm(world)
    route_pending(world.store, routing(routes=[{"to": "pager"}]))
    deliver_pending(world.store, {"team": Receiver()}, routing())
    assert world.notices(1)[0].last_error == "no channel is called pager"


def test_a_dead_notice_is_seen_in_the_history_listed_and_can_be_tried_again(world: World, at: At) -> None:
    alarm(world)
    receiver = Receiver(DeliveryError("no such address", permanent=True))
    deliver_pending(world.store, {"file": receiver}, PROMPT)
    history = world.events(1)
    assert (history[-1].kind, history[-1].detail["channel"], history[-1].detail["reason"]) == (
        "undelivered",
        "file",
        "no such address",
    )
    with world.store.session() as connection:
        (dead,) = notices.dead(connection)
    at(NOW + timedelta(days=5))
    receiver.error = DeliveryError("busy")
    with world.store.transaction() as connection:
        assert notices.revive(connection, dead.id, at=clock.now())
        assert not notices.revive(connection, dead.id, at=clock.now())
    deliver_pending(world.store, {"file": receiver}, PROMPT)
    assert world.notices(1)[0].status is Status.PENDING
    receiver.error = None
    at(NOW + timedelta(days=5, hours=1))
    assert deliver_pending(world.store, {"file": receiver}, PROMPT) == 1


PATIENT = Routing.declared(Settings.model_validate({"channels": CHANNELS}), {})
"""What holds where the settings say nothing of it: drift has to be found on two days."""


def odd_day(world: World, at: At, *, later: int, verdict: Verdict = Verdict.WARNING) -> None:
    """A day, so many after the first, that drifts by itself, or with the verdict `ok` does not."""
    day = DAY + timedelta(days=later)
    at(NOW + later * 24 * HOUR)
    if verdict.alarms:
        world.drift("income", day=day, verdict=verdict)
    else:
        calm = Record(family=Family.DRIFT, metric="psi", column="income", value=0.02, threshold=0.1, verdict=verdict)
        world.write([calm], family=Family.DRIFT, day=day)
    world.judge(day=day, passed=not verdict.alarms)


def test_a_warning_of_drift_is_told_once_it_lasts(world: World, at: At) -> None:
    odd_day(world, at, later=0)
    route_pending(world.store, PATIENT)
    assert where(world) == [("", "pending")]
    odd_day(world, at, later=1)
    route_pending(world.store, PATIENT)
    assert where(world) == [("mail", "digest"), ("team", "pending")]


def test_odd_days_with_clean_ones_between_do_not_last(world: World, at: At) -> None:
    odd_day(world, at, later=0)
    for later in range(1, 7):
        odd_day(world, at, later=later, verdict=Verdict.OK if later % 2 else Verdict.WARNING)
        route_pending(world.store, PATIENT)
    assert where(world) == [("", "pending")]


def test_a_day_on_the_edge_does_not_break_the_row(world: World, at: At) -> None:
    for later in range(4):
        odd_day(world, at, later=later, verdict=Verdict.WATCH if later % 2 else Verdict.WARNING)
    route_pending(world.store, PATIENT)
    assert where(world) == [("mail", "digest"), ("team", "pending")]


def test_a_warning_that_comes_back_has_to_last_again(world: World, at: At) -> None:
    for later in (0, 1):
        odd_day(world, at, later=later)
    for later in (2, 3, 4):
        odd_day(world, at, later=later, verdict=Verdict.OK)
    route_pending(world.store, PATIENT)
    told = 2 * [("mail", "digest"), ("team", "pending")]
    assert where(world) == told, "it lasted, and then it was over"
    odd_day(world, at, later=6)
    world.drift("income", day=DAY + timedelta(days=7), verdict=Verdict.WARNING, window="30d")
    at(NOW + 7 * 24 * HOUR)
    world.judge(day=DAY + timedelta(days=7))
    route_pending(world.store, PATIENT)
    assert [event.kind for event in world.events(1)].count("reopened") == 1
    assert where(world) == [*told, ("", "pending")], "one odd day and what a long window remembers are not enough"
    odd_day(world, at, later=8)
    route_pending(world.store, PATIENT)
    assert where(world) == [*told, ("mail", "digest"), ("team", "pending")]


def test_the_end_of_what_came_back_and_was_not_told_is_not_told(world: World, at: At) -> None:
    for later, verdict in enumerate("WWOOOWOOO"):
        odd_day(world, at, later=later, verdict=Verdict.WARNING if verdict == "W" else Verdict.OK)
        route_pending(world.store, PATIENT)
    kinds = [event.kind for event in world.events(1)]
    assert (kinds.count("reopened"), kinds.count("resolved")) == (1, 2)
    assert [status for _, status in where(world)].count("withheld") == 2, "that it came back, and its second end"
    assert [channel for channel, status in where(world) if status != "withheld"] == 2 * ["mail", "team"]


def test_what_a_longer_window_finds_lasts_already(world: World) -> None:
    alarm(world, verdict=Verdict.WARNING, window="7d")
    route_pending(world.store, PATIENT)
    assert where(world) == [("mail", "digest"), ("team", "pending")]


def test_what_lies_far_beyond_its_limit_does_not_wait(world: World) -> None:
    world.drift("income", verdict=Verdict.WARNING, value=0.5)
    world.judge()
    route_pending(world.store, PATIENT)
    assert where(world) == [("mail", "digest"), ("team", "pending")]


def test_only_drift_waits(world: World) -> None:
    slow = Record(
        family=Family.OPERATIONS, metric="latency_p95", value=1.4, threshold=1.0, low=1.2, verdict=Verdict.WARNING
    )
    world.write([slow], family=Family.OPERATIONS)
    world.judge(check="operations")
    route_pending(world.store, PATIENT)
    assert where(world) == [("mail", "digest"), ("team", "pending")]


def test_what_a_rule_of_the_user_finds_does_not_wait(world: World) -> None:
    found = Record(
        family=Family.DRIFT, metric="psi", column="income", value=0.2, threshold=0.1, verdict=Verdict.WARNING,
        rule="income-moves",
    )  # fmt: skip
    world.write([found], family=Family.DRIFT)
    world.judge()
    route_pending(world.store, PATIENT)
    assert where(world) == [("mail", "digest"), ("team", "pending")]


def test_a_warning_that_is_over_before_it_lasted_is_told_to_nobody(world: World, at: At) -> None:
    alarm(world, verdict=Verdict.WARNING)
    route_pending(world.store, PATIENT)
    at(NOW + 24 * HOUR)
    event(world, "resolved")
    route_pending(world.store, PATIENT)
    assert where(world) == [("", "withheld"), ("", "withheld")]


def test_what_is_critical_does_not_wait(world: World) -> None:
    alarm(world)
    route_pending(world.store, PATIENT)
    assert {channel for channel, _ in where(world)} == {"team", "mail", "pager"}

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from aimon.incident.failures import mended, report_failure, standing_failures
from aimon.incident.silence import Expectation, Watched, awaited, watch
from aimon.spec.model import Columns, ModelSpec, Task
from aimon.store import registry

World = Any
DAY = date(2026, 11, 19)
NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
DUE = NOW - timedelta(hours=2)


def expect(step: str, *, done: bool = False, day: date = DAY, model: str = "loans", due: datetime = DUE) -> Expectation:
    return Expectation(model=model, day=day, step=step, deadline=due, done=done)


def test_a_step_that_is_overdue_opens_one_incident_however_often_it_is_said(world: World) -> None:
    first = watch(world.store, [expect("profile"), expect("drift")])
    (incident,) = world.incidents()
    assert first == Watched(opened=(incident.id,), silent=("loans",))
    assert watch(world.store, [expect("profile"), expect("drift")]) == Watched(silent=("loans",))
    assert (incident.cause, incident.severity) == ("silence|loans|analysis", "critical")
    assert incident.title == "loans: analysis of 2026-11-19 is missing"
    assert [event.kind for event in world.events(incident.id)] == ["opened"]
    (notice,) = world.notices(incident.id)
    assert notice.body == (
        "loans was not analysed in time. "
        "The step drift of 2026-11-19 was due at 2026-11-20T04:00:00Z and is not done.\n"
        "Also: The step profile of 2026-11-19 was due at 2026-11-20T04:00:00Z and is not done.\n"
        "Next: see whether the Dagster daemon runs, its schedules are on, and the run queue moves."
    )


def test_the_incident_closes_when_the_last_step_has_come(world: World) -> None:
    (opened,) = watch(world.store, [expect("profile"), expect("drift")]).opened
    assert watch(world.store, [expect("profile", done=True), expect("drift")]) == Watched(silent=("loans",))
    assert awaited(world.store) == [("loans", DAY, "drift")]
    assert watch(world.store, [expect("drift", done=True)]) == Watched(closed=(opened,))
    (incident,) = world.incidents()
    assert (incident.status, incident.resolved_at) == ("resolved", NOW)
    assert [event.kind for event in world.events(opened)] == ["opened", "cleared", "cleared", "resolved"]
    assert awaited(world.store) == []


def test_what_is_done_or_not_yet_due_is_no_silence(world: World) -> None:
    later = NOW + timedelta(hours=1)
    assert watch(world.store, [expect("profile", done=True), expect("drift", due=later)]) == Watched()
    assert world.incidents() == []


def test_further_missing_days_continue_the_incident(world: World, at: Callable[[datetime], None]) -> None:
    watch(world.store, [expect("profile")])
    at(NOW + timedelta(days=1))
    tomorrow = DAY + timedelta(days=1)
    watch(world.store, [expect("profile"), expect("profile", day=tomorrow)])
    (incident,) = world.incidents()
    assert [event.kind for event in world.events(incident.id)] == ["opened", "continued"]
    assert (incident.first_day, incident.last_day) == (DAY, tomorrow)
    assert len(world.notices(incident.id)) == 1


def test_a_day_that_is_missing_again_opens_a_new_incident(world: World) -> None:
    watch(world.store, [expect("profile")])
    watch(world.store, [expect("profile", done=True)])
    watch(world.store, [expect("profile")])
    assert [incident.status for incident in world.incidents()] == ["resolved", "open"]
    assert awaited(world.store) == [("loans", DAY, "profile")]


@pytest.mark.parametrize("name", ["loans", "renamed"])
def test_a_model_that_is_retired_is_not_awaited_any_more(world: World, name: str) -> None:
    (opened,) = watch(world.store, [expect("profile")]).opened
    columns = Columns(prediction="decision")
    before = ModelSpec(model="loans", task=Task.BINARY, columns=columns)
    after = ModelSpec(model=name, task=Task.BINARY, columns=columns, formerly=("loans",), retired=True)
    with world.store.transaction() as connection:
        registry.declare(connection, before, file="models/loans.yaml", yaml_sha256="ab")
        registry.declare(connection, after, file="models/loans.yaml", yaml_sha256="cd")
    assert watch(world.store, []) == Watched(closed=(opened,))
    assert awaited(world.store) == []


def test_days_of_the_past_are_history(world: World) -> None:
    watch(world.store, [expect("profile", day=DAY - timedelta(days=30))])
    (incident,) = world.incidents()
    assert incident.historic
    assert world.notices(incident.id) == []


def test_each_model_is_silent_for_itself(world: World) -> None:
    seen = watch(world.store, [expect("profile", model="b"), expect("profile", model="a"), expect("drift", model="b")])
    assert seen.silent == ("a", "b")
    assert [incident.model for incident in world.incidents()] == ["a", "b"]


def test_people_hear_that_the_silence_is_over(world: World) -> None:
    (opened,) = watch(world.store, [expect("profile")]).opened
    watch(world.store, [expect("profile", done=True)])
    assert world.notices(opened)[-1].body.endswith("\nIt is over: nothing is missing any more.")


def test_a_day_that_is_missing_because_a_step_failed_is_no_second_incident(world: World) -> None:
    report_failure(world.store, model="loans", step="model_day", run_id="r1", message="no rows")
    assert watch(world.store, [expect("report")]) == Watched(silent=("loans",))
    (incident,) = world.incidents()
    assert (incident.kind, incident.severity) == ("failure", "critical")
    assert [event.kind for event in world.events(incident.id)] == ["opened", "worsened"]
    watch(world.store, [expect("report")])
    assert len(world.notices(incident.id)) == 2
    watch(world.store, [expect("report", done=True)])
    mended(world.store, standing_failures(world.store)[0])
    assert world.incidents()[0].status == "resolved"

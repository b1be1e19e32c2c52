"""Failed steps: one incident each, and its end once the step succeeded."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from aimon.incident.failures import mended, report_failure, standing_failures

World = Any
NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
PARTITIONS = ["2026-11-19|loans", "2026-11-18|loans"]


def fail(world: World, run: str, **fields: Any) -> None:
    told = {"model": "loans", "step": "model_day", "message": "no rows", "partitions": PARTITIONS} | fields
    report_failure(world.store, run_id=run, **told)


def test_what_failed_stands_with_the_partitions_that_were_left_undone(world: World) -> None:
    fail(world, "r1")
    (failure,) = standing_failures(world.store)
    assert (failure.model, failure.step, failure.day) == ("loans", "model_day", NOW.date())
    assert (failure.failed_at, failure.partitions) == (NOW, tuple(sorted(PARTITIONS)))


def test_a_step_that_succeeds_ends_its_incident_and_people_hear_of_it(world: World) -> None:
    fail(world, "r1")
    (failure,) = standing_failures(world.store)
    assert mended(world.store, failure)
    (incident,) = world.incidents()
    assert incident.status == "resolved"
    assert [event.kind for event in world.events(incident.id)] == ["opened", "cleared", "resolved"]
    assert world.notices(incident.id)[-1].body.endswith("\nIt is over: the step succeeded since.")
    assert standing_failures(world.store) == []
    assert not mended(world.store, failure)


def test_the_incident_ends_with_the_last_of_its_failures(world: World, at: Callable[[datetime], None]) -> None:
    fail(world, "r1")
    at(NOW + timedelta(days=1))
    fail(world, "r2", partitions=["2026-11-20|loans"])
    first, second = standing_failures(world.store)
    mended(world.store, second)
    assert world.incidents()[0].status == "open"
    mended(world.store, first)
    assert world.incidents()[0].status == "resolved"


def test_a_step_that_fails_again_reopens_its_incident(world: World) -> None:
    fail(world, "r1")
    mended(world.store, standing_failures(world.store)[0])
    fail(world, "r2")
    (incident,) = world.incidents()
    assert incident.status == "open"
    assert [event.kind for event in world.events(incident.id)][-1] == "reopened"
    assert len(standing_failures(world.store)) == 1

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from aimon.incident import lifecycle
from aimon.verdict.record import Family, Record, Verdict

World = Any
At = Callable[[datetime], None]
DAY = date(2026, 11, 19)
NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)


def after(days: int) -> date:
    return DAY + timedelta(days=days)


def clean(
    world: World, at: At, days: int, *, verdict: Verdict = Verdict.OK, late: int = 0, check: str = "drift"
) -> None:
    """The day is judged in its next morning, or later; income is as `verdict` says."""
    at(NOW + timedelta(days=days + late))
    told = Record(family=Family.DRIFT, metric="psi", column="income", value=0.05, threshold=0.25, verdict=verdict)
    if check == "drift":
        world.write([told], family=Family.DRIFT, day=after(days))
    world.judge(passed=True, check=check, day=after(days))


def opened(world: World) -> None:
    world.drift("income")
    world.judge()


def test_three_clean_days_resolve_an_incident_and_say_so(world: World, at: At) -> None:
    opened(world)
    for days in (1, 2):
        clean(world, at, days)
        clean(world, at, days, verdict=Verdict.WATCH)
        assert world.incidents()[0].status == "open"
    clean(world, at, 3)
    (incident,) = world.incidents()
    assert (incident.status, incident.resolved_at) == ("resolved", NOW + timedelta(days=3))
    event = world.events(1)[-1]
    assert (event.kind, event.actor) == ("resolved", "aimon")
    assert event.detail == {"reason": "not found on 2026-11-20, 2026-11-21, 2026-11-22"}
    notice = world.notices(1)[-1]
    assert notice.body.endswith("\nIt is over: not found on 2026-11-20, 2026-11-21, 2026-11-22.")


def test_an_acknowledged_incident_is_resolved_too(world: World, at: At) -> None:
    opened(world)
    lifecycle.acknowledge(world.store, 1, by="ann")
    for days in (1, 2, 3):
        clean(world, at, days)
    assert world.incidents()[0].status == "resolved"


def test_a_new_finding_starts_the_count_again(world: World, at: At) -> None:
    opened(world)
    clean(world, at, 1)
    clean(world, at, 2)
    world.drift("income", day=after(3))
    world.judge(day=after(3))
    clean(world, at, 4)
    clean(world, at, 5)
    assert world.incidents()[0].status == "open"
    clean(world, at, 6)
    assert world.incidents()[0].status == "resolved"


def test_days_judged_late_do_not_count(world: World, at: At) -> None:
    opened(world)
    for days in (1, 2, 3):
        clean(world, at, days, late=4)
    assert world.incidents()[0].status == "open"


def test_a_backfill_of_days_before_resolves_nothing(world: World, at: At) -> None:
    opened(world)
    for days in (-50, -49, -48, -2, -1):
        clean(world, at, days, late=-days)
    assert world.incidents()[0].status == "open"


@pytest.mark.parametrize("verdict", [Verdict.INSUFFICIENT, Verdict.NOT_ESTIMABLE])
def test_a_day_that_could_not_tell_does_not_count(world: World, at: At, verdict: Verdict) -> None:
    opened(world)
    clean(world, at, 1)
    clean(world, at, 2, verdict=verdict)
    clean(world, at, 3)
    assert world.incidents()[0].status == "open"
    clean(world, at, 4)
    assert world.incidents()[0].status == "resolved"


def test_another_check_does_not_speak_for_it(world: World, at: At) -> None:
    opened(world)
    for days in (1, 2, 3):
        clean(world, at, days, check="quality")
    assert world.incidents()[0].status == "open"


def test_a_check_that_failed_without_numbers_ends_when_it_passes(world: World, at: At) -> None:
    world.judge(check="quality", metadata={"description": "No rows arrived."})
    for days in (1, 2, 3):
        clean(world, at, days, check="quality")
    assert world.incidents()[0].status == "resolved"

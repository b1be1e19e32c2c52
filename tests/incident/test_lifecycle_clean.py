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
        clean(world, at, days, verdict=Verdict.WATCH)
        clean(world, at, days)
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


def test_a_value_that_hovers_at_its_limit_neither_ends_nor_begins_an_incident(world: World, at: At) -> None:
    opened(world)
    for days in range(1, 8):
        clean(world, at, days, verdict=Verdict.WATCH if days % 2 else Verdict.OK)
    assert [(incident.status, len(world.notices(1))) for incident in world.incidents()] == [("open", 1)]


def over(world: World, at: At, days: int, window: str, *, found: bool) -> None:
    """The day is calm by itself; the longer window that ends with it alarms or not."""
    at(NOW + timedelta(days=days))
    calm = Record(family=Family.DRIFT, metric="psi", column="income", value=0.01, threshold=0.25)
    alarm = Record(family=Family.DRIFT, metric="psi", column="income", value=0.3, verdict=Verdict.CRITICAL)
    world.write([calm], family=Family.DRIFT, day=after(days))
    world.write([alarm if found else calm], family=Family.DRIFT, day=after(days), window=window)
    world.judge(passed=not found, day=after(days))


def test_a_longer_window_that_looks_back_neither_keeps_an_incident_open_nor_reopens_it(world: World, at: At) -> None:
    opened(world)
    for days in range(1, 30):
        over(world, at, days, "30d", found=True)
    (incident,) = world.incidents()
    assert (incident.status, incident.resolved_at) == ("resolved", NOW + timedelta(days=3))
    kinds = [event.kind for event in world.events(1)]
    assert (kinds.count("echoed"), kinds.count("reopened")) == (26, 0)
    assert len(world.notices(1)) == 2


def test_what_only_a_longer_window_finds_keeps_its_incident_open(world: World, at: At) -> None:
    for days in range(1, 10):
        over(world, at, days, "30d", found=True)
    assert world.incidents()[0].status == "open"
    for days in range(10, 13):
        over(world, at, days, "30d", found=False)
    assert world.incidents()[0].status == "resolved"


def test_a_longer_window_that_holds_no_day_of_it_reopens_or_opens(world: World, at: At) -> None:
    opened(world)
    for days in range(1, 4):
        over(world, at, days, "7d", found=False)
    over(world, at, 8, "7d", found=True)
    assert [incident.status for incident in world.incidents()] == ["open"]
    assert [event.kind for event in world.events(1)][-1] == "reopened"

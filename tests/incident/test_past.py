"""What is about the past and what is about now: by when it could be known; and one incident where the past goes on."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from aimon.spec.model import ModelSpec
from aimon.store import registry
from aimon.verdict.record import Family, Maturity, Record, Verdict

World = Any
At = Callable[[datetime], None]
DAY = date(2026, 11, 19)
NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)


def ago(days: int) -> date:
    return DAY - timedelta(days=days)


def declare(world: World, horizon: str) -> None:
    spec = ModelSpec.model_validate(
        {"model": "loans", "task": "binary", "columns": {"prediction": "p", "label": "y"}, "label_horizon": horizon}
    )
    with world.store.transaction() as connection:
        registry.declare(connection, spec, file="models/loans.yaml", yaml_sha256="1")


def accuracy(world: World, day: date, verdict: Verdict, maturity: Maturity = Maturity.MATURE) -> None:
    record = Record(
        family=Family.PERFORMANCE, metric="accuracy", value=0.6, threshold=0.7, verdict=verdict, maturity=maturity
    )
    world.write([record], family=Family.PERFORMANCE, day=day)
    world.judge(check="performance", day=day, passed=not verdict.alarms)


def test_a_fall_of_performance_is_news_once_its_labels_had_their_time(world: World) -> None:
    declare(world, "30d")
    accuracy(world, ago(30), Verdict.CRITICAL)
    (incident,) = world.incidents()
    assert (incident.historic, len(world.notices(incident.id))) == (False, 1)


def test_a_fall_of_performance_that_could_be_known_long_ago_is_history(world: World) -> None:
    declare(world, "30d")
    accuracy(world, ago(40), Verdict.CRITICAL)
    (incident,) = world.incidents()
    assert (incident.historic, world.notices(incident.id)) == (True, [])


def test_drift_does_not_wait_for_labels(world: World) -> None:
    declare(world, "30d")
    world.drift("income", day=ago(30))
    world.judge(day=ago(30))
    assert world.incidents()[0].historic


def test_days_whose_labels_still_arrive_end_nothing(world: World, at: At) -> None:
    declare(world, "10d")
    accuracy(world, ago(10), Verdict.CRITICAL)
    for days in (9, 8, 7):
        accuracy(world, ago(days), Verdict.OK, Maturity.PROVISIONAL)
    assert world.incidents()[0].status == "open"
    for days in (9, 8, 7):
        at(NOW + timedelta(days=10 - days))
        accuracy(world, ago(days), Verdict.OK)
    assert world.incidents()[0].status == "resolved"


def test_a_backfill_up_to_today_is_one_incident_and_is_told_once(world: World) -> None:
    for days in range(20, -1, -1):
        world.drift("income", day=ago(days))
        world.judge(day=ago(days))
    (incident,) = world.incidents()
    assert (incident.historic, incident.first_day, incident.last_day) == (False, ago(20), DAY)
    kinds = [event.kind for event in world.events(incident.id)]
    assert (kinds[0], kinds.count("surfaced")) == ("opened", 1)
    (notice,) = world.notices(incident.id)
    assert "The incident spans 2026-10-30 to 2026-11-17." in notice.body


def test_a_backfill_from_today_backwards_is_one_incident_and_is_told_once(world: World) -> None:
    for days in range(21):
        world.drift("income", day=ago(days), verdict=Verdict.WARNING if days < 5 else Verdict.CRITICAL)
        world.judge(day=ago(days))
    (incident,) = world.incidents()
    assert (incident.historic, incident.severity, incident.first_day) == (False, "warning", ago(20))
    assert [event.kind for event in world.events(incident.id)][-1] == "backfilled"
    assert len(world.notices(incident.id)) == 1


@pytest.mark.parametrize("order", [(0, 12, 6), (12, 0, 6), (6, 12, 0), (12, 6, 0), (0, 6, 12), (6, 0, 12)])
def test_a_backfill_in_any_order_leaves_one_incident_of_a_cause_and_is_told_once(
    world: World, order: tuple[int, ...]
) -> None:
    for days in order:
        world.drift("income", day=ago(days))
        world.judge(day=ago(days))
    (standing,) = [each for each in world.incidents() if each.resolved_at is None]
    assert (standing.historic, standing.first_day, standing.last_day) == (False, ago(12), DAY)
    assert {finding.day for finding in world.findings(standing.id)} == {DAY, ago(6), ago(12)}
    assert sum(len(world.notices(each.id)) for each in world.incidents()) == 1


def test_the_incident_of_another_column_of_the_past_goes_on_with_its_members(world: World) -> None:
    world.drift("income", "age", day=ago(5))
    world.judge(day=ago(5))
    world.drift("income")
    world.judge()
    (incident,) = world.incidents()
    assert (incident.subject, incident.historic) == ("age", False)


def test_trouble_of_long_ago_stays_apart_from_that_of_today(world: World) -> None:
    world.drift("income", day=ago(60))
    world.judge(day=ago(60))
    world.drift("income")
    world.judge()
    assert [(each.historic, each.first_day) for each in world.incidents()] == [(True, ago(60)), (False, DAY)]


@pytest.mark.parametrize("key", ["loans", "never-declared"])
def test_a_model_that_declares_no_horizon_has_none(world: World, key: str) -> None:
    with world.store.session() as connection:
        assert registry.label_horizon(connection, key) == timedelta(0)

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from aimon.incident import lifecycle
from aimon.incident.cause import named
from aimon.verdict.record import Family, Record, Verdict

World = Any
At = Callable[[datetime], None]
DAY = date(2026, 11, 19)
NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)


def record(family: Family, metric: str, **fields: Any) -> Record:
    return Record(**{"family": family, "metric": metric, "value": 0.5, "threshold": 0.25} | alarming(fields))


def alarming(fields: dict[str, Any]) -> dict[str, Any]:
    return {"verdict": Verdict.CRITICAL, **fields}


def found(world: World, check: str, *told: Record, day: date = DAY, window: str = "1d") -> None:
    """These records are written over the family's of that day, and the check fails."""
    world.write(told, family=told[0].family, day=day, window=window)
    world.judge(check=check, day=day)


def causes(world: World) -> list[str]:
    return [incident.cause for incident in world.incidents()]


def psi(column: str | None, **fields: Any) -> Record:
    return record(Family.DRIFT, "psi", column=column, **fields)


def after(days: int) -> date:
    return DAY + timedelta(days=days)


def test_a_column_its_segments_metrics_and_windows_are_one_cause(world: World) -> None:
    found(
        world, "drift", psi("income"), psi("income", segment="channel=web"), record(Family.DRIFT, "ks", column="income")
    )
    found(world, "drift", psi("income"), window="30d")
    found(world, "drift", psi("income"), window="7d", day=after(5))
    (incident,) = world.incidents()
    assert incident.cause == "drift|loans|income"
    assert len(world.findings(incident.id)) == 5
    assert len(world.notices(incident.id)) == 1


def test_columns_that_begin_on_the_same_day_or_the_next_are_one_cause(world: World) -> None:
    found(world, "drift", psi("income"), psi("age"))
    found(world, "drift", psi("region"), day=after(1))
    found(world, "drift", psi("region"), psi("income"), psi(None), day=after(2))
    assert causes(world) == ["drift|loans|age", "drift|loans|the model"]
    assert [len(world.findings(number)) for number in (1, 2)] == [5, 1]


def test_a_column_that_begins_later_is_a_cause_of_its_own(world: World) -> None:
    found(world, "drift", psi("income"))
    found(world, "drift", psi("income"), psi("age"), day=after(2))
    found(world, "drift", psi("income"), psi("age"), day=after(9))
    assert causes(world) == ["drift|loans|income", "drift|loans|age"]
    assert [len(world.findings(number)) for number in (1, 2)] == [3, 2]


def test_a_member_of_a_set_comes_back_to_the_sets_incident(world: World, at: At) -> None:
    found(world, "drift", psi("income"), psi("age"))
    lifecycle.resolve(world.store, 1, by="ann")
    at(NOW + timedelta(days=5))
    found(world, "drift", psi("income"), day=after(5))
    (incident,) = world.incidents()
    assert [event.kind for event in world.events(incident.id)] == ["opened", "resolved", "reopened"]


def test_the_incident_that_stands_outweighs_the_one_that_was_resolved(world: World, at: At) -> None:
    found(world, "drift", psi("income"))
    lifecycle.resolve(world.store, 1, by="ann")
    found(world, "drift", psi("age"))
    at(NOW + timedelta(days=1))
    found(world, "drift", psi("age"), psi("region"), day=after(1))
    assert causes(world) == ["drift|loans|income", "drift|loans|age"]
    assert {finding.column for finding in world.findings(2)} == {"age", "region"}


def test_the_past_has_sets_of_its_own(world: World) -> None:
    found(world, "drift", psi("income"))
    found(world, "drift", psi("age"), psi("income"), day=after(-100))
    live, historic = world.incidents()
    assert (live.historic, live.subject) == (False, "income")
    assert (historic.historic, historic.subject) == (True, "age")


def test_each_unfair_attribute_is_a_cause_and_takes_its_intersections(world: World) -> None:
    def gap(column: str | tuple[str, ...]) -> Record:
        return record(Family.FAIRNESS, "disparate_impact", column=column)

    found(world, "fairness", gap("sex"), gap("age"), gap(("race", "sex")), gap(("race", "region")))
    assert sorted(causes(world)) == ["unfair|loans|age", "unfair|loans|race x region", "unfair|loans|sex"]
    (sex,) = (each for each in world.incidents() if each.subject == "sex")
    assert {finding.column for finding in world.findings(sex.id)} == {"sex", ("race", "sex")}
    found(world, "fairness", gap("race"), day=after(4))
    assert len(causes(world)) == 3


def test_performance_is_one_cause_with_its_estimates_and_segments(world: World) -> None:
    found(world, "performance", record(Family.PERFORMANCE, "accuracy"), record(Family.PERFORMANCE, "f1", segment="a=b"))
    found(world, "performance", record(Family.ESTIMATE, "estimated_accuracy"), day=after(3))
    assert causes(world) == ["performance|loans|the model"]


def test_a_spent_budget_slowness_and_errors_are_causes_of_their_own(world: World) -> None:
    told = [record(Family.OPERATIONS, metric) for metric in ("tokens", "cost_usd", "error_rate")]
    slow = [record(Family.OPERATIONS, metric) for metric in ("latency_p95", "latency_p99")]
    found(world, "operations", *told, *slow)
    found(world, "operations", record(Family.PRIVACY, "epsilon_spent"), day=after(1))
    assert sorted(causes(world)) == [
        "budget|loans|cost",
        "budget|loans|privacy",
        "operations|loans|error_rate",
        "operations|loans|latency",
    ]


def test_the_notice_names_the_check_that_found_it(world: World) -> None:
    found(world, "operations", record(Family.OPERATIONS, "cost_usd"))
    (notice,) = world.notices(1)
    assert notice.body.startswith("On 2026-11-19 the operations check of loans (version 2.3) found 1 value beyond")
    assert "look at volume, errors, latency and cost" in notice.body


@pytest.mark.parametrize("column", ["x" * 5_000, "a\0b", "col|umn", ("a", "b" * 5_000)])
def test_any_name_of_a_column_can_be_a_cause(world: World, column: Any) -> None:
    for days in (0, 1):
        found(world, "fairness", record(Family.FAIRNESS, "disparate_impact", column=column), day=after(days))
    (incident,) = world.incidents()
    assert (incident.subject, len(world.findings(incident.id))) == (named(column), 2)
    assert len(incident.subject) < 150


def test_long_names_that_begin_alike_differ() -> None:
    assert named("x" * 200 + "a") != named("x" * 200 + "b")

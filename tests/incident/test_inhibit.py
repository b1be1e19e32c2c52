from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from aimon.incident import lifecycle
from aimon.incident.seed import open_from_evaluations
from aimon.verdict.record import Family, Maturity, Record, Verdict

World = Any
At = Callable[[datetime], None]
DAY = date(2026, 11, 19)
NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)


def missing(world: World, *columns: str, verdict: Verdict = Verdict.CRITICAL, day: date = DAY) -> None:
    """Values of these columns are missing on that day."""
    told = [
        Record(family=Family.QUALITY, metric="missing_shift", column=name, value=0.4, threshold=0.1, verdict=verdict)
        for name in columns
    ]
    world.write(told, family=Family.QUALITY, day=day)


def shown(world: World) -> list[tuple[str, list[str]]]:
    """Each cause with its history."""
    return [(incident.cause, [event.kind for event in world.events(incident.id)]) for incident in world.incidents()]


def test_a_data_fault_explains_the_drift_of_its_column(world: World) -> None:
    missing(world, "income", "age")
    world.drift("income", "age", "region")
    world.judge(check="quality")
    world.judge()
    assert shown(world) == [("data|loans|age", ["opened", "explained"]), ("drift|loans|region", ["opened"])]
    assert {(finding.family, finding.column) for finding in world.findings(1)} == {
        ("quality", "income"),
        ("quality", "age"),
        ("drift", "income"),
        ("drift", "age"),
    }
    assert [len(world.notices(number)) for number in (1, 2)] == [1, 1]


def test_the_order_of_the_checks_does_not_matter(world: World) -> None:
    missing(world, "income")
    world.drift("income")
    drift, quality = world.evaluation(), world.evaluation(check="quality")
    result = open_from_evaluations(world.store, [drift, quality])
    assert shown(world) == [("data|loans|income", ["opened", "explained", "confirmed"])]
    assert (result.opened, result.notices) == ((1,), 1)
    assert (
        world.notices(1)[0].subject == "[critical] loans: income is missing more often (missing shift 40%, limit 10%)"
    )


def test_a_rerun_confirms_what_was_explained(world: World) -> None:
    missing(world, "income")
    world.drift("income")
    for check in ("quality", "drift", "drift"):
        world.judge(check=check)
    assert shown(world) == [("data|loans|income", ["opened", "explained", "confirmed"])]


def test_a_drift_that_is_worse_than_its_fault_is_told(world: World) -> None:
    missing(world, "income", verdict=Verdict.WARNING)
    world.drift("income")
    world.judge(check="quality", severity="WARN")
    world.judge()
    assert shown(world) == [("data|loans|income", ["opened", "worsened"])]
    assert [notice.severity for notice in world.notices(1)] == ["warning", "critical"]


def test_a_window_that_holds_the_faulty_day_is_explained_and_a_later_day_is_not(world: World, at: At) -> None:
    missing(world, "income")
    world.judge(check="quality")
    at(NOW + timedelta(days=3))
    later = DAY + timedelta(days=3)
    alarm = Record(family=Family.DRIFT, metric="psi", column="income", value=0.4, verdict=Verdict.CRITICAL)
    world.write([alarm], family=Family.DRIFT, day=later, window="7d")
    world.judge(day=later)
    assert shown(world) == [("data|loans|income", ["opened", "explained"])]
    world.drift("income", day=later)
    world.judge(day=later)
    assert [cause for cause, _ in shown(world)] == ["data|loans|income", "drift|loans|income"]


def test_a_resolved_fault_explains_without_being_reopened(world: World) -> None:
    missing(world, "income")
    world.judge(check="quality")
    lifecycle.resolve(world.store, 1, by="ann")
    world.drift("income")
    world.judge()
    assert shown(world) == [("data|loans|income", ["opened", "resolved", "explained"])]
    assert world.incidents()[0].status == "resolved"


def test_a_fault_that_a_rerun_cleared_explains_nothing(world: World) -> None:
    missing(world, "income")
    world.judge(check="quality")
    missing(world)
    world.judge(check="quality", passed=True)
    world.drift("income")
    world.judge()
    assert [cause for cause, _ in shown(world)] == ["data|loans|income", "drift|loans|income"]


def test_a_fault_that_is_history_does_not_hide_what_is_found_now(world: World) -> None:
    missing(world, "income", day=DAY - timedelta(days=5))
    world.judge(check="quality", day=DAY - timedelta(days=5))
    alarm = Record(family=Family.DRIFT, metric="psi", column="income", value=0.4, verdict=Verdict.CRITICAL)
    world.write([alarm], family=Family.DRIFT, window="7d")
    world.judge()
    assert [(incident.kind, incident.historic) for incident in world.incidents()] == [("data", True), ("drift", False)]
    assert len(world.notices(2)) == 1


def test_explained_drift_does_not_keep_a_fault_open(world: World, at: At) -> None:
    missing(world, "income")
    world.drift("income")
    world.judge(check="quality")
    world.judge()
    for days in (1, 2, 3):
        at(NOW + timedelta(days=days))
        world.judge(check="quality", passed=True, day=DAY + timedelta(days=days))
    assert world.incidents()[0].status == "resolved"


def performance(world: World, value: float = 0.6, **fields: Any) -> None:
    """The day's accuracy has fallen, and perhaps its labels are missing."""
    fallen = Record(
        family=Family.PERFORMANCE,
        metric="accuracy",
        value=value,
        threshold=0.7,
        verdict=Verdict.CRITICAL,
        maturity=Maturity.MATURE,
    )
    feed = Record(
        family=Family.PERFORMANCE,
        metric="labelled_share",
        value=fields.pop("labelled", 1.0),
        threshold=0.8,
        verdict=Verdict(fields.pop("feed", "ok")),
        maturity=Maturity.MATURE,
    )
    world.write([fallen, feed], family=Family.PERFORMANCE, **fields)


def test_labels_that_do_not_arrive_explain_a_fall_of_performance(world: World) -> None:
    performance(world, labelled=0.3, feed="critical")
    world.judge(check="performance")
    (incident,) = world.incidents()
    assert (incident.cause, incident.title) == (
        "labels|loans|the model",
        "loans: labelled share is 0.3, below its limit of 0.8",
    )
    assert [event.kind for event in world.events(incident.id)] == ["opened", "explained"]
    assert [finding.metric for finding in world.findings(incident.id)] == ["labelled_share", "accuracy"]
    assert len(world.notices(incident.id)) == 1


def test_a_fall_of_performance_is_told_where_nothing_explains_it(world: World) -> None:
    performance(world)
    world.judge(check="performance")
    assert [incident.kind for incident in world.incidents()] == ["performance"]


def test_a_data_fault_explains_a_fall_of_performance_and_of_the_answers(world: World) -> None:
    missing(world, "income")
    shifted = Record(family=Family.DRIFT, metric="class_shift", column="decision", value=0.4, verdict=Verdict.WARNING)
    world.write([shifted], family=Family.DRIFT)
    performance(world)
    world.judge(check="performance")
    world.judge(check="drift")
    world.judge(check="quality")
    (incident,) = world.incidents()
    assert incident.kind == "data"
    assert {finding.metric for finding in world.findings(incident.id)} >= {"class_shift", "accuracy"}


def test_the_drift_of_another_column_is_not_explained(world: World) -> None:
    missing(world, "income")
    world.drift("age")
    world.judge(check="drift")
    assert sorted(incident.kind for incident in world.incidents()) == ["data", "drift"]

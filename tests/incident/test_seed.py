from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from time import process_time
from typing import Any

import pytest
from sqlalchemy import func, select

from aimon.incident.cause import CHECK_FAMILIES
from aimon.incident.evaluation import Evaluation
from aimon.incident.failures import report_failure
from aimon.incident.seed import SeedResult, open_from_evaluations
from aimon.store import incidents as incident_repository
from aimon.store.tables import evaluations
from aimon.verdict.record import Family, Record, Verdict

World = Any
DAY = date(2026, 11, 19)
NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)


def kinds(world: World, incident_id: int) -> list[str]:
    return [event.kind for event in world.events(incident_id)]


def test_every_family_of_records_is_spoken_for_by_one_check() -> None:
    spoken_for = [family for families in CHECK_FAMILIES.values() for family in families]
    assert sorted(spoken_for) == sorted(Family)


def test_an_evaluation_is_read_from_an_event() -> None:
    read = Evaluation.of_event(
        run_id="r1",
        asset="drift",
        check="drift",
        partition="2026-11-19|loan-approval",
        passed=False,
        severity="WARN",
        timestamp=1_795_132_800.25,
        description="psi income is 0.31",
    )
    assert (read.model, read.day, read.metadata) == ("loan-approval", DAY, {"description": "psi income is 0.31"})
    assert read.timestamp == datetime(2026, 11, 20, 0, 0, 0, 250_000, tzinfo=UTC)
    assert read.key == "r1|drift|drift|2026-11-19|loan-approval|2026-11-20T00:00:00.250000+00:00"


def test_a_failed_check_opens_one_incident_with_the_alarming_records_as_findings(world: World) -> None:
    world.drift("income", "age")
    result = world.judge()
    (incident,) = world.incidents()
    assert result == SeedResult(read=1, new=1, opened=(incident.id,), notices=1)
    assert (incident.cause, incident.kind, incident.model, incident.subject) == (
        "drift|loans|age",
        "drift",
        "loans",
        "age",
    )
    assert (incident.status, incident.severity, incident.historic) == ("open", "critical", False)
    assert (incident.first_day, incident.last_day, incident.opened_at) == (DAY, DAY, NOW)
    assert incident.title == "loans: age drifted (PSI 0.32, limit 0.25)"
    found = world.findings(incident.id)
    assert [(finding.column, finding.value, finding.verdict) for finding in found] == [
        ("income", 0.31, "critical"),
        ("age", 0.32, "critical"),
    ]
    assert len({finding.fingerprint for finding in found}) == 2
    (event,) = world.events(incident.id)
    assert (event.kind, event.actor, event.evaluation_key) == ("opened", "aimon", found[0].evaluation_key)
    assert event.detail == {
        "day": "2026-11-19",
        "findings": 2,
        "severity": "critical",
        "worst": "age drifted (PSI 0.32, limit 0.25)",
    }


def test_the_notice_says_what_happened_and_where_to_look(world: World) -> None:
    world.drift("income")
    world.judge(run_id="run-7")
    (incident,) = world.incidents()
    (notice,) = world.notices(incident.id)
    assert notice.subject == "[critical] loans: income drifted (PSI 0.31, limit 0.25)"
    assert notice.body == (
        "On 2026-11-19 the drift check of loans (version 2.3) found 1 value beyond the limits, 1 critical.\n"
        "Worst: income drifted (PSI 0.31, limit 0.25); interval 0.27 to 0.36; "
        "5,000 rows against 68,785 of the baseline.\n"
        "Next: compare the column's distribution of that day with the baseline's, and ask what changed upstream. "
        "(run run-7)"
    )
    assert (notice.channel, notice.status, notice.attempts) == ("", "pending", 0)
    assert notice.payload["incident"] == incident.id
    assert notice.payload["findings"][0]["column"] == "income"


def test_an_evaluation_that_is_read_again_changes_nothing(world: World) -> None:
    world.drift("income")
    failed = world.evaluation()
    open_from_evaluations(world.store, [failed])
    again = open_from_evaluations(world.store, [failed, failed])
    assert again == SeedResult(read=2)
    (incident,) = world.incidents()
    assert kinds(world, incident.id) == ["opened"]
    assert len(world.notices(incident.id)) == 1


def test_hundreds_of_evaluations_that_are_known_are_passed_over(world: World) -> None:
    told = [world.evaluation(passed=True, day=DAY - timedelta(days=number)) for number in range(600)]
    assert open_from_evaluations(world.store, told[:300]).new == 300
    assert open_from_evaluations(world.store, told) == SeedResult(read=600, new=300)
    assert open_from_evaluations(world.store, []) == SeedResult()


def test_later_days_continue_the_open_incident_without_a_notice(world: World, at: Callable[[datetime], None]) -> None:
    world.drift("income")
    world.judge()
    at(NOW + timedelta(days=1))
    world.drift("income", "age", day=DAY + timedelta(days=1))
    world.judge(day=DAY + timedelta(days=1))
    (incident,) = world.incidents()
    assert kinds(world, incident.id) == ["opened", "continued"]
    assert (incident.first_day, incident.last_day) == (DAY, DAY + timedelta(days=1))
    assert incident.updated_at == NOW + timedelta(days=1)
    assert len(world.findings(incident.id)) == 3
    assert len(world.notices(incident.id)) == 1


def test_a_rise_of_severity_is_told(world: World) -> None:
    world.drift("income", verdict=Verdict.WARNING)
    world.judge(severity="WARN")
    tomorrow = DAY + timedelta(days=1)
    world.drift("age", day=tomorrow)
    world.judge(day=tomorrow)
    world.drift("income", day=tomorrow + timedelta(days=1))
    world.judge(day=tomorrow + timedelta(days=1))
    (incident,) = world.incidents()
    assert kinds(world, incident.id) == ["opened", "worsened", "continued"]
    assert incident.severity == "critical"
    assert incident.title == "loans: age drifted (PSI 0.31, limit 0.25)"
    assert [notice.severity for notice in world.notices(incident.id)] == ["warning", "critical"]
    assert "The incident spans 2026-11-19 to 2026-11-20." in world.notices(incident.id)[1].body


def test_a_rerun_that_finds_the_same_confirms_and_tells_nobody(world: World) -> None:
    world.drift("income", value=0.31)
    world.judge()
    world.drift("income", value=0.33)
    world.judge()
    (incident,) = world.incidents()
    assert kinds(world, incident.id) == ["opened", "confirmed"]
    assert [finding.value for finding in world.findings(incident.id)] == [0.33]
    assert len(world.notices(incident.id)) == 1


def test_a_rerun_that_passes_clears_the_findings_and_leaves_the_incident_open(world: World) -> None:
    world.drift("income", "age")
    world.judge()
    world.drift()
    world.judge(passed=True)
    (incident,) = world.incidents()
    assert (incident.status, kinds(world, incident.id)) == ("open", ["opened", "cleared"])
    assert [finding.cleared_at for finding in world.findings(incident.id)] == [NOW, NOW]


def test_a_rerun_that_finds_less_clears_what_is_gone(world: World) -> None:
    world.drift("income", "age")
    world.judge()
    world.drift("income")
    world.judge()
    (incident,) = world.incidents()
    assert kinds(world, incident.id) == ["opened", "confirmed", "cleared"]
    assert {finding.column: finding.cleared_at for finding in world.findings(incident.id)} == {
        "income": None,
        "age": NOW,
    }


def test_what_was_cleared_and_comes_back_is_the_same_finding_again(world: World) -> None:
    world.drift("income")
    world.judge()
    world.drift()
    world.judge(passed=True)
    world.drift("income")
    world.judge()
    (incident,) = world.incidents()
    assert kinds(world, incident.id) == ["opened", "cleared", "continued"]
    (finding,) = world.findings(incident.id)
    assert finding.cleared_at is None


def test_an_evaluation_older_than_one_that_is_known_changes_nothing(world: World) -> None:
    world.drift("income")
    failed = world.evaluation()
    world.drift()
    world.judge(passed=True)
    assert open_from_evaluations(world.store, [failed]) == SeedResult(read=1, new=1)
    assert world.incidents() == []


def test_a_passed_check_is_remembered_and_opens_nothing(world: World) -> None:
    world.drift()
    assert world.judge(passed=True) == SeedResult(read=1, new=1)
    with world.store.session() as connection:
        assert connection.execute(select(func.count()).select_from(evaluations)).scalar() == 1
    assert world.incidents() == []


def test_models_and_checks_have_incidents_of_their_own(world: World) -> None:
    world.drift("income")
    world.drift("income", model="fraud")
    gap = Record(family=Family.FAIRNESS, metric="disparate_impact", column="sex", value=0.6, verdict=Verdict.WARNING)
    world.write([gap], family=Family.FAIRNESS)
    for model, check in (("loans", "drift"), ("fraud", "drift"), ("loans", "fairness")):
        world.judge(model=model, check=check)
    assert [incident.cause for incident in world.incidents()] == [
        "drift|loans|income",
        "drift|fraud|income",
        "unfair|loans|sex",
    ]


def test_a_performance_check_speaks_for_estimates_too(world: World) -> None:
    low = Record(
        family=Family.ESTIMATE, metric="estimated_accuracy", value=0.7, threshold=0.8, verdict=Verdict.CRITICAL
    )
    world.write([low], family=Family.ESTIMATE, window="7d")
    world.judge(check="performance")
    (incident,) = world.incidents()
    assert incident.title == "loans: estimated accuracy is 0.7 over the last 7 days, below its limit of 0.8"


def test_a_check_without_alarming_records_is_its_own_finding(world: World) -> None:
    world.judge(check="quality", asset="predictions", metadata={"description": "No rows arrived."}, severity="WARN")
    (incident,) = world.incidents()
    assert (incident.title, incident.severity) == ("loans: No rows arrived", "warning")
    (finding,) = world.findings(incident.id)
    assert (finding.family, finding.metric, finding.note, finding.version) == (
        "quality",
        "predictions",
        "No rows arrived.",
        "",
    )
    (notice,) = world.notices(incident.id)
    assert notice.body.startswith("The quality check of loans failed on 2026-11-19. No rows arrived.\nNext: look at")


def test_a_check_of_an_unknown_name_opens_an_incident_too(world: World) -> None:
    world.judge(check="my own check")
    (incident,) = world.incidents()
    assert (incident.subject, incident.title) == ("my own check", "loans: The check failed and said no more")


def test_findings_of_the_past_open_a_historic_incident_and_tell_nobody(world: World) -> None:
    world.drift("income")
    world.judge()
    long_ago = DAY - timedelta(days=100)
    world.drift("income", "age", day=long_ago)
    world.judge(day=long_ago)
    world.drift("age", day=long_ago + timedelta(days=1))
    world.judge(day=long_ago + timedelta(days=1))
    live, historic = world.incidents()
    assert (live.historic, historic.historic) == (False, True)
    assert (live.cause, historic.cause) == ("drift|loans|income", "drift|loans|age")
    assert kinds(world, historic.id) == ["opened", "continued"]
    assert world.notices(historic.id) == []
    assert (live.first_day, kinds(world, live.id)) == (DAY, ["opened"])


@pytest.mark.parametrize(("hours", "historic"), [(72, False), (73, True)])
def test_a_day_is_history_three_days_after_its_end(
    world: World, at: Callable[[datetime], None], hours: int, historic: bool
) -> None:
    at(datetime(2026, 11, 20, tzinfo=UTC) + timedelta(hours=hours))
    world.drift("income")
    world.judge()
    assert [incident.historic for incident in world.incidents()] == [historic]


def resolved(world: World) -> int:
    """An incident that somebody resolved."""
    world.drift("income", verdict=Verdict.WARNING)
    world.judge(severity="WARN")
    number: int = world.incidents()[-1].id
    with world.store.transaction() as connection:
        incident_repository.resolve(connection, number, at=NOW)
    return number


def test_a_resolved_incident_is_reopened_by_new_days_only(world: World, at: Callable[[datetime], None]) -> None:
    number = resolved(world)
    world.judge(severity="WARN")
    assert kinds(world, number) == ["opened", "confirmed"]
    later = DAY + timedelta(days=7)
    at(NOW + timedelta(days=7))
    world.drift("income", day=later)
    world.judge(day=later)
    (incident,) = world.incidents()
    assert (incident.status, incident.severity, incident.resolved_at) == ("open", "critical", None)
    assert (incident.first_day, incident.last_day) == (DAY, later)
    assert kinds(world, number) == ["opened", "confirmed", "reopened"]
    assert [notice.payload["kind"] for notice in world.notices(number)] == ["opened", "reopened"]


def test_a_cause_that_was_over_for_long_opens_a_new_incident(world: World, at: Callable[[datetime], None]) -> None:
    number = resolved(world)
    later = DAY + timedelta(days=8)
    at(NOW + timedelta(days=8))
    world.drift("income", day=later)
    world.judge(day=later)
    first, second = world.incidents()
    assert (first.id, first.status) == (number, "resolved")
    assert (second.cause, second.status, kinds(world, second.id)) == (first.cause, "open", ["opened"])


def test_a_historic_incident_is_reopened_in_silence(world: World) -> None:
    long_ago = DAY - timedelta(days=100)
    world.drift("income", day=long_ago)
    world.judge(day=long_ago)
    with world.store.transaction() as connection:
        incident_repository.resolve(connection, 1, at=NOW)
    world.drift("income", day=long_ago + timedelta(days=1))
    world.judge(day=long_ago + timedelta(days=1))
    assert (kinds(world, 1), world.notices(1)) == (["opened", "reopened"], [])


def test_a_failed_step_is_reported_once_a_run(world: World) -> None:
    for _ in range(2):
        report_failure(world.store, model="loans", step="profile", run_id="r1", message="KeyError: 'income'")
    (incident,) = world.incidents()
    assert (incident.cause, incident.severity, incident.title) == (
        "failure|loans|profile",
        "warning",
        "loans: profile failed",
    )
    assert kinds(world, incident.id) == ["opened"]
    (notice,) = world.notices(incident.id)
    assert notice.body == (
        "The step profile of loans failed. KeyError: 'income'\n"
        "Next: read the log of the run, mend the cause and run the day again. (run r1)"
    )


def test_further_failed_runs_of_the_step_belong_to_the_same_incident(world: World) -> None:
    for run in ("r1", "r2"):
        report_failure(world.store, model="loans", step="profile", run_id=run, message="boom")
    tomorrow = DAY + timedelta(days=2)
    report_failure(world.store, model="loans", step="profile", run_id="r3", message="boom", day=tomorrow)
    report_failure(world.store, model="loans", step="drift", run_id="r3", message="boom", day=tomorrow)
    profile, drift = world.incidents()
    assert kinds(world, profile.id) == ["opened", "confirmed", "continued"]
    assert kinds(world, drift.id) == ["opened"]
    assert len(world.notices(profile.id)) == 1


def test_a_message_may_hold_anything(world: World) -> None:
    message = "row 7: \0 'quoted' \"ünï\" " + "x" * 10_000
    report_failure(world.store, model="loans", step="profile", run_id="r1", message=message)
    (incident,) = world.incidents()
    (finding,) = world.findings(incident.id)
    assert finding.note is not None
    assert finding.note.startswith("row 7:  'quoted' \"ünï\" xxx")
    assert len(finding.note) == 2_000


def test_two_hundred_columns_of_fifty_models_become_fifty_incidents(world: World) -> None:
    columns = [f"column {number}" for number in range(200)]
    evaluations_of_all = []
    for number in range(50):
        world.drift(*columns, model=f"m{number}")
        evaluations_of_all.append(world.evaluation(model=f"m{number}"))
    result = open_from_evaluations(world.store, evaluations_of_all)
    assert (len(result.opened), result.notices) == (50, 50)
    assert {len(world.findings(incident.id)) for incident in world.incidents()} == {200}


def test_what_a_rule_of_the_users_own_finds_is_a_finding_by_itself_in_the_incident_of_its_cause(world: World) -> None:
    limits = Record(
        family=Family.DRIFT, metric="psi", column="income", value=0.3, threshold=0.25, verdict=Verdict.WARNING
    )
    rule = Record(
        family=Family.DRIFT,
        metric="psi",
        column="income",
        value=0.3,
        threshold=0.05,
        verdict=Verdict.CRITICAL,
        rule="income-is-still",
    )
    world.write([limits, rule], family=Family.DRIFT)
    world.judge()
    (incident,) = world.incidents()
    found = world.findings(incident.id)
    assert [finding.rule for finding in found] == [None, "income-is-still"]
    assert len({finding.fingerprint for finding in found}) == 2
    assert incident.title == "loans: PSI of income is 0.3, above what the rule income-is-still allows, 0.05"


def test_a_broken_upstream_of_fifty_models_is_fifty_incidents_in_seconds(world: World) -> None:
    models = [f"m{number}" for number in range(50)]
    for model in models:
        world.drift(*(f"c{number}" for number in range(200)), model=model)
    told = [world.evaluation(model=model) for model in models]
    began = process_time()
    result = open_from_evaluations(world.store, told)
    taken = process_time() - began
    assert (len(result.opened), result.notices) == (50, 50)
    assert sum(len(world.findings(number)) for number in result.opened) == 10_000
    assert taken < 5

"""Rules in the judging of a day, and tried on the days before."""

from datetime import date, timedelta

import pytest

from aimon import clock
from aimon.daily.model_day import ModelDay
from aimon.daily.rulestrial import try_rules
from aimon.daily.window import current_slot
from aimon.errors import UserError
from aimon.intake.source import open_source
from aimon.metrics.metric import Family
from aimon.platform import Platform
from aimon.spec.model import ModelSpec
from aimon.spec.userrules import RuleSpec
from aimon.store import records


def ruled(spec: ModelSpec, *rules: dict[str, object]) -> ModelSpec:
    return spec.model_copy(update={"rules": tuple(RuleSpec.model_validate(rule) for rule in rules)})


def analysed(platform: Platform, spec: ModelSpec, *families: Family) -> list[date]:
    """Every day of the source, judged in these families."""
    days = list(open_source(spec, platform.root, platform.store.engine).days())
    for day in days:
        model_day = ModelDay(platform, spec, day, as_of=current_slot(clock.now()))
        model_day.ingest()
        model_day.count()
        for family in families:
            model_day.judge(family)
    return days


@pytest.fixture
def spec(platform: Platform) -> ModelSpec:
    return next(iter(platform.project.models.values()))


VOLUME = {"name": "some-rows", "metric": "volume", "above": 0}


def test_what_a_rule_finds_is_kept_beside_the_metrics_own_records(platform: Platform, spec: ModelSpec) -> None:
    days = analysed(platform, ruled(spec, VOLUME), Family.OPERATIONS)
    with platform.store.session() as connection:
        alarms = records.alarming(connection, model=spec.model, day=days[-1], families=[Family.OPERATIONS])
        plain = records.query(
            connection, model=spec.model, since=days[-1], until=days[-1], metric="volume", window="1d"
        )
    (breach,) = [each for each in alarms if each.rule]
    assert (breach.rule, breach.metric, breach.window, breach.verdict) == ("some-rows", "volume", "1d", "warning")
    assert [each.rule for each in plain if each.segment is None] == [None]


def test_a_rule_for_windows_in_a_row_reads_the_days_before(platform: Platform, spec: ModelSpec) -> None:
    days = analysed(platform, ruled(spec, VOLUME | {"windows": 3}), Family.OPERATIONS)
    with platform.store.session() as connection:
        found = records.query(connection, model=spec.model, since=days[0], until=days[-1], metric="volume", rules=True)
    assert [each.day for each in found if each.rule] == days[2:]


def test_a_rule_compares_with_the_reference_rows(platform: Platform, spec: ModelSpec) -> None:
    moved = {"name": "moved", "metric": "psi", "rises_by": 0.0, "from": "baseline"}
    days = analysed(platform, ruled(spec, moved), Family.DRIFT)
    with platform.store.session() as connection:
        found = records.query(connection, model=spec.model, since=days[0], until=days[-1], metric="psi", rules=True)
    own = {(each.day, each.column): each.value for each in found if each.window == "1d" and each.segment is None}
    breaches = {(each.day, each.column): each.threshold for each in found if each.rule}
    assert breaches == dict.fromkeys([place for place, value in own.items() if value], 0.0)


def test_a_trial_says_what_would_have_fired_and_whom_it_would_have_bothered(
    platform: Platform, spec: ModelSpec
) -> None:
    days = analysed(platform, spec, Family.OPERATIONS)
    trial = try_rules(platform, [ruled(spec, VOLUME)], days[0], days[-1])
    assert [each.day for each in trial.fired] == days
    assert {each.record.rule for each in trial.fired} == {"some-rows"}
    (incident,) = trial.incidents
    assert (incident.cause, incident.first_day, incident.last_day) == (
        f"operations|{spec.model}|volume",
        days[0],
        days[-1],
    )
    assert (trial.judged, trial.notices) == (len(days), 1)


def test_a_trial_leaves_nothing_behind(platform: Platform, spec: ModelSpec) -> None:
    days = analysed(platform, spec, Family.OPERATIONS)
    try_rules(platform, [ruled(spec, VOLUME)], days[0], days[-1])
    with platform.store.session() as connection:
        kept = records.query(connection, model=spec.model, since=days[0], until=days[-1], rules=True)
    assert [each for each in kept if each.rule] == []


def test_a_trial_of_rules_that_are_calm_opens_nothing(platform: Platform, spec: ModelSpec) -> None:
    days = analysed(platform, spec, Family.OPERATIONS)
    trial = try_rules(platform, [ruled(spec, VOLUME | {"above": 1e9})], days[0], days[-1] + timedelta(days=30))
    assert (trial.judged, trial.fired, trial.incidents, trial.notices) == (len(days), (), (), 0)


def test_a_trial_goes_forward_in_time(platform: Platform, spec: ModelSpec) -> None:
    with pytest.raises(UserError, match="--from 2026-02-01 is after --to 2026-01-01; swap them"):
        try_rules(platform, [spec], date(2026, 2, 1), date(2026, 1, 1))


def test_a_baseline_has_to_be_there_for_a_trial_that_compares_with_it(platform: Platform, spec: ModelSpec) -> None:
    rule = {"name": "a", "metric": "psi", "rises_by": 0.1, "from": "baseline"}
    with pytest.raises(UserError, match="has no baseline yet that its rules could compare with; run a day of it first"):
        try_rules(platform, [ruled(spec, rule)], date(2026, 1, 1), date(2026, 1, 2))

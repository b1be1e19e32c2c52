"""Rules of the user's own: what they speak of, what they compare, and when they hold."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimon.spec.userrules import Change, RuleSpec, parse_change
from aimon.verdict.history import SeriesKey
from aimon.verdict.record import Family, Maturity, Record, Verdict
from aimon.verdict.userrules import breaches, days_read, series_of

DAY = date(2026, 11, 19)


def rule(**keys):
    return RuleSpec.model_validate({"name": "r", "metric": "psi"} | keys)


def record(value, **fields):
    return Record(**{"family": Family.DRIFT, "metric": "psi", "column": "income", "value": value} | fields)


def found(rule, *measured, baseline=None, holidays=()):
    """Breaches on the day of the values, the last of which is the day's."""
    days = [DAY - timedelta(days=offset) for offset in reversed(range(len(measured)))]
    given = [(day, record(each) if isinstance(each, float) else each) for day, each in zip(days, measured, strict=True)]
    series = series_of((day, each) for day, each in given if each is not None)
    return breaches(rule, DAY, series, baseline=baseline, holidays=holidays)


def test_a_value_above_its_limit_is_a_breach_with_the_rules_name_and_severity():
    (breach,) = found(rule(above=0.2, severity="critical"), 0.3)
    assert (breach.rule, breach.verdict, breach.threshold, breach.value) == ("r", Verdict.CRITICAL, 0.2, 0.3)
    assert breach.reason == "0.3 is above the 0.2 that the rule r allows"
    assert found(rule(above=0.3), 0.3) == []


def test_a_value_below_its_limit_is_a_breach():
    (breach,) = found(rule(below=0.2), 0.1)
    assert (breach.verdict, breach.threshold) == (Verdict.WARNING, 0.2)
    assert found(rule(below=0.2), 0.2) == []


def test_with_the_interval_all_of_it_has_to_be_beyond():
    wide, narrow = record(0.3, low=0.1, high=0.5), record(0.3, low=0.25, high=0.35)
    assert found(rule(above=0.2, interval=True), wide) == []
    assert len(found(rule(above=0.2, interval=True), narrow)) == 1
    assert len(found(rule(above=0.2), wide)) == 1
    assert found(rule(below=0.4, interval=True), wide) == []
    assert len(found(rule(below=0.4, interval=True), narrow)) == 1


@pytest.mark.parametrize(
    ("condition", "value", "breached"),
    [
        ({"rises_by": "50%"}, 0.31, True),
        ({"rises_by": "50%"}, 0.29, False),
        ({"rises_by": 0.05}, 0.26, True),
        ({"rises_by": 0.05}, 0.24, False),
        ({"falls_by": "50%"}, 0.09, True),
        ({"falls_by": "50%"}, 0.11, False),
        ({"falls_by": 0.05}, 0.14, True),
        ({"falls_by": 0.05}, 0.16, False),
    ],
)
def test_a_change_is_measured_from_the_baselines_value(condition, value, breached):
    baseline = {SeriesKey("psi", "income"): record(0.2)}
    assert bool(found(rule(**condition, **{"from": "baseline"}), value, baseline=baseline)) is breached


def test_a_share_of_a_negative_value_is_a_share_of_its_size():
    baseline = {SeriesKey("psi", "income"): record(-10.0)}
    up = rule(rises_by="20%", **{"from": "baseline"})
    assert found(up, -9.0, baseline=baseline) == []
    assert len(found(up, -7.9, baseline=baseline)) == 1


def test_without_a_value_to_compare_with_nothing_is_found():
    assert found(rule(rises_by=0.1, **{"from": "baseline"}), 9.0) == []
    assert found(rule(rises_by=0.1, **{"from": "baseline"}), 9.0, baseline={SeriesKey("psi", "age"): record(0.1)}) == []
    assert found(rule(rises_by=0.1, **{"from": "last_week"}), 9.0) == []


LAST_WEEK = rule(rises_by="50%", **{"from": "last_week"})


def test_last_week_means_the_same_weekday():
    (breach,) = found(LAST_WEEK, 100.0, *[900.0] * 6, 151.0)
    assert breach.threshold == 150.0
    assert breach.reason == "151 is above the 150 that the rule r allows, 50% above the 100 of 2026-11-12"
    assert found(LAST_WEEK, 100.0, *[1.0] * 6, 149.0) == []


def test_a_holiday_is_neither_judged_nor_compared_with():
    values = (100.0, *[1.0] * 6, 1.0, *[1.0] * 6, 151.0)
    assert len(found(LAST_WEEK, *values)) == 1
    assert found(LAST_WEEK, *values, holidays=[DAY]) == []
    (breach,) = found(LAST_WEEK, *values, holidays=[DAY - timedelta(days=7)])
    assert (breach.reason or "").endswith("100 of 2026-11-05")


def test_a_rule_for_three_windows_waits_for_the_third():
    three = rule(above=0.2, windows=3)
    assert found(three, 0.3, 0.3) == []
    (breach,) = found(three, 0.3, 0.3, 0.3)
    assert breach.reason == "0.3 is above the 0.2 that the rule r allows; 3 times in a row"
    assert found(three, 0.3, 0.1, 0.3, 0.3) == []


def test_days_without_a_value_do_not_break_a_row():
    assert len(found(rule(above=0.2, windows=3), 0.3, 0.3, None, None, 0.3)) == 1
    assert found(rule(above=0.2, windows=3), 0.3, 0.3, *[None] * 9, 0.3) == []


def test_what_cannot_be_told_is_no_breach():
    for silent in (Verdict.NOT_ESTIMABLE, Verdict.UNSUPPORTED, Verdict.INSUFFICIENT):
        assert found(rule(above=0.2), record(0.9, verdict=silent)) == []
    assert found(rule(above=0.2), record(0.9, maturity=Maturity.PROVISIONAL)) == []
    assert len(found(rule(above=0.2), record(0.9, maturity=Maturity.MATURE))) == 1
    assert found(rule(above=0.2), record(None)) == []


def test_few_rows_are_enough_where_the_interval_says_so():
    few = record(0.9, low=0.5, high=1.3, verdict=Verdict.INSUFFICIENT)
    assert len(found(rule(above=0.2, interval=True), few)) == 1


def test_a_rule_speaks_of_all_rows_unless_it_names_segments():
    web = record(0.3, segment="channel=web")
    assert found(rule(above=0.2), web) == []
    assert len(found(rule(above=0.2, segment="channel=*"), web)) == 1
    assert found(rule(above=0.2, segment="channel=branch"), web) == []
    assert found(rule(above=0.2, segment="channel=*"), 0.3) == []


def test_a_rule_is_narrowed_by_column_and_group():
    pair = record(0.3, column=("sex", "age"), group=("f", "old"))
    assert len(found(rule(above=0.2, column="sex*age", group="f*old"), pair)) == 1
    assert found(rule(above=0.2, column="sex"), pair) == []
    assert len(found(rule(above=0.2, column=["age", "inc*"]), 0.3)) == 1
    assert found(rule(above=0.2, group="f"), 0.3) == []


def test_each_series_is_judged_by_itself():
    series = series_of([(DAY, record(0.3)), (DAY, record(0.1, column="age")), (DAY, record(0.4, column="rent"))])
    assert [each.column for each in breaches(rule(above=0.2), DAY, series)] == ["income", "rent"]


def test_the_past_that_a_rule_reads_is_bounded():
    assert days_read(rule(above=1)) == 0
    assert days_read(rule(above=1, windows=3)) == 9
    assert days_read(LAST_WEEK) == 28


@given(st.integers(0, 10_000))
def test_the_interval_of_a_change_is_beyond_in_about_one_of_forty_when_it_lies_at_the_limit(seed):
    rng = np.random.default_rng(seed)
    error, other = rng.uniform(0.5, 2.0, 2)
    values = rng.normal(15.0, error, 400), rng.normal(10.0, other, 400)
    half = 1.96 * error, 1.96 * other
    by_week = rule(rises_by="50%", interval=True, **{"from": "last_week"})
    fired = 0
    for value, past in zip(*values, strict=True):
        series = {
            SeriesKey("psi", "income"): {
                DAY: record(value, low=value - half[0], high=value + half[0]),
                DAY - timedelta(days=7): record(past, low=past - half[1], high=past + half[1]),
            }
        }
        fired += len(breaches(by_week, DAY, series))
    assert fired / 400 < 0.07


@pytest.mark.parametrize("written", ["20%", "20 %", 0.2, 3])
def test_a_change_reads_as_it_was_written(written):
    assert str(parse_change(written)) == str(written).replace(" ", "")
    assert parse_change(parse_change(written)) == parse_change(written)
    assert isinstance(parse_change(written), Change)


def test_a_rule_says_what_it_does():
    written = rule(
        metric="roc_auc", falls_by=0.05, windows=3, interval=True, segment="channel=*", **{"from": "baseline"}
    )
    assert str(written) == (
        "roc_auc where channel=* falls by 0.05 from baseline over 1d 3 times in a row with its whole interval"
    )

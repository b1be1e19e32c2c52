from datetime import date, timedelta

import pytest

from aimon.verdict.record import Family, Record, Verdict
from examples.planted import Fault, Signal
from examples.scoreboard import Alarm, compare_planted

START = date(2026, 11, 10)
END = date(2026, 11, 19)
DRIFT = Fault(
    model="m",
    what="amount doubled",
    signals=(Signal("drift", None, "amount"),),
    echoes=(Signal("drift", "drift_score"),),
    share_of_days=0.3,
    first_day=START,
    last_day=END,
)
UNFAIR = Fault(
    model="m",
    what="one group loses",
    signals=(Signal("fairness", "disparate_impact", "race"),),
    echoes=(Signal("fairness", None, "race", "Black"),),
    share_of_days=0.3,
    first_day=START,
    last_day=END,
)


def alarm(day=START, family="drift", metric="psi", column="amount", **more):
    return Alarm("m", day, family, metric, column, **more)


def test_an_alarm_on_the_first_faulty_day_finds_the_fault_the_same_day():
    board = compare_planted([DRIFT], [alarm(), alarm(START + timedelta(2))])
    assert board.perfect
    assert board.rows[0].first_found == START
    assert board.rows[0].days_late == 0
    assert board.lines() == ["FOUND   m: amount doubled, planted on 2026-11-10: found the same day (2 alarms)"]


@pytest.mark.parametrize(("late", "words"), [(1, "a day later"), (4, "4 days later")])
def test_a_late_alarm_says_how_late(late, words):
    board = compare_planted([DRIFT], [alarm(START + timedelta(late))])
    assert board.rows[0].days_late == late
    assert words in board.lines()[0]


def test_an_alarm_before_the_fault_began_is_false():
    board = compare_planted([DRIFT], [alarm(START - timedelta(1)), alarm()])
    assert [false.day for false in board.false] == [START - timedelta(1)]
    assert board.rows[0].found
    assert not board.perfect
    assert board.lines()[1] == "FALSE   m: psi of amount on 2026-11-09, not planted"


@pytest.mark.parametrize(
    "other",
    [
        alarm(column="income"),
        alarm(family="performance", metric="accuracy", column=None),
        Alarm("another", START, "drift", "psi", "amount"),
        alarm(END + timedelta(1)),
    ],
)
def test_an_alarm_that_the_fault_does_not_explain_is_false_and_finds_nothing(other):
    board = compare_planted([DRIFT], [other])
    assert board.false == (other,)
    assert not board.rows[0].found
    assert board.rows[0].days_late is None
    assert board.lines()[0] == "MISSED  m: amount doubled, planted on 2026-11-10"


def test_a_long_window_that_still_holds_faulty_days_is_not_false():
    assert not compare_planted([DRIFT], [alarm(END + timedelta(5), window_days=7)]).false
    assert compare_planted([DRIFT], [alarm(END + timedelta(7), window_days=7)]).false


def test_an_echo_is_neither_false_nor_a_find():
    board = compare_planted([DRIFT], [alarm(metric="drift_score", column=None)])
    assert not board.false
    assert not board.rows[0].found
    assert board.rows[0].alarms == 1


def test_an_attribute_matches_inside_an_intersection_and_a_group_inside_its_tuple():
    pair = alarm(family="fairness", metric="disparate_impact", column=("sex", "race"))
    rate = alarm(family="fairness", metric="selection_rate", column=("sex", "race"), group=("female", "Black"))
    other = alarm(family="fairness", metric="selection_rate", column="race", group="Asian")
    board = compare_planted([UNFAIR], [pair, rate, other])
    assert board.rows[0].found
    assert board.false == (other,)


def test_a_segment_of_the_same_column_is_explained_and_named_when_it_is_not():
    assert compare_planted([DRIFT], [alarm(segment="terminal=online")]).perfect
    line = compare_planted([], [alarm(segment="terminal=online")]).lines()[0]
    assert line == "FALSE   m: psi of amount in terminal=online on 2026-11-10, not planted"


def test_each_fault_gets_its_own_alarms():
    fairness = alarm(family="fairness", metric="disparate_impact", column="race")
    board = compare_planted([DRIFT, UNFAIR], [fairness, alarm()])
    assert [row.alarms for row in board.rows] == [1, 1]
    assert board.perfect


def test_a_record_becomes_an_alarm_of_its_day():
    record = Record(family=Family.DRIFT, metric="psi", column="amount", verdict=Verdict.CRITICAL, segment="a=b")
    made = Alarm.of(record, model="m", day=START, window_days=7)
    assert made == Alarm("m", START, "drift", "psi", "amount", None, "a=b", 7)

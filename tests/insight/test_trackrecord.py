from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from aimon.insight.trackrecord import back_test, track_records
from aimon.metrics.registry import METRICS

START = date(2026, 9, 1)


@dataclass(frozen=True)
class Kept:
    """A stored record, as far as back-tests read it."""

    day: date
    metric: str
    value: float | None
    low: float | None = None
    high: float | None = None
    maturity: str | None = None
    window: str = "1d"
    segment: str | None = None
    column: str | None = None
    group: str | None = None
    n_current: int | None = 1_000


def estimated(day, value, half=0.02, **kept):
    low, high = (None, None) if value is None else (value - half, value + half)
    return Kept(START + timedelta(day), "estimated_accuracy", value, low, high, **kept)


def realised(day, value, maturity="mature", half=0.015, **kept):
    return Kept(START + timedelta(day), "accuracy", value, value - half, value + half, maturity, **kept)


def track(records, window="1d", days=1):
    return track_records(back_test(records, window), days=days)


def test_an_estimate_holds_where_the_realised_value_lies_in_its_interval():
    tests = back_test([estimated(0, 0.9), realised(0, 0.915), estimated(1, 0.9), realised(1, 0.93)], "1d")
    assert [(test.day.day, test.held) for test in tests] == [(1, True), (2, False)]


def test_labels_that_are_still_arriving_test_nothing():
    assert back_test([estimated(0, 0.9), realised(0, 0.91, maturity="provisional")], "1d") == []


def test_estimates_that_were_not_given_are_not_tested():
    assert back_test([estimated(0, None), realised(0, 0.91)], "1d") == []


def test_other_windows_columns_and_groups_are_other_series():
    others = [realised(0, 0.5, window="7d"), realised(0, 0.5, column="label", group="a"), realised(1, 0.5)]
    assert back_test([estimated(0, 0.9), *others], "1d") == []


def test_segments_have_records_of_their_own():
    records = [estimated(0, 0.9), realised(0, 0.9)]
    records += [estimated(0, 0.8, segment="channel=web"), realised(0, 0.5, segment="channel=web")]
    found = track(records)
    assert found["accuracy", None].held.value == 1.0
    assert found["accuracy", "channel=web"].held.value == 0.0


def test_labels_of_a_part_of_the_rows_widen_the_interval_by_their_chance():
    all_labelled = back_test([estimated(0, 0.9), realised(0, 0.93, half=0.04)], "1d")
    a_tenth = back_test([estimated(0, 0.9), realised(0, 0.93, half=0.04, n_current=100)], "1d")
    assert not all_labelled[0].held
    assert a_tenth[0].held
    assert a_tenth[0].high == pytest.approx(0.9 + (0.02**2 + 0.9 * 0.04**2) ** 0.5)


def test_windows_that_share_days_count_once():
    records = [part(day, 0.9, window="7d") for day in range(21) for part in (estimated, realised)]
    assert len(track(records, window="7d", days=7)["accuracy", None].tests) == 3
    assert len(track(records, window="7d", days=1)["accuracy", None].tests) == 21


def test_only_the_latest_ninety_count_oldest_first():
    records = [part(day, 0.9) for day in range(120) for part in (estimated, realised)]
    kept = track(records)["accuracy", None].tests
    assert len(kept) == 90
    assert kept[0].day == START + timedelta(30)
    assert kept[-1].day == START + timedelta(119)


def test_the_sentence_says_how_many_held_and_which_way_they_erred():
    records = [part for day in range(10) for part in (estimated(day, 0.9), realised(day, 0.88 if day else 0.8))]
    found = track(records)["accuracy", None]
    assert found.bias == pytest.approx(0.028)
    assert found.sentence == "of the last 10 estimates 9 held; on average they were 0.028 above what came"


@pytest.mark.parametrize(("failed", "trusted"), [(0, True), (3, True), (8, False)])
def test_trust_is_lost_only_where_failure_is_certain(failed, trusted):
    records = [part for day in range(12) for part in (estimated(day, 0.9), realised(day, 0.5 if day < failed else 0.9))]
    assert track(records)["accuracy", None].trusted is trusted


def test_nine_failures_are_too_few_to_tell():
    records = [part for day in range(9) for part in (estimated(day, 0.9), realised(day, 0.5))]
    assert track(records)["accuracy", None].trusted


def test_the_record_is_an_estimate_of_its_own():
    records = [part for day in range(20) for part in (estimated(day, 0.9), realised(day, 0.9 if day else 0.5))]
    shown = track(records)["accuracy", None].estimate("estimated_accuracy")
    assert shown.metric in METRICS
    assert (shown.column, shown.value, shown.n_current) == ("estimated_accuracy", 0.95, 20)
    assert shown.low < 0.95 < shown.high
    assert "19 held" in shown.note

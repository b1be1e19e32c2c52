from datetime import date, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aimon.clock import day_end, day_start, elapsed_slots
from aimon.validate.history import PastDay, arrival, expected_rows, fresh_after

DAY = date(2026, 11, 20)  # a Friday


def past(*rows: int, lag: float | None = 60.0) -> list[PastDay]:
    """Days that end with the one before DAY, their rows in even slots."""
    return [PastDay(DAY - timedelta(days=age), (count // 4,) * 4, lag) for age, count in enumerate(rows, start=1)]


@pytest.mark.parametrize("days", range(7))
def test_less_than_a_week_of_past_expects_nothing(days):
    history = past(*[1_000] * days)
    assert expected_rows(history, DAY, 4) is None
    assert fresh_after(history, DAY, 4) is None


def test_a_steady_past_expects_half_to_twice_as_many_rows():
    bounds = expected_rows(past(*[1_000] * 28), DAY, 4)
    assert (bounds.least, bounds.usual, bounds.most) == (500, 1_000, 2_000)


def test_the_same_weekday_decides_where_four_are_known():
    weekly = [100 if age % 7 == 0 else 10_000 for age in range(1, 29)]
    bounds = expected_rows(past(*weekly), DAY, 4)
    assert (bounds.least, bounds.most) == (50, 200)


def test_a_quiet_weekday_is_nothing_odd_once_it_was_seen():
    weekly = [100 if age % 7 == 0 else 10_000 for age in range(1, 15)]
    bounds = expected_rows(past(*weekly), DAY, 4)
    assert bounds.least == 50
    assert bounds.most == pytest.approx(20_000)


def test_a_wild_past_expects_little():
    bounds = expected_rows(past(*[100, 5_000, 300, 20_000, 40, 900, 7_000]), DAY, 4)
    assert bounds.least < 40
    assert bounds.most > 20_000


def test_one_outage_in_the_past_changes_nothing():
    steady, spoilt = past(*[1_000] * 28), past(*[1_000] * 20, 0, *[1_000] * 7)
    assert expected_rows(spoilt, DAY, 4) == expected_rows(steady, DAY, 4)
    late = [*past(*[1_000] * 25), PastDay(DAY - timedelta(days=26), (250, 250, 0, 0), 40_000.0)]
    assert fresh_after(late, DAY, 4) == day_end(DAY) - timedelta(hours=1)


def test_few_rows_vary_by_chance():
    bounds = expected_rows(past(*[4] * 7), DAY, 4)
    assert bounds.least < 1
    assert bounds.most > 20


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**9), min_size=7, max_size=28), st.integers(1, 4))
def test_the_usual_number_of_rows_is_never_odd(rows, elapsed):
    bounds = expected_rows(past(*rows), DAY, elapsed)
    assert 0 <= bounds.least <= bounds.usual <= bounds.most


def test_only_slots_that_are_over_count():
    start = day_start(DAY)
    instants = [start - timedelta(hours=1), start, start + timedelta(hours=7), start + timedelta(days=3)]
    assert [elapsed_slots(DAY, instant) for instant in instants] == [0, 0, 1, 4]
    morning = [PastDay(DAY - timedelta(days=age), (10, 990, 0, 0)) for age in range(1, 8)]
    assert expected_rows(morning, DAY, 1).usual == 10
    assert expected_rows(morning, DAY, 0) is None


def test_a_day_may_end_as_long_after_its_last_row_as_twice_the_usual():
    assert fresh_after(past(*[1_000] * 7, lag=7 * 3_600), DAY, 4) == day_end(DAY) - timedelta(hours=14)
    assert fresh_after(past(*[1_000] * 7, lag=60), DAY, 4) == day_end(DAY) - timedelta(hours=1)
    assert fresh_after(past(*[0] * 7, lag=None), DAY, 4) is None


def test_a_slot_that_always_had_rows_must_have_some():
    history = past(*[1_000] * 7)
    assert fresh_after(history, DAY, 2) == day_start(DAY) + timedelta(hours=6)
    quiet = [*history, PastDay(DAY - timedelta(days=8), (100, 0, 100, 100), 60.0)]
    assert fresh_after(quiet, DAY, 2) is None


def test_rows_are_told_by_slot_with_the_lag_of_the_last():
    start = day_start(DAY)
    at = [start, start + timedelta(hours=5), start + timedelta(hours=23), start - timedelta(hours=1), None]
    table = pa.table({"at": pa.array(at, pa.timestamp("us", "UTC"))})
    assert arrival(table, "at", DAY) == PastDay(DAY, (2, 0, 0, 1), 3_600.0)
    assert arrival(table.slice(3), "at", DAY) == PastDay(DAY, (0, 0, 0, 0), None)
    assert arrival(table, "elsewhere", DAY) == arrival(table, None, DAY) == PastDay(DAY, (0, 0, 0, 0), None)

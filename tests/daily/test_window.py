from datetime import date, timedelta

import pytest

from aimon.clock import instant
from aimon.daily.window import WINDOWS, current_slot, first_day, is_under_way, maturity, windows_of
from aimon.verdict.record import Maturity

DAY = date(2026, 11, 19)


@pytest.mark.parametrize(
    ("moment", "slot"),
    [
        ("2026-11-20T00:00:00Z", "2026-11-20T00:00:00Z"),
        ("2026-11-20T05:59:59Z", "2026-11-20T00:00:00Z"),
        ("2026-11-20T23:59:59Z", "2026-11-20T18:00:00Z"),
        ("2026-11-20T01:30:00+02:00", "2026-11-19T18:00:00Z"),
    ],
)
def test_the_current_slot_starts_at_a_quarter_of_the_utc_day(moment: str, slot: str) -> None:
    assert current_slot(instant(moment)) == instant(slot)


def test_windows_end_with_the_judged_day() -> None:
    assert [first_day(DAY, window) for window in WINDOWS] == [DAY, DAY - timedelta(6), DAY - timedelta(29)]


def test_without_a_horizon_a_day_is_mature_when_it_is_over() -> None:
    assert maturity(DAY, timedelta(0), instant("2026-11-20T00:00:00Z")) is Maturity.MATURE
    assert maturity(DAY, timedelta(0), instant("2026-11-19T23:59:59Z")) is Maturity.PROVISIONAL


@pytest.mark.parametrize(
    ("as_of", "names"),
    [
        ("2026-11-19T00:00:00Z", ["1d", "7d", "30d"]),
        ("2026-11-19T06:00:00Z", ["1d", "7d", "30d", "24h"]),
        ("2026-11-19T18:00:00Z", ["1d", "7d", "30d", "24h"]),
        ("2026-11-20T00:00:00Z", ["1d", "7d", "30d"]),
    ],
)
def test_the_last_24_hours_are_a_window_of_their_own_until_the_day_is_over(as_of: str, names: list[str]) -> None:
    assert [window.name for window in windows_of(DAY, instant(as_of))] == names
    assert is_under_way(DAY, instant(as_of)) is (instant(as_of) < instant("2026-11-20T00:00:00Z"))

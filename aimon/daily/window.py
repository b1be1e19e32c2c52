"""The windows a day is judged on, and when their labels are mature.

`1d`, `7d` and `30d` are whole days of which the judged one is the last. `24h` ends with the last 6-hour slot that is
over, so it is judged of a day under way only: once the day is over, its last 24 hours are the day.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from aimon.clock import DAY, SLOT_HOURS, SLOTS_PER_DAY, day_end, day_start, days, elapsed_slots
from aimon.verdict.record import Maturity


@dataclass(frozen=True, slots=True)
class Window:
    """A named span that ends with the judged day."""

    name: str
    days: int


WINDOWS = (Window("1d", 1), Window("7d", 7), Window("30d", 30))
OWN, LONGEST = WINDOWS[0], WINDOWS[-1]
ROLLING = Window("24h", 1)
NAMES = tuple(window.name for window in (*WINDOWS, ROLLING))


def is_under_way(day: date, as_of: datetime) -> bool:
    """Whether the day is not over at the instant."""
    return as_of < day_end(day)


def windows_of(day: date, as_of: datetime) -> tuple[Window, ...]:
    """The windows to judge at the instant."""
    return (*WINDOWS, ROLLING) if 0 < elapsed_slots(day, as_of) < SLOTS_PER_DAY else WINDOWS


def current_slot(moment: datetime) -> datetime:
    """The start of the 6-hour slot that holds the instant: what a run takes as its `as_of` when nobody says another.

    >>> from aimon.clock import instant
    >>> current_slot(instant("2026-11-20T17:24:00")).isoformat()
    '2026-11-20T12:00:00+00:00'
    """
    return day_start(moment.date()) + timedelta(hours=moment.hour // SLOT_HOURS * SLOT_HOURS)


def maturity(last_day: date, horizon: timedelta, as_of: datetime) -> Maturity:
    """Mature when, at `as_of`, even the window's last row has had its horizon to be labelled."""
    return Maturity.MATURE if day_end(last_day) + horizon <= as_of else Maturity.PROVISIONAL


def last_mature_day(horizon: timedelta, as_of: datetime) -> date:
    """The last day that is mature at the instant.

    >>> from aimon.clock import instant
    >>> last_mature_day(timedelta(days=30), instant("2026-11-20T00:00:00Z"))
    datetime.date(2026, 10, 20)
    """
    return (as_of - horizon).date() - DAY


def first_day(last_day: date, window: Window) -> date:
    """The first day of the window that ends with `last_day`."""
    return last_day - (window.days - 1) * DAY


def judged_again(touched: Collection[date], as_of: datetime) -> list[date]:
    """The days, other than the touched ones, whose windows hold one of these and are judged again for that.

    They are of the last 30 days that are over; what was judged of older ones stays as it was known then.
    """
    today = as_of.date()
    others = (day for day in days(today - LONGEST.days * DAY, today - DAY) if day not in touched)
    return [day for day in others if any(first_day(day, LONGEST) <= one < day for one in touched)]

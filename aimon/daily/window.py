"""The windows a day is judged on, and when their labels are mature."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from aimon.clock import DAY, SLOT_HOURS, day_end, day_start
from aimon.verdict.record import Maturity


@dataclass(frozen=True, slots=True)
class Window:
    """A named span of whole days that ends with the judged one."""

    name: str
    days: int


WINDOWS = (Window("1d", 1), Window("7d", 7), Window("30d", 30))


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


def first_day(last_day: date, window: Window) -> date:
    """The first day of the window that ends with `last_day`."""
    return last_day - (window.days - 1) * DAY

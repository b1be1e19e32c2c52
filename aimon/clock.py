"""The one clock. Every instant in the product is timezone-aware UTC and comes from here.

`AIMON_NOW` (an ISO instant) stops the clock of a process, `stopped_at` that of a block, so that replays and tests see
the time they want.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta

DAY = timedelta(days=1)
SLOT_HOURS = 6
SLOTS_PER_DAY = 24 // SLOT_HOURS
_STOPPED: ContextVar[datetime | None] = ContextVar("stopped", default=None)


def now() -> datetime:
    """The current instant in UTC."""
    held = _STOPPED.get()
    if held is not None:
        return held
    stopped = os.environ.get("AIMON_NOW")
    return instant(stopped) if stopped else datetime.now(UTC)


@contextmanager
def stopped_at(moment: datetime) -> Iterator[None]:
    """In the block, it is that instant.

    >>> with stopped_at(instant("2026-11-20T06:00:00Z")):
    ...     iso(now())
    '2026-11-20T06:00:00Z'
    """
    token = _STOPPED.set(moment)
    try:
        yield
    finally:
        _STOPPED.reset(token)


def today() -> date:
    """The current UTC day."""
    return now().date()


def instant(text: str) -> datetime:
    """Parse an ISO instant; one without an offset is taken as UTC.

    >>> instant("2026-11-20T07:00:00+01:00")
    datetime.datetime(2026, 11, 20, 6, 0, tzinfo=datetime.timezone.utc)
    """
    parsed = datetime.fromisoformat(text)
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def iso(moment: datetime) -> str:
    """Write an aware instant as UTC to the second, with a Z.

    >>> iso(instant("2026-11-20T06:00:00"))
    '2026-11-20T06:00:00Z'
    """
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def day_start(day: date) -> datetime:
    """Midnight UTC at which the day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def day_end(day: date) -> datetime:
    """Midnight UTC at which the day is over."""
    return day_start(day) + DAY


def days(first: date, last: date) -> Iterator[date]:
    """Every day from `first` to `last`, both included."""
    for offset in range((last - first).days + 1):
        yield first + offset * DAY


def elapsed_slots(day: date, as_of: datetime) -> int:
    """How many 6-hour slots of the day were over at the instant.

    >>> elapsed_slots(date(2026, 11, 20), instant("2026-11-20T13:00:00Z"))
    2
    """
    passed = min(as_of, day_end(day)) - day_start(day)
    return max(0, passed // timedelta(hours=SLOT_HOURS))

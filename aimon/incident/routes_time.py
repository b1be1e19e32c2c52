"""Time as routes see it: whether an instant lies in a calendar's hours, when they are over, when the next digest is."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from aimon.spec.calendar import Calendar, Weekday
from aimon.spec.routes import NOT

DAY = timedelta(days=1)
LONGEST_WAIT_DAYS = 40
_WEEKDAYS = tuple(Weekday)


def holds(hours: str, calendars: Mapping[str, Calendar], moment: datetime) -> bool:
    """Whether it is now in the hours: `business`, or outside them: `not business`."""
    if hours.startswith(NOT):
        return not is_within(calendars[hours.removeprefix(NOT)], moment)
    return is_within(calendars[hours], moment)


def is_within(calendar: Calendar, moment: datetime) -> bool:
    """Whether the instant lies in the calendar's hours; the begin is inside, the end is not.

    >>> night = Calendar.model_validate({"from": "22:00", "to": "07:00", "timezone": "Europe/Berlin"})
    >>> is_within(night, datetime(2026, 11, 20, 5, tzinfo=UTC)), is_within(night, datetime(2026, 11, 20, 7, tzinfo=UTC))
    (True, False)
    """
    local = moment.astimezone(ZoneInfo(calendar.timezone))
    minute = local.hour * 60 + local.minute
    begin, end = _minutes(calendar.from_), _minutes(calendar.to)
    if begin < end:
        return _counts(calendar, local) and begin <= minute < end
    return (minute >= begin and _counts(calendar, local)) or (minute < end and _counts(calendar, local - DAY))


def over(hours: str, calendars: Mapping[str, Calendar], moment: datetime) -> datetime:
    """The first instant from `moment` on at which the hours do not hold; `moment` itself if that never comes."""
    calendar = calendars[hours.removeprefix(NOT)]
    for candidate in _turns(calendar, moment):
        if not holds(hours, calendars, candidate):
            return candidate
    return moment


def next_at(clock_time: str, timezone: str, moment: datetime) -> datetime:
    """The first instant after `moment` at which clocks of the zone show that time.

    >>> next_at("08:00", "Europe/Berlin", datetime(2026, 11, 20, 7, tzinfo=UTC)).isoformat()
    '2026-11-21T07:00:00+00:00'
    """
    local = moment.astimezone(ZoneInfo(timezone))
    return next(instant for days in (0, 1, 2) if (instant := _at(local + days * DAY, _minutes(clock_time))) > moment)


def _turns(calendar: Calendar, moment: datetime) -> Iterator[datetime]:
    """`moment`, and the instants after it at which the hours may begin or end, in order."""
    yield moment
    local = moment.astimezone(ZoneInfo(calendar.timezone))
    minutes = sorted({0, _minutes(calendar.from_), _minutes(calendar.to)})
    for days in range(LONGEST_WAIT_DAYS):
        for minute in minutes:
            instant = _at(local + days * DAY, minute)
            if instant > moment:
                yield instant


def _at(local: datetime, minute: int) -> datetime:
    """The instant at which the local day's clocks show so many minutes after midnight; skipped ones come after."""
    day = local.date() + (DAY if minute == 24 * 60 else timedelta())
    naive = datetime.combine(day, time(minute // 60 % 24, minute % 60), tzinfo=local.tzinfo)
    return naive.astimezone(UTC)


def _counts(calendar: Calendar, begin: datetime) -> bool:
    """Whether hours begin on the local day."""
    return _WEEKDAYS[begin.weekday()] in calendar.days and begin.date() not in calendar.holidays


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)

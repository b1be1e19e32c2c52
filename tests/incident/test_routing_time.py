from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aimon.incident.routes_time import holds, is_within, next_at, over
from aimon.spec.calendar import Calendar, Weekday

BERLIN = ZoneInfo("Europe/Berlin")
BUSINESS = Calendar.model_validate(
    {
        "timezone": "Europe/Berlin",
        "days": ["mon", "tue", "wed", "thu", "fri"],
        "from": "09:00",
        "to": "17:30",
        "holidays": ["2026-12-25"],
    }
)
NIGHT = Calendar.model_validate(
    {"timezone": "Europe/Berlin", "from": "22:00", "to": "07:00", "days": ["mon", "tue", "wed", "thu", "fri"]}
)
WEEKEND = Calendar.model_validate({"days": ["sat", "sun"]})
CALENDARS = {"business": BUSINESS, "night": NIGHT, "weekend": WEEKEND}


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("calendar", "moment", "within"),
    [
        (BUSINESS, "2026-11-20 08:59", False),
        (BUSINESS, "2026-11-20 09:00", True),
        (BUSINESS, "2026-11-20 17:29", True),
        (BUSINESS, "2026-11-20 17:30", False),
        (BUSINESS, "2026-11-21 12:00", False),  # a Saturday
        (BUSINESS, "2026-12-25 12:00", False),  # a holiday
        (BUSINESS, "2026-07-20 09:30", True),  # summer time
        (NIGHT, "2026-11-20 23:00", True),
        (NIGHT, "2026-11-21 06:59", True),  # the night that began on Friday
        (NIGHT, "2026-11-21 23:00", False),  # Saturday's is none
        (NIGHT, "2026-11-22 03:00", False),
        (NIGHT, "2026-11-23 03:00", False),  # Sunday's neither
        (NIGHT, "2026-11-20 12:00", False),
    ],
)
def test_hours_are_those_of_the_zone_the_weekdays_and_the_holidays(
    calendar: Calendar, moment: str, within: bool
) -> None:
    assert is_within(calendar, berlin(moment)) is within


def test_a_whole_day_ends_at_midnight() -> None:
    assert is_within(WEEKEND, datetime(2026, 11, 22, 23, 59, tzinfo=UTC))
    assert not is_within(WEEKEND, datetime(2026, 11, 23, tzinfo=UTC))


def test_not_turns_hours_round() -> None:
    noon = berlin("2026-11-20 12:00")
    assert holds("business", CALENDARS, noon)
    assert not holds("not business", CALENDARS, noon)


@pytest.mark.parametrize(
    ("hours", "moment", "until"),
    [
        ("night", "2026-11-20 23:00", "2026-11-21 07:00"),
        ("night", "2026-11-20 12:00", "2026-11-20 12:00"),
        ("not business", "2026-11-20 18:00", "2026-11-23 09:00"),  # over the weekend
        ("not business", "2026-12-24 18:00", "2026-12-28 09:00"),  # over the holiday and the weekend
        ("night", "2026-10-24 03:00", "2026-10-24 07:00"),
        ("not business", "2026-03-27 18:00", "2026-03-30 09:00"),  # over the change to summer time
    ],
)
def test_hours_are_over_when_they_end(hours: str, moment: str, until: str) -> None:
    assert over(hours, CALENDARS, berlin(moment)) == berlin(until)


def test_hours_that_never_end_keep_nobody_waiting() -> None:
    always = {"always": Calendar()}
    moment = datetime(2026, 11, 20, tzinfo=UTC)
    assert over("always", always, moment) == moment


@settings(max_examples=60, deadline=None)
@given(
    begin=st.integers(0, 95),
    length=st.integers(1, 95),
    days=st.sets(st.sampled_from(list(Weekday)), min_size=1),
    holidays=st.sets(st.dates(date(2026, 3, 20), date(2026, 4, 10)), max_size=4),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"]),
    minutes=st.integers(0, 20 * 24 * 60),
)
def test_the_end_of_hours_is_the_first_minute_outside_them(
    begin: int, length: int, days: set[Weekday], holidays: set[date], zone: str, minutes: int
) -> None:
    quarters = [f"{quarter // 4:02}:{quarter % 4 * 15:02}" for quarter in (begin, (begin + length) % 96)]
    calendar = Calendar.model_validate(
        {"timezone": zone, "days": sorted(days), "from": quarters[0], "to": quarters[1], "holidays": sorted(holidays)}
    )
    moment = datetime(2026, 3, 20, tzinfo=UTC) + timedelta(minutes=minutes)
    end = over("hours", {"hours": calendar}, moment)
    outside = moment
    while is_within(calendar, outside):
        outside += timedelta(minutes=1)
    assert end == outside


@pytest.mark.parametrize(
    ("clock_time", "moment", "expected"),
    [
        ("08:00", "2026-11-20 07:59", "2026-11-20 08:00"),
        ("08:00", "2026-11-20 08:00", "2026-11-21 08:00"),
        ("24:00", "2026-11-20 08:00", "2026-11-21 00:00"),
        ("08:00", "2026-10-24 12:00", "2026-10-25 08:00"),
    ],
)
def test_the_next_digest_is_at_the_next_such_time_of_the_zone(clock_time: str, moment: str, expected: str) -> None:
    assert next_at(clock_time, "Europe/Berlin", berlin(moment)) == berlin(expected)

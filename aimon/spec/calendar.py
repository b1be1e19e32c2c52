"""Calendars: business hours, nights and holidays by name, for routes that depend on the time."""

import re
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from aimon.spec.day import Day
from aimon.spec.declared import Declared
from aimon.spec.several import Some
from aimon.spec.timezone import Timezone
from aimon.spec.wording import quoted

CLOCK_PATTERN = r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"


class Weekday(StrEnum):
    """The days of the week, Monday first."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


def check_clock(text: str) -> str:
    """Let only times of the day through.

    >>> check_clock("07:30")
    '07:30'
    """
    if re.fullmatch(CLOCK_PATTERN, text) is None:
        raise ValueError(f"{quoted(text)} is not a time of the day; write hours and minutes, such as 09:00")
    return text


ClockTime = Annotated[str, AfterValidator(check_clock), WithJsonSchema({"type": "string", "pattern": CLOCK_PATTERN})]


class Calendar(Declared):
    """Hours that come back every week. Hours that end before they begin go on into the next day."""

    timezone: Timezone = Field(default="UTC", description="which zone the hours are in")
    days: Annotated[tuple[Weekday, ...], Some] = Field(
        default=tuple(Weekday), description="on which days of the week the hours begin"
    )
    from_: ClockTime = Field(default="00:00", alias="from", description="when the hours begin, such as 09:00")
    to: ClockTime = Field(default="24:00", description="when the hours end, such as 17:30")
    holidays: tuple[Day, ...] = Field(default=(), description="on which days the hours do not begin")

    @model_validator(mode="after")
    def _some_hours(self) -> Self:
        if self.from_ in (self.to, "24:00"):
            raise ValueError(f"from {self.from_} to {self.to} is no time at all; leave both out for the whole day")
        return self

"""Spans of time as people write them: `30d`, `6h`, `90m`, `2w`."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from aimon.spec.wording import found

PATTERN = r"^(0|[1-9][0-9]*)[smhdw]$"
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LONGEST = timedelta(days=36_525)


def parse_duration(value: Any) -> timedelta:
    """Turn `30d` into a timedelta.

    >>> parse_duration("36h")
    datetime.timedelta(days=1, seconds=43200)
    """
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str) or re.fullmatch(PATTERN, value) is None:
        raise ValueError(f"{found(value)} is not a span of time; write a number and a unit, such as 30d, 6h or 15m")
    try:
        span = timedelta(**{_UNITS[value[-1]]: int(value[:-1])})
    except (OverflowError, ValueError):
        span = timedelta.max
    if span > _LONGEST:
        raise ValueError(f"{found(value)} is longer than a century")
    return span


def format_duration(span: timedelta) -> str:
    """Write a timedelta in its largest whole unit.

    >>> format_duration(timedelta(hours=48))
    '2d'
    """
    seconds = int(span.total_seconds())
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


Duration = Annotated[
    timedelta,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration),
    WithJsonSchema({"type": "string", "pattern": PATTERN, "examples": ["30d", "6h"]}),
]

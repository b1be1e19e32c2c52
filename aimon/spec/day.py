"""Days of the calendar as people write them: `2026-09-01`."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BeforeValidator

from aimon.spec.wording import found


def parse_day(value: Any) -> date:
    """Turn `2026-09-01` into a date; nothing else is a day.

    >>> parse_day("2026-09-01")
    datetime.date(2026, 9, 1)
    """
    if type(value) is date:
        return value
    if not isinstance(value, str) or re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value) is None:
        raise ValueError(f"{found(value)} is not a day; write year-month-day, such as 2026-09-01")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{value} is not a day of the calendar") from None


Day = Annotated[date, BeforeValidator(parse_day)]

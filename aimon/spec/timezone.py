"""Names of time zones, as the IANA database has them: `UTC`, `Europe/Berlin`."""

import zoneinfo
from typing import Annotated

from pydantic import AfterValidator

from aimon.spec.wording import nearest, quoted


def check_timezone(name: str) -> str:
    """Let only known zones through.

    >>> check_timezone("Europe/Berlin")
    'Europe/Berlin'
    """
    if name == "UTC":
        return name
    try:
        zoneinfo.ZoneInfo(name)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        near = nearest(name, zoneinfo.available_timezones())
        hint = f"did you mean {quoted(near)}?" if near else "write one such as UTC or Europe/Berlin"
        raise ValueError(f"{quoted(name)} is not a time zone; {hint}") from None
    return name


Timezone = Annotated[str, AfterValidator(check_timezone)]

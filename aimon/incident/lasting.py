"""Whether a warning of drift lasts. A population has odd days, and nobody needs to hear of one that is over tomorrow.

In: an incident with its findings and records. Out: whether it was found often enough to be told.
"""

from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import Connection

from aimon.clock import days
from aimon.incident.cause import CHECK_FAMILIES
from aimon.incident.found import excess, window_length
from aimon.incident.lifecycle_clean import is_clean
from aimon.store import findings, records
from aimon.store.incidents import Incident

FAR = 1.0
"""How far beyond its limit, in limits, a value leaves no doubt: at twice the limit."""


def lasts(connection: Connection, incident: Incident, least: int) -> bool:
    """Whether it was found on `least` days without a clean day between them, or by a window of that many days.

    What lies far beyond its limit needs no second day.
    """
    families = CHECK_FAMILIES["drift"]
    own = [each for each in findings.of_incident(connection, incident.id) if each.family in families]
    found = [each for each in own if each.cleared_at is None]
    if any(window_length(each.window).days >= least or excess(each) >= FAR for each in found):
        return True
    on = {each.day for each in found}
    if len(on) < least:
        return False
    about = findings.series(connection, incident.id, families)
    between = [day for day in days(min(on), max(on)) if day not in on]
    verdicts = records.verdicts_of_days(connection, model=incident.model, families=families, days=between, about=about)
    return longest_row(on, [day for day in between if is_clean(verdicts.get(day, set()))]) >= least


def longest_row(found: Iterable[date], clean: Collection[date]) -> int:
    """The most days found without a clean one between.

    >>> november = [date(2026, 11, day) for day in (1, 2, 5, 6, 9)]
    >>> longest_row(november, clean=[date(2026, 11, 3)]), longest_row(november, clean=[])
    (3, 5)
    """
    longest, row, last = 0, 0, None
    for day in sorted(found):
        broken = last is not None and any(last < other < day for other in clean)
        row = 1 if broken else row + 1
        longest, last = max(longest, row), day
    return longest

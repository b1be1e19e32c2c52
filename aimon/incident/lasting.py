"""Whether a warning of drift lasts. A population has odd days, and nobody needs to hear of one that is over tomorrow.

In: an incident with its findings and records. Out: whether it was found often enough to be told.
"""

from collections.abc import Collection, Iterable
from datetime import date, timedelta

from sqlalchemy import Connection

from aimon import clock
from aimon.clock import days
from aimon.incident.cause import CHECK_FAMILIES
from aimon.incident.event_kinds import RESOLVED
from aimon.incident.found import excess, window_length
from aimon.incident.lifecycle_clean import is_clean
from aimon.store import findings, incidents, records
from aimon.store.incidents import Incident

Found = tuple[date, timedelta, float]

FAR = 1.0
"""How far beyond its limit, in limits, a value leaves no doubt: at twice the limit."""


def lasts(connection: Connection, incident: Incident, least: int) -> bool:
    """Whether it was found on `least` days without a clean day between them, or by a window of that many days.

    What lies far beyond its limit needs no second day. What was resolved after a clean day is over: what was found
    until then counts no more, nor does a longer window that still looks back on it.
    """
    families = CHECK_FAMILIES["drift"]
    own = [each for each in findings.of_incident(connection, incident.id) if each.family in families]
    found = [(each.day, window_length(each.window), excess(each)) for each in own if each.cleared_at is None]
    if not found:
        return False
    shortest = min(window for _, window, _ in found)
    on = {day for day, window, _ in found if window == shortest}
    between = [day for day in days(min(on), max(day for day, _, _ in found)) if day not in on]
    about = findings.series(connection, incident.id, families)
    verdicts = records.verdicts_of_days(connection, model=incident.model, families=families, days=between, about=about)
    clean = [day for day in between if is_clean(verdicts.get(day, set()))]
    ended = max((each.at for each in incidents.events(connection, incident.id) if each.kind == RESOLVED), default=None)
    over = max((day for day in clean if ended is not None and clock.day_end(day) <= ended), default=date.min)
    return holds(found, on, clean, over, least)


def holds(found: Collection[Found], on: Collection[date], clean: Collection[date], over: date, least: int) -> bool:
    """Whether what was found after `over` is enough; `on` are the days that the shortest window found.

    >>> from aimon.clock import DAY
    >>> november = [date(2026, 11, day) for day in (1, 2, 3, 4)]
    >>> found = [(day, DAY, 0.2) for day in november]
    >>> holds(found[:2], november[:2], [], date.min, 2), holds(found[:2], november[:2], [], november[0], 2)
    (True, False)
    """
    past = [day for day in on if day <= over]
    now = [each for each in found if each[0] > over and not any(each[0] - each[1] < day for day in past)]
    if any(window.days >= least or beyond >= FAR for _, window, beyond in now):
        return True
    return longest_row({day for day, _, _ in now}, clean) >= least


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

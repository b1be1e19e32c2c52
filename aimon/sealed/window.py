"""Which envelopes belong to a question. In: envelopes, what their headers must say. Out: those that say so.

Envelopes are chosen whole, by what anybody may read of them; which of the records in one are asked for is for a mask of
`aimon.sealed.join`.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from aimon.errors import SealedError
from aimon.sealed.envelope import Envelope


def select(
    envelopes: Iterable[Envelope],
    *,
    first: date | None = None,
    last: date | None = None,
    tags: Mapping[str, str] | None = None,
) -> list[Envelope]:
    """The envelopes of the days from `first` to `last` that carry all of the tags."""
    wanted = dict(tags or {})
    return [
        each
        for each in envelopes
        if (first is None or each.header.day >= first)
        and (last is None or each.header.day <= last)
        and wanted.items() <= each.header.tags.items()
    ]


def window(
    envelopes: Iterable[Envelope], last: date, *, days: int, tags: Mapping[str, str] | None = None
) -> list[Envelope]:
    """The envelopes of so many days up to the last one; SealedError where there is none."""
    first = last - timedelta(days=days - 1)
    found = select(envelopes, first=first, last=last, tags=tags)
    if not found:
        named = "".join(f", {name}={value}" for name, value in (tags or {}).items())
        raise SealedError(f"no envelope is of {first} to {last}{named}")
    return found


def by_day(envelopes: Iterable[Envelope]) -> dict[date, list[Envelope]]:
    """The envelopes of each day, in order."""
    days: dict[date, list[Envelope]] = {}
    for each in sorted(envelopes, key=lambda each: (each.header.day, each.id)):
        days.setdefault(each.header.day, []).append(each)
    return days

"""Which records are asked for, as conditions that go through the key of the table: model, day, window, family.

A range of days ends the use of the key, so days are named one by one where a window or a family is known: the database
then seeks to each and passes over the others.
"""

from collections.abc import Collection
from datetime import date
from typing import TypedDict, Unpack

from sqlalchemy import ColumnElement

from aimon.clock import days
from aimon.store.columns import Label
from aimon.store.findings import WINDOWS
from aimon.store.tables import records as table

MOST_DAYS = 400
"""How many days are named one by one; more are a range."""


class Narrowed(TypedDict, total=False):
    """What narrows the records of some days; None narrows nothing. `segment=""` means all rows, and no segment."""

    window: str | None
    family: str | Collection[str] | None
    metric: str | Collection[str] | None
    column: Label | None
    segment: str | None
    verdicts: Collection[str] | None


def asked(
    model: str, since: date, until: date, *, rules: bool = False, **narrowed: Unpack[Narrowed]
) -> list[ColumnElement[bool]]:
    """The model's records of the days from `since` to `until`, both included.

    `rules` adds what rules of the user's own found.
    """
    families, metrics = _each(narrowed.get("family")), _each(narrowed.get("metric"))
    column, segment, verdicts = narrowed.get("column"), narrowed.get("segment"), narrowed.get("verdicts")
    conditions = [
        None if metrics is None else table.c.metric.in_(sorted(metrics)),
        None if column is None else table.c.column == column,
        None if segment is None else table.c.segment.is_(None) if segment == "" else table.c.segment == segment,
        None if verdicts is None else table.c.verdict.in_(sorted(verdicts)),
        None if rules else table.c.rule.is_(None),
    ]
    own = [condition for condition in conditions if condition is not None]
    return [table.c.model == model, *_key(since, until, narrowed.get("window"), families), *own]


def _each(names: str | Collection[str] | None) -> Collection[str] | None:
    return [names] if isinstance(names, str) else names


def _key(since: date, until: date, window: str | None, families: Collection[str] | None) -> list[ColumnElement[bool]]:
    """The days, windows and families."""
    within = [table.c.day >= since, table.c.day <= until]
    known = window is not None or families is not None
    if known and since <= until and (until - since).days < MOST_DAYS:
        within = [table.c.day.in_(list(days(since, until)))]
    if window is not None:
        within.append(table.c.window == window)
    elif families is not None:
        within.append(table.c.window.in_(WINDOWS))
    return within if families is None else [*within, table.c.family.in_(sorted(families))]

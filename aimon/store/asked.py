"""Which records are asked for, as conditions that go through the key of the table: model, day, window, family.

A range of days ends the use of the key, so days are named one by one where a window or a family is known: the database
then seeks to each and passes over the others.
"""

from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement

from aimon.clock import days
from aimon.store.columns import Label
from aimon.store.findings import WINDOWS
from aimon.store.tables import records as table

MOST_DAYS = 400
"""How many days are named one by one; more are a range."""


def asked(
    model: str,
    since: date,
    until: date,
    *,
    window: str | None = None,
    family: str | Collection[str] | None = None,
    metric: str | Collection[str] | None = None,
    column: Label | None = None,
    segment: str | None = None,
    verdicts: Collection[str] | None = None,
    rules: bool = False,
) -> list[ColumnElement[bool]]:
    """The model's records of the days from `since` to `until`, both included; each further argument narrows.

    `segment=""` means the records of all rows only. `rules` adds what rules of the user's own found.
    """
    families = [family] if isinstance(family, str) else family
    metrics = [metric] if isinstance(metric, str) else metric
    conditions = [
        None if metrics is None else table.c.metric.in_(sorted(metrics)),
        None if column is None else table.c.column == column,
        None if segment is None else table.c.segment.is_(None) if segment == "" else table.c.segment == segment,
        None if verdicts is None else table.c.verdict.in_(sorted(verdicts)),
        None if rules else table.c.rule.is_(None),
    ]
    narrowed = [condition for condition in conditions if condition is not None]
    return [table.c.model == model, *_key(since, until, window, families), *narrowed]


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

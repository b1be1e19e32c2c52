"""The records of every window: written whole by model, day, window and family, read by model and range.

A record here is any object whose `as_json()` gives the fields of the product's record; what comes back adds the
model, version, day, window and origin under which it was stored.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter, itemgetter
from typing import Any, Protocol, Unpack

from sqlalchemy import (
    Connection,
    Row,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
)

from aimon.clock import iso
from aimon.store import headlines
from aimon.store.asked import Narrowed, asked
from aimon.store.columns import Label
from aimon.store.findings import Series
from aimon.store.locks import lock
from aimon.store.tables import records as table
from aimon.store.tables.headlines import condition as headline

PROVISIONAL = "provisional"
_ORDER = (table.c.day, table.c.window, table.c.family, table.c.position)


Place = tuple[date, str, str, int]
"""Where a record stands among those of its model: day, window, family, position."""


class Recordable(Protocol):
    """One metric's result, able to name its fields."""

    def as_json(self) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRecord:
    """A record as it was stored. `family`, `verdict` and `maturity` are the words of their enumerations."""

    model: str
    version: str
    day: date
    window: str
    family: str
    metric: str
    column: Label | None
    segment: str | None
    group: Label | None
    groups: tuple[Label, Label] | None
    value: float | None
    low: float | None
    high: float | None
    p_value: float | None
    p_adjusted: float | None
    threshold: float | None
    verdict: str
    maturity: str | None
    n_reference: int | None
    n_current: int | None
    low_power: bool
    reason: str | None
    rule: str | None
    baseline_id: str | None
    grid_id: str | None
    run_id: str | None
    as_of: datetime

    def as_json(self) -> dict[str, Any]:
        """The record as the API prints it."""
        told = dict(zip(self.__slots__, _VALUES(self), strict=True))  # asdict would copy every value
        return {**told, "day": self.day.isoformat(), "as_of": iso(self.as_of)}


_VALUES = attrgetter(*StoredRecord.__slots__)
_FIELDS = StoredRecord.__slots__
_PLACES = itemgetter(*(list(table.c.keys()).index(name) for name in _FIELDS))
"""Where each field stands in a row of the table."""


def replace(
    connection: Connection,
    *,
    model: str,
    version: str,
    day: date,
    window: str,
    records: Iterable[Recordable],
    baseline_id: str | None,
    grid_id: str | None,
    run_id: str | None,
    as_of: datetime,
    families: Collection[str] | None = None,
) -> int:
    """Put these records in the place of all that the window held, and say how many there are now.

    With `families` only those families are replaced, and a record of another one is a mistake. The same call twice
    leaves the same rows.
    """
    extras = {
        "model": model,
        "version": version,
        "day": day,
        "window": window,
        "baseline_id": baseline_id,
        "grid_id": grid_id,
        "run_id": run_id,
        "as_of": as_of,
    }
    rows = _numbered([record.as_json() for record in records], extras)
    strangers = {str(row["family"]) for row in rows} - set(families) if families is not None else set()
    if strangers:
        raise ValueError(f"records of {sorted(strangers)} among those of {sorted(families or ())}")
    lock(connection, "records", model, day.isoformat(), window)
    stale = [table.c.model == model, table.c.day == day, table.c.window == window]
    if families is not None:
        stale.append(table.c.family.in_(list(families)))
    connection.execute(delete(table).where(*stale))
    if rows:
        connection.execute(insert(table), rows)
    headlines.changed(connection, model)
    return len(rows)


def query(
    connection: Connection,
    *,
    model: str,
    since: date,
    until: date,
    rules: bool = False,
    limit: int | None = None,
    offset: int = 0,
    **narrowed: Unpack[Narrowed],
) -> list[StoredRecord]:
    """The model's records of the days from `since` to `until`, both included, in the order of day and window.

    `rules` adds what rules of the user's own found, which are further records of the same metrics.
    """
    wanted = select(table).where(*asked(model, since, until, rules=rules, **narrowed)).order_by(*_ORDER)
    return [_stored(row) for row in connection.execute(wanted.limit(limit).offset(offset)).all()]


def page(
    connection: Connection,
    *,
    model: str,
    since: date,
    until: date,
    limit: int,
    after: Place | None = None,
    **narrowed: Unpack[Narrowed],
) -> tuple[list[StoredRecord], Place | None]:
    """What `query` gives, rules included, in pages: the records behind `after`, and the place of the last of them.

    The place is None where nothing follows.
    """
    begin = since if after is None else max(since, after[0])
    wanted = select(table).where(*asked(model, begin, until, rules=True, **narrowed)).order_by(*_ORDER)
    if after is not None:
        day, *rest = after
        behind = tuple_(*_ORDER[1:]) > tuple_(*(literal(value) for value in rest))
        wanted = wanted.where(or_(table.c.day > day, behind))
    rows = connection.execute(wanted.limit(limit + 1)).all()
    last = rows[limit - 1] if len(rows) > limit else None
    place = None if last is None else (last.day, last.window, last.family, last.position)
    return [_stored(row) for row in rows[:limit]], place


def last_day(connection: Connection, *, model: str, window: str) -> date | None:
    """The last day whose window was judged."""
    wanted = select(table.c.day).where(table.c.model == model, table.c.window == window)
    return connection.execute(wanted.order_by(table.c.day.desc()).limit(1)).scalar()


def versions(connection: Connection, *, model: str) -> list[tuple[str, date, date, int]]:
    """The model's versions with their first and last judged day and the number of days, the newest first."""
    own = select(table.c.version, table.c.day).where(table.c.model == model, headline()).distinct().subquery()
    last = func.max(own.c.day)
    wanted = select(own.c.version, func.min(own.c.day), last, func.count()).group_by(own.c.version)
    rows = connection.execute(wanted.order_by(last.desc()))
    return [(version, first, until, count) for version, first, until, count in rows]


def first_judged(
    connection: Connection, *, model: str, baseline_id: str, before: date, days: int
) -> list[StoredRecord]:
    """The records of the first days that were judged against the baseline: at most `days` of them, all of `before`."""
    own = table.c.rule.is_(None)
    against = (table.c.model == model, table.c.baseline_id == baseline_id, table.c.day < before, own)
    judged = select(table.c.day).where(*against).distinct().order_by(table.c.day).limit(days)
    first = list(connection.execute(judged).scalars())
    wanted = select(table).where(*against, table.c.day.in_(first)).order_by(*_ORDER)
    return [_stored(row) for row in connection.execute(wanted)]


def alarming(connection: Connection, *, model: str, day: date, families: Collection[str]) -> list[StoredRecord]:
    """The records of the day's windows that alarm, those of the user's rules too."""
    alarms = ("warning", "critical")
    return query(connection, model=model, since=day, until=day, family=families, verdicts=alarms, rules=True)


def columns_of(connection: Connection, *, model: str, day: date, metrics: Collection[str]) -> set[Label]:
    """The columns of which these metrics speak on the day."""
    wanted = select(table.c.column).where(
        table.c.model == model, table.c.day == day, table.c.metric.in_(sorted(metrics)), table.c.column.is_not(None)
    )
    return set(connection.execute(wanted.distinct()).scalars())


def verdicts_of_days(
    connection: Connection,
    *,
    model: str,
    families: Collection[str],
    days: Collection[date],
    about: Collection[Series],
) -> dict[date, set[str]]:
    """Which verdicts those series have on each day; a day without any of them is left out.

    What labels that still arrive say is no verdict: it counts as `provisional`.
    """
    place = (table.c.metric, table.c.column, table.c.segment, table.c.group, table.c.window)
    wanted = select(table.c.day, table.c.verdict, table.c.maturity, *place).where(
        table.c.rule.is_(None),
        table.c.model == model,
        table.c.day.in_(list(days)),
        table.c.family.in_(list(families)),
        table.c.metric.in_(sorted({metric for metric, *_ in about})),
    )
    named, seen = set(about), dict[date, set[str]]()
    for day, verdict, maturity, *series in connection.execute(wanted):
        if tuple(series) in named:
            seen.setdefault(day, set()).add(PROVISIONAL if maturity == PROVISIONAL else verdict)
    return seen


def withdraw(connection: Connection, *, model: str, day: date) -> int:
    """Delete what was judged of the day, since its rows turned out to be unusable; says how many records there were."""
    return connection.execute(delete(table).where(table.c.model == model, table.c.day == day)).rowcount


def purge(connection: Connection, *, model: str, before: date) -> int:
    """Delete the model's records of days before `before`; says how many there were."""
    return connection.execute(delete(table).where(table.c.model == model, table.c.day < before)).rowcount


def _numbered(rows: Sequence[dict[str, Any]], extras: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows with their extras and their position within their family."""
    seen: Counter[str] = Counter()
    numbered = []
    for row in rows:
        family = str(row["family"])
        numbered.append({**row, **extras, "position": seen[family]})
        seen[family] += 1
    return numbered


def _stored(row: Row[Any]) -> StoredRecord:
    return StoredRecord(**dict(zip(_FIELDS, _PLACES(row), strict=True)))

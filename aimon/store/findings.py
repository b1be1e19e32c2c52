"""Findings: what alarms, by fingerprint, window and day. A rerun renews, clears or brings back the same rows."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, insert, select, update

from aimon.store.columns import Label
from aimon.store.tables import findings as table
from aimon.store.tables import registry

WINDOWS = ("1d", "24h", "7d", "30d")
"""The windows, the shortest first."""

Place = tuple[str, Label | None, str | None, Label | None]
"""A metric, its column, segment and group."""

Series = tuple[str, Label | None, str | None, Label | None, str]
"""The same, over a window."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, with the numbers that say so.

    `note` is its reason where it has no number, `rule` the user's rule that found it.
    """

    fingerprint: str
    window: str
    day: date
    model: str
    version: str
    family: str
    metric: str
    verdict: str
    column: Label | None = None
    segment: str | None = None
    group: Label | None = None
    groups: tuple[Label, Label] | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    threshold: float | None = None
    n_reference: int | None = None
    n_current: int | None = None
    note: str | None = None
    rule: str | None = None

    @property
    def key(self) -> tuple[str, str, date]:
        """What makes two findings the same one."""
        return self.fingerprint, self.window, self.day


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFinding(Finding):
    """A finding with its place in the chain. `cleared_at` is set once its partition was judged again without it."""

    id: int
    incident_id: int
    evaluation_key: str | None
    found_at: datetime
    cleared_at: datetime | None


_FIELDS = tuple(field.name for field in fields(Finding))


def fields_of(finding: Finding) -> dict[str, Any]:
    """The finding's own columns: by reference, where `asdict` would copy them."""
    return {name: getattr(finding, name) for name in _FIELDS}


def of_day(connection: Connection, *, model: str, day: date, families: Collection[str]) -> list[StoredFinding]:
    """The findings of one partition's families, cleared ones too."""
    return _found(connection, table.c.model == model, table.c.day == day, table.c.family.in_(list(families)))


def of_incident(connection: Connection, incident_id: int) -> list[StoredFinding]:
    """Everything that is behind the incident."""
    return _found(connection, table.c.incident_id == incident_id)


def standing(
    connection: Connection, *, family: str, model: str | None = None, retired: bool = False
) -> list[StoredFinding]:
    """The family's findings that nothing has cleared, of one model or of all; `retired` narrows to retired models."""
    conditions: list[ColumnElement[bool]] = [table.c.family == family, table.c.cleared_at.is_(None)]
    if model is not None:
        conditions.append(table.c.model == model)
    if retired:
        named = select(registry.c.model).where(registry.c.retired)
        keyed = select(registry.c.key).where(registry.c.retired)
        conditions.append(table.c.model.in_(named.union(keyed)))
    return _found(connection, *conditions)


def identities(connection: Connection, incident_ids: Collection[int]) -> list[tuple[int, str, str, Label | None]]:
    """What the incidents are about: number, family, metric and column of their findings, each once."""
    about = (table.c.incident_id, table.c.family, table.c.metric, table.c.column)
    wanted = select(*about).where(table.c.incident_id.in_(list(incident_ids))).distinct()
    return [(row[0], row[1], row[2], row[3]) for row in connection.execute(wanted)]


def series(connection: Connection, incident_id: int, families: Collection[str]) -> set[Series]:
    """What was found of these families, each by the shortest window that found it: its metric, place, and window."""
    about = (table.c.metric, table.c.column, table.c.segment, table.c.group, table.c.window)
    own = (table.c.incident_id == incident_id, table.c.family.in_(list(families)))
    found: dict[Place, str] = {}
    for metric, column, segment, group, window in connection.execute(select(*about).where(*own).distinct()):
        place = (metric, column, segment, group)
        if place not in found or WINDOWS.index(window) < WINDOWS.index(found[place]):
            found[place] = window
    return {(*place, window) for place, window in found.items()}


def standing_between(
    connection: Connection, *, model: str, family: str, first: date, last: date, metric: str | None = None
) -> list[StoredFinding]:
    """The family's findings of those days that nothing has cleared; of one metric, if it is named."""
    narrowed = [table.c.day >= first, table.c.day <= last]
    narrowed += [] if metric is None else [table.c.metric == metric]
    return _found(connection, table.c.model == model, table.c.family == family, table.c.cleared_at.is_(None), *narrowed)


def standing_days(connection: Connection, incident_id: int, families: Collection[str]) -> set[tuple[date, str]]:
    """The days of the incident on which something of these families is found, each with the window that finds it."""
    own = (table.c.incident_id == incident_id, table.c.cleared_at.is_(None), table.c.family.in_(list(families)))
    rows = connection.execute(select(table.c.day, table.c.window).where(*own).distinct())
    return {(row.day, row.window) for row in rows}


def add(
    connection: Connection, findings: Iterable[Finding], *, incident_id: int, evaluation_key: str | None, at: datetime
) -> None:
    """Keep new findings of the incident."""
    origin = {"incident_id": incident_id, "evaluation_key": evaluation_key, "found_at": at}
    rows = [{**fields_of(finding), **origin} for finding in findings]
    if rows:
        connection.execute(insert(table), rows)


def renew(
    connection: Connection,
    renewed: Sequence[tuple[StoredFinding, Finding]],
    *,
    incident_id: int | None,
    evaluation_key: str | None,
) -> None:
    """Give stored findings what they were found to be this time; with `incident_id` they move to that incident."""
    rows = [
        {
            **fields_of(new),
            "number": old.id,
            "incident_id": old.incident_id if incident_id is None else incident_id,
            "evaluation_key": evaluation_key,
            "cleared_at": None,
        }
        for old, new in renewed
    ]
    if rows:
        changed: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "number"}
        connection.execute(update(table).where(table.c.id == bindparam("number")).values(changed), rows)


def move(connection: Connection, from_incident: int, to_incident: int) -> None:
    """Give all findings of one incident to another."""
    connection.execute(update(table).where(table.c.incident_id == from_incident).values(incident_id=to_incident))


def clear(connection: Connection, ids: Collection[int], *, at: datetime) -> None:
    """Note that these are no longer found."""
    if ids:
        wanted = update(table).where(table.c.id == bindparam("gone")).values(cleared_at=at)
        connection.execute(wanted, [{"gone": number} for number in ids])


def _found(connection: Connection, *conditions: ColumnElement[bool]) -> list[StoredFinding]:
    rows = connection.execute(select(table).where(*conditions).order_by(table.c.id))
    return [_stored(row) for row in rows]


def _stored(row: Row[Any]) -> StoredFinding:
    return StoredFinding(**row._mapping)  # noqa: SLF001 - the documented name

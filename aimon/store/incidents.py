"""Incidents and their history: opened, changed, resolved, listed. At most one unresolved incident has a cause."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, TextClause, func, insert, or_, select, text, update

from aimon.store.tables import incident_events as history
from aimon.store.tables import incidents as table


class Status(StrEnum):
    """Where an incident stands in its life."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One cause of trouble. `subject` is the check or step it is about; `historic` ones are about the past only."""

    id: int
    cause: str
    kind: str
    model: str
    subject: str
    historic: bool
    status: Status
    severity: str
    title: str
    first_day: date | None
    last_day: date | None
    opened_at: datetime
    updated_at: datetime
    acknowledged_at: datetime | None
    resolved_at: datetime | None
    assignee: str | None


_FIELDS = tuple(table.c.keys())


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentEvent:
    """One line of an incident's history."""

    id: int
    incident_id: int
    kind: str
    at: datetime
    actor: str
    evaluation_key: str | None
    detail: Mapping[str, Any]


HISTORIC, NOT_HISTORIC = text("historic"), text("NOT historic")
"""About the past only; written as its index has it."""
UNRESOLVED = (Status.OPEN, Status.ACKNOWLEDGED)


def get(connection: Connection, incident_id: int) -> Incident | None:
    """The incident of that number."""
    row = connection.execute(select(table).where(table.c.id == incident_id)).one_or_none()
    return None if row is None else _stored(row)


def unresolved(connection: Connection, *, cause: str, historic: bool) -> Incident | None:
    """The incident that is about this cause now."""
    wanted = select(table).where(table.c.cause == cause, table.c.historic == historic, table.c.resolved_at.is_(None))
    row = connection.execute(wanted).one_or_none()
    return None if row is None else _stored(row)


def recent(
    connection: Connection, *, model: str, kind: str, historic: bool, resolved_since: datetime
) -> list[Incident]:
    """The model's incidents of the kind that stand or were resolved since; those that stand come last."""
    wanted = select(table).where(
        table.c.model == model,
        table.c.kind == kind,
        table.c.historic == historic,
        or_(table.c.resolved_at.is_(None), table.c.resolved_at >= resolved_since),
    )
    found = [_stored(row) for row in connection.execute(wanted.order_by(table.c.id))]
    return sorted(found, key=lambda incident: (incident.resolved_at is None, incident.id))


def add(
    connection: Connection,
    *,
    cause: str,
    kind: str,
    model: str,
    subject: str,
    historic: bool,
    severity: str,
    title: str,
    first_day: date,
    last_day: date,
    at: datetime,
) -> int:
    """Open an incident and give its number."""
    row = {
        "cause": cause,
        "kind": kind,
        "model": model,
        "subject": subject,
        "historic": historic,
        "status": Status.OPEN,
        "severity": severity,
        "title": title,
        "first_day": first_day,
        "last_day": last_day,
        "opened_at": at,
        "updated_at": at,
    }
    number: int = connection.execute(insert(table).values(row).returning(table.c.id)).scalar_one()
    return number


def change(connection: Connection, incident_id: int, **values: Any) -> None:
    """Set columns of the incident by their names."""
    connection.execute(update(table).where(table.c.id == incident_id).values(values))


def resolve(connection: Connection, incident_id: int, *, at: datetime) -> None:
    """Close the incident; its cause may open another one later."""
    change(connection, incident_id, status=Status.RESOLVED, resolved_at=at, updated_at=at)


def reopen(connection: Connection, incident_id: int, *, at: datetime, **values: Any) -> None:
    """Undo the resolution; nobody has acknowledged it since."""
    again = {"status": Status.OPEN, "resolved_at": None, "acknowledged_at": None, "updated_at": at}
    change(connection, incident_id, **again, **values)


def add_event(
    connection: Connection,
    incident_id: int,
    kind: str,
    *,
    at: datetime,
    actor: str,
    evaluation_key: str | None,
    detail: Mapping[str, Any],
) -> int:
    """Write a line of the incident's history and give its number."""
    row = {
        "incident_id": incident_id,
        "kind": kind,
        "at": at,
        "actor": actor,
        "evaluation_key": evaluation_key,
        "detail": detail,
    }
    number: int = connection.execute(insert(history).values(row).returning(history.c.id)).scalar_one()
    return number


def events(connection: Connection, incident_id: int) -> list[IncidentEvent]:
    """The incident's history, the oldest line first."""
    rows = connection.execute(select(history).where(history.c.incident_id == incident_id).order_by(history.c.id))
    return [IncidentEvent(**row._mapping) for row in rows]  # noqa: SLF001 - the documented name


def query(
    connection: Connection,
    *,
    model: str | None = None,
    severity: str | None = None,
    status: Status | None = None,
    historic: bool | None = None,
    standing: bool = False,
    before: int | None = None,
    limit: int | None = None,
) -> list[Incident]:
    """Incidents, the newest first: those that stand are not resolved; `before` ends the page that was read before."""
    conditions: list[ColumnElement[bool] | TextClause | None] = [
        None if model is None else table.c.model == model,
        None if severity is None else table.c.severity == severity,
        None if status is None else table.c.status == status,
        None if historic is None else HISTORIC if historic else NOT_HISTORIC,
        table.c.resolved_at.is_(None) if standing or status in UNRESOLVED else None,
        None if before is None else table.c.id < before,
    ]
    wanted = select(table).where(*(condition for condition in conditions if condition is not None))
    return [_stored(row) for row in connection.execute(wanted.order_by(table.c.id.desc()).limit(limit)).all()]


STANDING = text("resolved_at IS NULL AND NOT historic")
"""Incidents of now that are not resolved; written as their index has it."""


Standing = tuple[str, str, int, int]
"""A model and a severity, how many incidents stand, and the number of the newest."""


def standing(connection: Connection) -> list[Standing]:
    """The incidents of now that are not resolved, by model and severity."""
    wanted = select(table.c.model, table.c.severity, func.count(), func.max(table.c.id)).where(STANDING)
    rows = connection.execute(wanted.group_by(table.c.model, table.c.severity))
    return [(model, severity, count, newest) for model, severity, count, newest in rows]


def standing_counts(connection: Connection) -> dict[str, dict[str, int]]:
    """How many incidents of now each model has that are not resolved, by severity."""
    found: dict[str, dict[str, int]] = {}
    for model, severity, number, _ in standing(connection):
        found.setdefault(model, {})[severity] = number
    return found


def of_numbers(connection: Connection, numbers: Sequence[int]) -> list[Incident]:
    """The incidents of these numbers, in any order."""
    rows = connection.execute(select(table).where(table.c.id.in_(numbers)))
    return [_stored(row) for row in rows]


def _stored(row: Row[Any]) -> Incident:
    return Incident(**{**dict(zip(_FIELDS, row, strict=True)), "status": Status(row.status)})

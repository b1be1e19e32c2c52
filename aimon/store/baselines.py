"""The baselines of each model: proposed, approved, one active, the others archived. Nothing is ever rewritten."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, select, update

from aimon import clock
from aimon.errors import MissingError, StoreError
from aimon.store.locks import lock
from aimon.store.once import insert_once
from aimon.store.tables import baselines as table


class Status(StrEnum):
    """Where a baseline stands in its life."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBaseline:
    """One baseline. `artifact` is its key in the lake, `sha256` pins the bytes there, `reference` names the rows."""

    model: str
    id: str
    grid_id: str
    status: Status
    artifact: str
    sha256: str
    rows: int
    reference: Mapping[str, Any]
    created_by: str
    created_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    activated_at: datetime | None
    archived_at: datetime | None


def create(
    connection: Connection,
    *,
    model: str,
    id: str,  # noqa: A002 - the column's name
    grid_id: str,
    artifact: str,
    sha256: str,
    rows: int,
    reference: Mapping[str, Any],
    created_by: str,
) -> StoredBaseline:
    """Propose a baseline on a known grid. The same one again changes nothing; its id with other bytes is refused."""
    row = {
        "model": model,
        "id": id,
        "grid_id": grid_id,
        "status": Status.PROPOSED,
        "artifact": artifact,
        "sha256": sha256,
        "rows": rows,
        "reference": reference,
        "created_by": created_by,
        "created_at": clock.now(),
    }
    insert_once(connection, table, row)
    stored = get(connection, model, id)
    if (stored.grid_id, stored.sha256) != (grid_id, sha256):
        raise StoreError(f"baseline {id} of {model} exists with other content; give the new one another id")
    return stored


def approve(connection: Connection, model: str, baseline_id: str, *, by: str) -> StoredBaseline:
    """Record who approved the baseline and when; the first approval stands."""
    undecided = _one(model, baseline_id) & table.c.approved_at.is_(None)
    connection.execute(update(table).where(undecided).values(approved_by=by, approved_at=clock.now()))
    return get(connection, model, baseline_id)


def activate(connection: Connection, model: str, baseline_id: str) -> StoredBaseline:
    """Make this the model's active baseline and archive the one that was."""
    lock(connection, "baselines", model)
    chosen = get(connection, model, baseline_id)
    if chosen.status is Status.ACTIVE:
        return chosen
    now = clock.now()
    replaced = (table.c.model == model) & (table.c.status == Status.ACTIVE)
    connection.execute(update(table).where(replaced).values(status=Status.ARCHIVED, archived_at=now))
    taken = {"status": Status.ACTIVE, "activated_at": now, "archived_at": None}
    connection.execute(update(table).where(_one(model, baseline_id)).values(taken))
    return get(connection, model, baseline_id)


def active(connection: Connection, model: str) -> StoredBaseline | None:
    """The baseline the model is compared with now."""
    found = select(table).where(table.c.model == model, table.c.status == Status.ACTIVE)
    row = connection.execute(found).one_or_none()
    return None if row is None else _stored(row)


def get(connection: Connection, model: str, baseline_id: str) -> StoredBaseline:
    """The baseline, or a sentence about why there is none."""
    row = connection.execute(select(table).where(_one(model, baseline_id))).one_or_none()
    if row is None:
        raise MissingError(f"model {model} has no baseline {baseline_id}")
    return _stored(row)


def of_model(connection: Connection, model: str) -> list[StoredBaseline]:
    """Every baseline the model ever had, the oldest first."""
    rows = connection.execute(select(table).where(table.c.model == model).order_by(table.c.created_at, table.c.id))
    return [_stored(row) for row in rows]


def _one(model: str, baseline_id: str) -> Any:
    return (table.c.model == model) & (table.c.id == baseline_id)


def _stored(row: Row[Any]) -> StoredBaseline:
    return StoredBaseline(**{**row._mapping, "status": Status(row.status)})  # noqa: SLF001 - the documented name

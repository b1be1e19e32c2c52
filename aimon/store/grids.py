"""The grids of each model: which exist, where in the lake they lie, what they were cut from."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from aimon import clock
from aimon.store.once import insert_once
from aimon.store.tables import grids as table


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredGrid:
    """One frozen grid. `artifact` is its key in the lake; `reference` names the rows it was cut from."""

    model: str
    id: str
    artifact: str
    reference: Mapping[str, Any]
    created_at: datetime


def add(connection: Connection, *, model: str, id: str, artifact: str, reference: Mapping[str, Any]) -> StoredGrid:  # noqa: A002 - the column's name
    """Remember a grid. One that is known stays as it is: the id is the hash of its content."""
    grid = StoredGrid(model=model, id=id, artifact=artifact, reference=reference, created_at=clock.now())
    insert_once(connection, table, asdict(grid))
    return get(connection, model, id) or grid


def get(connection: Connection, model: str, grid_id: str) -> StoredGrid | None:
    """The grid, if the model has it."""
    found = connection.execute(select(table).where(table.c.model == model, table.c.id == grid_id)).one_or_none()
    return None if found is None else StoredGrid(**found._mapping)  # noqa: SLF001 - the documented name


def of_model(connection: Connection, model: str) -> list[StoredGrid]:
    """All grids of the model, the oldest first."""
    rows = connection.execute(select(table).where(table.c.model == model).order_by(table.c.created_at, table.c.id))
    return [StoredGrid(**row._mapping) for row in rows]  # noqa: SLF001

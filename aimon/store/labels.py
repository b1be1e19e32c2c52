"""The labels that came by themselves, one by one and late: which came when, and what each prediction's label is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from aimon.store.tables import labels as table

BATCH = 500


def any_of(connection: Connection, model: str) -> bool:
    """Whether any label of the model came by itself."""
    return connection.execute(select(table.c.id).where(table.c.model == model).limit(1)).first() is not None


def models(connection: Connection, *, after: datetime, until: datetime) -> list[str]:
    """The models that received labels after the one instant and up to the other."""
    came = (table.c.received_at > after) & (table.c.received_at <= until)
    return sorted(connection.execute(select(table.c.model).where(came).distinct()).scalars())


def received(connection: Connection, model: str, *, after: datetime, until: datetime) -> list[str]:
    """The ids of the predictions whose label was received after the one instant and up to the other."""
    came = (table.c.model == model) & (table.c.received_at > after) & (table.c.received_at <= until)
    return sorted(connection.execute(select(table.c.id).where(came).distinct()).scalars())


def known(connection: Connection, model: str, ids: Sequence[str], *, until: datetime) -> dict[str, Any]:
    """The label of each prediction that has one at the instant; of several sources the one that was heard last."""
    found: dict[str, Any] = {}
    for start in range(0, len(ids), BATCH):
        wanted = select(table.c.id, table.c.label).where(
            table.c.model == model, table.c.id.in_(ids[start : start + BATCH]), table.c.received_at <= until
        )
        found |= {row.id: row.label for row in connection.execute(wanted.order_by(table.c.received_at, table.c.source))}
    return found

"""Rows of the operations database that are older than they may be kept: found by model and day, and deleted."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Table, delete, func, select

from aimon.store import inbox as parcels
from aimon.store.tables import feedback, found_pii, inbox, labels, records, usage

DATED: dict[str, Table] = {"records": records, "inbox": inbox, "usage": usage, "found_pii": found_pii}
"""The tables whose rows belong to a day."""
RECEIVED: dict[str, Table] = {"labels": labels, "feedback": feedback}
"""The tables of what is said of predictions, by when it was received."""


@dataclass(frozen=True, slots=True)
class AgedRows:
    """How many rows of a model and day there are."""

    model: str
    day: date
    rows: int


def dated(connection: Connection, kind: str, before: date) -> Iterator[AgedRows]:
    """The rows of the days before, by model and day."""
    table = DATED[kind]
    number = func.sum(inbox.c.rows) if table is inbox else func.count()
    found = select(table.c.model, table.c.day, number).where(table.c.day < before)
    for row in connection.execute(found.group_by(table.c.model, table.c.day).order_by(table.c.model, table.c.day)):
        yield AgedRows(*row)


def delete_dated(connection: Connection, kind: str, model: str, day: date) -> int:
    """Delete the rows of a model and day; how many there were."""
    table = DATED[kind]
    if table is inbox:
        return parcels.purge(connection, parcels.waiting(connection, model, day))
    return connection.execute(delete(table).where(table.c.model == model, table.c.day == day)).rowcount


def received(connection: Connection, kind: str, before: datetime) -> dict[str, int]:
    """How many words of a kind each model received before the instant."""
    table = RECEIVED[kind]
    found = select(table.c.model, func.count()).where(table.c.received_at < before)
    counted = connection.execute(found.group_by(table.c.model).order_by(table.c.model))
    return {row.model: row[1] for row in counted}


def delete_received(connection: Connection, kind: str, model: str, before: datetime) -> int:
    """Delete the words of a kind that the model received before the instant; how many there were."""
    table = RECEIVED[kind]
    own = (table.c.model == model) & (table.c.received_at < before)
    return connection.execute(delete(table).where(own)).rowcount

"""Accepted predictions on their way to the lake. A row leaves only when its day's file is known to hold it.

Reading them back is the business of the source that stands on this table.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, delete

from aimon import clock
from aimon.store.once import insert_once
from aimon.store.tables import inbox as table

BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """One accepted prediction; `payload` holds its columns by name."""

    model: str
    id: str
    timestamp: datetime
    version: str | None
    payload: Mapping[str, Any]

    @property
    def day(self) -> date:
        return self.timestamp.astimezone(UTC).date()


def accept(connection: Connection, predictions: Iterable[Prediction]) -> int:
    """Keep the predictions whose id is new within its model and day; says how many were."""
    received = clock.now()
    rows = [
        {
            "model": each.model,
            "day": each.day,
            "id": each.id,
            "timestamp": each.timestamp,
            "version": each.version,
            "payload": dict(each.payload),
            "received_at": received,
        }
        for each in predictions
    ]
    return insert_once(connection, table, rows) if rows else 0


def purge(connection: Connection, model: str, day: date, ids: Sequence[str]) -> int:
    """Delete exactly these predictions of the day; those that came while the file was written stay."""
    own = (table.c.model == model) & (table.c.day == day)
    gone = 0
    for start in range(0, len(ids), BATCH):
        some = table.c.id.in_(ids[start : start + BATCH])
        gone += connection.execute(delete(table).where(own, some)).rowcount
    return gone

"""Predictions put into the inbox by hand, as the collector puts them there."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from aimon.intake.parcel import JsonParcel, line_of
from aimon.store import inbox
from aimon.store.inbox import digests_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def put(connection: Connection, model: str, *rows: tuple[str, datetime, dict[str, Any]], version: str = "2.3") -> None:
    """Accept rows of one UTC day: id, instant, columns."""
    day = rows[0][1].astimezone(UTC).date()
    microsecond = timedelta(microseconds=1)
    lines = [line_of((name, (at - EPOCH) // microsecond, version, columns, {})) for name, at, columns in rows]
    inbox.accept(connection, JsonParcel(model, day, digests_of(model, day, [row[0] for row in rows]), lines))

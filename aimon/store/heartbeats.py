"""Signs of life: when each step of each model, and each sensor, was last heard of."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Connection, func, insert, select, update

from aimon import clock
from aimon.store.locks import lock
from aimon.store.tables import heartbeats as table


class Kind(StrEnum):
    """Whose heart beats."""

    MODEL = "model"
    SENSOR = "sensor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """The last sign of life of one step; `day` is the latest day it ever finished."""

    kind: Kind
    subject: str
    step: str
    beat_at: datetime
    day: date | None
    run_id: str | None


def beat(
    connection: Connection, kind: Kind, subject: str, step: str, *, day: date | None = None, run_id: str | None = None
) -> None:
    """Note that the step is alive now, and has finished `day`; a day before the latest one leaves that one."""
    lock(connection, "heartbeat", kind, subject, step)
    own = (table.c.kind == kind) & (table.c.subject == subject) & (table.c.step == step)
    earlier = connection.execute(select(table.c.day).where(own)).one_or_none()
    signs = {"beat_at": clock.now(), "run_id": run_id, "day": day}
    if earlier is None:
        connection.execute(insert(table).values(kind=kind, subject=subject, step=step, **signs))
        return
    days = [known for known in (day, earlier.day) if known is not None]
    connection.execute(update(table).where(own).values({**signs, "day": max(days, default=None)}))


def last(connection: Connection, kind: Kind, subject: str | None = None) -> list[Heartbeat]:
    """The last sign of life of each step, of one subject or of all."""
    wanted = select(table).where(table.c.kind == kind).order_by(table.c.subject, table.c.step)
    if subject is not None:
        wanted = wanted.where(table.c.subject == subject)
    return [Heartbeat(**{**row._mapping, "kind": kind}) for row in connection.execute(wanted)]  # noqa: SLF001


def latest(connection: Connection, kind: Kind) -> dict[str, tuple[datetime, date | None]]:
    """When each subject was last heard of, and the latest day that any of its steps finished."""
    wanted = select(table.c.subject, func.max(table.c.beat_at), func.max(table.c.day)).where(table.c.kind == kind)
    rows = connection.execute(wanted.group_by(table.c.subject))
    return {subject: (beat_at, day) for subject, beat_at, day in rows}

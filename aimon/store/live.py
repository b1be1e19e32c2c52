"""What is happening now: each worker's counts, replaced as they grow; and what each day used, added up exactly."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, delete, func, select

from aimon import clock
from aimon.store.once import insert_once
from aimon.store.tables import live_states, usage


@dataclass(frozen=True, slots=True)
class WorkerState:
    """One worker's counts of a model and version."""

    worker: str
    model: str
    version: str
    state: bytes
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Used:
    """What calls used; cost in billionths of a US dollar. `unpriced_calls` have tokens and no known cost."""

    calls: int = 0
    errors: int = 0
    tokens: int = 0
    cost_nano_usd: int = 0
    unpriced_calls: int = 0

    def __add__(self, other: "Used") -> "Used":
        return Used(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Used)))


def _given(name: str) -> BindParameter[Any]:
    return bindparam(f"given_{name}")


_PUT = (
    live_states.update()
    .where(*(live_states.c[name] == _given(name) for name in ("worker", "model", "version")))
    .values({name: _given(name) for name in ("state", "updated_at")})
)
_ADD = (
    usage.update()
    .where(*(usage.c[name] == _given(name) for name in ("model", "version", "day")))
    .values({each.name: usage.c[each.name] + _given(each.name) for each in fields(Used)})
)
"""Put together once, because they are executed with every commit; a row that is not there yet is inserted."""


def put_state(connection: Connection, worker: str, model: str, version: str, state: bytes) -> None:
    """Replace a worker's counts."""
    row = {"worker": worker, "model": model, "version": version, "state": state, "updated_at": clock.now()}
    given = {f"given_{name}": value for name, value in row.items()}
    if not connection.execute(_PUT, given).rowcount and not insert_once(connection, live_states, row):
        connection.execute(_PUT, given)


def states(connection: Connection, since: datetime) -> Iterator[WorkerState]:
    """The counts that were replaced at an instant or after."""
    found = select(live_states).where(live_states.c.updated_at >= since).order_by(live_states.c.updated_at)
    for row in connection.execute(found):
        yield WorkerState(*row)


def forget_states(connection: Connection, before: datetime) -> int:
    """Delete the counts of workers that have not counted since; how many."""
    return connection.execute(delete(live_states).where(live_states.c.updated_at < before)).rowcount


def add_usage(connection: Connection, model: str, version: str, day: date, used: Used) -> None:
    """Add to what a day used."""
    more = {each.name: getattr(used, each.name) for each in fields(Used)}
    row = {"model": model, "version": version, "day": day, **more}
    given = {f"given_{name}": value for name, value in row.items()}
    if not connection.execute(_ADD, given).rowcount and not insert_once(connection, usage, row):
        connection.execute(_ADD, given)


def used(connection: Connection, first: date, last: date) -> Mapping[str, Used]:
    """What each model used in some days, both included."""
    sums = [func.sum(usage.c[each.name]) for each in fields(Used)]
    found = select(usage.c.model, *sums).where(usage.c.day.between(first, last)).group_by(usage.c.model)
    return {row[0]: Used(*(int(value) for value in row[1:])) for row in connection.execute(found)}

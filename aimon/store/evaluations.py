"""What was judged and how it ended: check evaluations and failed steps, each kept once however often it is read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, exists, func, select

from aimon import clock
from aimon.store.columns import UtcDateTime
from aimon.store.once import insert_once
from aimon.store.tables import evaluations as table

BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEvaluation:
    """One evaluation of one partition; `key` is what makes it itself."""

    key: str
    run_id: str
    asset: str
    check: str
    model: str
    day: date
    severity: str
    passed: bool
    timestamp: datetime
    metadata: Mapping[str, Any]


def known(connection: Connection, keys: Sequence[str]) -> set[str]:
    """Which of the keys are kept already."""
    found: set[str] = set()
    for start in range(0, len(keys), BATCH):
        some = select(table.c.key).where(table.c.key.in_(keys[start : start + BATCH]))
        found |= set(connection.execute(some).scalars())
    return found


def get(connection: Connection, keys: Sequence[str]) -> dict[str, StoredEvaluation]:
    """The evaluations of these keys that are kept, by key."""
    found: dict[str, StoredEvaluation] = {}
    columns = [table.c[field.name] for field in fields(StoredEvaluation)]
    for start in range(0, len(keys), BATCH):
        some = select(*columns).where(table.c.key.in_(keys[start : start + BATCH]))
        rows = connection.execute(some)
        found |= {row.key: StoredEvaluation(**row._mapping) for row in rows}  # noqa: SLF001 - the documented name
    return found


def add(connection: Connection, evaluation: StoredEvaluation) -> bool:
    """Keep the evaluation; False where it was kept before."""
    return insert_once(connection, table, {**asdict(evaluation), "received_at": clock.now()}) == 1


def is_superseded(connection: Connection, evaluation: StoredEvaluation) -> bool:
    """Whether a later evaluation of the same check and partition is known already."""
    later = exists().where(
        table.c.model == evaluation.model,
        table.c.day == evaluation.day,
        table.c.asset == evaluation.asset,
        table.c.check == evaluation.check,
        table.c.timestamp > evaluation.timestamp,
    )
    return bool(connection.execute(select(later)).scalar())


def refused(connection: Connection, *, check: str, days: Collection[date]) -> set[tuple[str, date]]:
    """The (model, day) of which the check said last that nothing may be made of them."""
    wanted = select(table.c.model, table.c.day, table.c.passed, table.c.severity).where(
        table.c.check == check, table.c.day.in_(list(days))
    )
    latest = {(row.model, row.day): row for row in connection.execute(wanted.order_by(table.c.timestamp))}
    return {key for key, row in latest.items() if not row.passed and row.severity == "ERROR"}


def judged_days(
    connection: Connection, *, model: str, check: str, after: date | None, since: date | None
) -> list[tuple[date, datetime]]:
    """The days that the check judged, each with the instant at which that was first known, the earliest day first."""
    conditions = [table.c.model == model, table.c.check == check]
    conditions += [] if after is None else [table.c.day > after]
    conditions += [] if since is None else [table.c.day >= since]
    wanted = select(table.c.day, func.min(table.c.received_at, type_=UtcDateTime)).where(*conditions)
    return [(row[0], row[1]) for row in connection.execute(wanted.group_by(table.c.day).order_by(table.c.day))]

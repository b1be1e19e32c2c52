"""What was judged and how it ended: check evaluations and failed steps, each kept once however often it is read."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, exists, select

from aimon import clock
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

"""The rows of the audit chain: added at its end, listed, and read as raw text by whoever verifies it. Never changed.

Who may add is decided by a lock that is held until the transaction ends, so that no two rows follow the same one.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, LargeBinary, cast, insert, select

from aimon.store.locks import lock
from aimon.store.tables import audit_chain as table

TEXTS = ("instant", "actor", "action", "subject", "detail", "key_id", "previous_mac", "mac")
PAGE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One row as it is sealed: a number and texts. `detail` is JSON, `instant` an ISO instant to the microsecond."""

    sequence: int
    instant: str
    actor: str
    action: str
    subject: str
    detail: str
    key_id: str
    previous_mac: str
    mac: str


def hold_end(connection: Connection) -> AuditRow | None:
    """The last row, which stays the last until the transaction ends."""
    lock(connection, "audit")
    row = connection.execute(select(table).order_by(table.c.sequence.desc()).limit(1)).one_or_none()
    return None if row is None else AuditRow(**row._mapping)  # noqa: SLF001 - the documented name


def add(connection: Connection, row: AuditRow) -> None:
    """Add a row behind the last one."""
    connection.execute(insert(table).values(asdict(row)))


def scan(connection: Connection) -> Iterator[AuditRow]:
    """Every row from the first, whatever became of it: bytes that are no text come as lone surrogates."""
    if connection.dialect.name == "sqlite":
        texts: list[ColumnElement[Any]] = [cast(table.c[name], LargeBinary) for name in TEXTS]
    else:
        texts = [table.c[name] for name in TEXTS]
    wanted = select(table.c.sequence, *texts).order_by(table.c.sequence).limit(PAGE)
    rows = connection.execute(wanted).all()
    while rows:
        for sequence, *values in rows:
            named = {name: _text(value) for name, value in zip(TEXTS, values, strict=True)}
            yield AuditRow(sequence=sequence, **named)
        rows = connection.execute(wanted.where(table.c.sequence > rows[-1].sequence)).all()


def query(
    connection: Connection,
    *,
    actor: str | None = None,
    action: str | None = None,
    subject: str | None = None,
    before: int | None = None,
    limit: int | None = None,
) -> list[AuditRow]:
    """Rows, the newest first; each argument narrows. `before` is the last number of the page read before."""
    conditions: list[ColumnElement[bool] | None] = [
        None if actor is None else table.c.actor == actor,
        None if action is None else table.c.action == action,
        None if subject is None else table.c.subject == subject,
        None if before is None else table.c.sequence < before,
    ]
    wanted = select(table).where(*(condition for condition in conditions if condition is not None))
    rows = connection.execute(wanted.order_by(table.c.sequence.desc()).limit(limit))
    return [AuditRow(**row._mapping) for row in rows]  # noqa: SLF001 - the documented name


def _text(value: bytes | str) -> str:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else value

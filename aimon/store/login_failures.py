"""Failed logins in a row, by a subject: the keyed hash of a name, an address, or both."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, delete, insert, or_, select, update

from aimon.store.locks import lock
from aimon.store.tables import login_failures as table


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """How many there were, and until when nobody is let in."""

    subject: str
    failures: int
    failed_at: datetime
    locked_until_at: datetime | None


def held(connection: Connection, subject: str) -> Failures | None:
    """The failures of the subject, which nobody else counts until the transaction ends."""
    lock(connection, "login", subject)
    row = connection.execute(select(table).where(table.c.subject == subject)).one_or_none()
    return None if row is None else Failures(**row._mapping)  # noqa: SLF001 - the documented name


def put(connection: Connection, failures: Failures, *, known: bool) -> None:
    """Write what the subject has now; the caller holds it."""
    values = {
        "failures": failures.failures,
        "failed_at": failures.failed_at,
        "locked_until_at": failures.locked_until_at,
    }
    if known:
        connection.execute(update(table).where(table.c.subject == failures.subject).values(values))
    else:
        connection.execute(insert(table).values(subject=failures.subject, **values))


def forget(connection: Connection, subject: str) -> None:
    """The subject was let in."""
    connection.execute(delete(table).where(table.c.subject == subject))


def purge(connection: Connection, *, before: datetime, without_any: datetime) -> int:
    """Forget failures from before the instant, and subjects without any from before the other; says how many."""
    failed = and_(table.c.failures > 0, table.c.failed_at < before)
    return connection.execute(delete(table).where(or_(failed, table.c.failed_at < without_any))).rowcount

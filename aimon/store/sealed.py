"""The envelopes and sums of sealed counts: registered once each, in the order in which their senders made them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select, update

from aimon.clock import now
from aimon.errors import ConflictError
from aimon.store.locks import lock
from aimon.store.tables import sealed_envelopes as envelopes
from aimon.store.tables import sealed_sums as sums


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredEnvelope:
    """An envelope as it was taken."""

    id: str
    model: str
    day: date
    sender: str
    number: int
    layout_id: str
    ciphertexts: int
    rows: int
    bytes: int
    kind: str = "cube"
    of: str | None = None


class Question:
    """What an owner is asked, by one id: the manifest of counts, and after a dash that of labels joined to them."""

    __slots__ = ()
    manifest_id: str

    @property
    def counts_id(self) -> str:
        """The manifest of the counts."""
        return self.manifest_id.partition("-")[0]

    @property
    def joined_id(self) -> str | None:
        """The manifest of the joined labels, if some have come."""
        return self.manifest_id.partition("-")[2] or None


def question_id(counts_id: str, joined_id: str | None) -> str:
    """The id of a question: other labels make another one.

    >>> question_id("ab", None), question_id("ab", "cd")
    ('ab', 'ab-cd')
    """
    return counts_id if joined_id is None else f"{counts_id}-{joined_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSum(Question):
    """The last sum of a day. `answer` is what its owner made of it: counts, verdicts, withheld; None until then."""

    model: str
    day: date
    manifest_id: str
    envelopes: int
    rows: int
    made_at: datetime
    answer: str | None = None
    answered_at: datetime | None = None
    answered_by: str | None = None
    sigma: float | None = None
    reason: str | None = None


def take(connection: Connection, envelope: StoredEnvelope) -> bool:
    """Register an envelope; False where it is known. ConflictError where its sender is beyond its number already."""
    lock(connection, "sealed", envelope.model, envelope.sender)
    own = (envelopes.c.model == envelope.model) & (envelopes.c.sender == envelope.sender)
    if connection.execute(select(envelopes.c.id).where(envelopes.c.id == envelope.id)).first() is not None:
        return False
    last = connection.execute(select(func.max(envelopes.c.number)).where(own)).scalar()
    if last is not None and envelope.number <= last:
        how = "was taken with another content" if envelope.number == last else f"comes after number {last}"
        raise ConflictError(
            f"envelope {envelope.number} of {envelope.sender} {how}; a sender numbers its envelopes upwards, each once"
        )
    _check_alike(connection, envelope)
    connection.execute(insert(envelopes).values(**asdict(envelope), received_at=now()))
    return True


def _check_alike(connection: Connection, envelope: StoredEnvelope) -> None:
    if envelope.kind == "labels":  # one ciphertext more where some are missing
        return
    same = (envelopes.c.model == envelope.model) & (envelopes.c.layout_id == envelope.layout_id)
    same &= envelopes.c.kind == envelope.kind
    held = connection.execute(select(envelopes.c.ciphertexts).where(same).limit(1)).scalar()
    if held is not None and held != envelope.ciphertexts:
        raise ConflictError(
            f"envelope {envelope.number} of {envelope.sender} has {envelope.ciphertexts} ciphertexts, and others of "
            f"its layout have {held}; seal with the model's plan"
        )


def of_day(connection: Connection, model: str, day: date, kind: str = "cube") -> list[StoredEnvelope]:
    """The day's envelopes of a kind: of counts by id, others in the order in which they came."""
    columns = [envelopes.c[field.name] for field in fields(StoredEnvelope)]
    order = [envelopes.c.id] if kind == "cube" else [envelopes.c.received_at, envelopes.c.number, envelopes.c.id]
    of = (envelopes.c.model == model) & (envelopes.c.day == day) & (envelopes.c.kind == kind)
    wanted = select(*columns).where(of).order_by(*order)
    return [StoredEnvelope(**row._mapping) for row in connection.execute(wanted)]  # noqa: SLF001 - the documented name


def numbers(connection: Connection, model: str) -> dict[date, int]:
    """How many envelopes each day has."""
    counted = select(envelopes.c.day, func.count()).where(envelopes.c.model == model)
    return {row.day: row[1] for row in connection.execute(counted.group_by(envelopes.c.day))}


def envelope(connection: Connection, id: str) -> StoredEnvelope | None:  # noqa: A002 - the word of the table
    """The envelope of that id."""
    columns = [envelopes.c[field.name] for field in fields(StoredEnvelope)]
    row = connection.execute(select(*columns).where(envelopes.c.id == id)).first()
    return None if row is None else StoredEnvelope(**row._mapping)  # noqa: SLF001


def summed(connection: Connection, made: StoredSum) -> StoredSum:
    """Note the day's sum. The same sum again keeps its answer; another one waits for an answer of its own."""
    lock(connection, "sealed sum", made.model, made.day.isoformat())
    known = sum_of(connection, made.model, made.day)
    if known is None:
        connection.execute(insert(sums).values(**asdict(made)))
        return made
    if known.manifest_id == made.manifest_id:
        return known
    _update(connection, made.model, made.day, asdict(made))
    return made


def opened(connection: Connection, made: StoredSum) -> None:
    """Note, at the owner of the key, what was opened of a day and with which noise."""
    lock(connection, "sealed sum", made.model, made.day.isoformat())
    if sum_of(connection, made.model, made.day) is None:
        connection.execute(insert(sums).values(**asdict(made)))
    else:
        _update(connection, made.model, made.day, asdict(made))


def answered(connection: Connection, model: str, day: date, manifest_id: str, **answer: Any) -> bool:
    """Note the owner's answer to a sum; False where it has one. ConflictError where the day has another sum by now."""
    lock(connection, "sealed sum", model, day.isoformat())
    known = sum_of(connection, model, day)
    if known is None or known.manifest_id != manifest_id:
        raise ConflictError(
            f"the sum {manifest_id[:16]} of {model} {day} is not the day's sum any more; fetch it again"
        )
    if known.answer is not None:
        return False
    _update(connection, model, day, {**answer, "answered_at": now()})
    return True


def sum_of(connection: Connection, model: str, day: date) -> StoredSum | None:
    """The day's last sum."""
    row = connection.execute(_sums().where(sums.c.model == model, sums.c.day == day)).first()
    return None if row is None else _stored(row._mapping)  # noqa: SLF001


def variance(connection: Connection, model: str, first: date, last: date) -> float:
    """The variance of the noise in each count of the days together; 0 where what was released is exact."""
    days = (sums.c.model == model) & (sums.c.day >= first) & (sums.c.day <= last)
    found = connection.execute(select(sums.c.sigma).where(days, sums.c.answer.is_not(None))).scalars()
    return sum((sigma or 0.0) ** 2 for sigma in found)


def pending(connection: Connection) -> list[StoredSum]:
    """The sums that wait for their owner, by model and day."""
    wanted = _sums().where(sums.c.answered_at.is_(None)).order_by(sums.c.model, sums.c.day)
    return [_stored(row._mapping) for row in connection.execute(wanted)]  # noqa: SLF001


def answered_since(connection: Connection, after: datetime) -> list[StoredSum]:
    """The sums that were answered at or after the instant, in that order."""
    wanted = _sums().where(sums.c.answered_at >= after).order_by(sums.c.answered_at, sums.c.model, sums.c.day)
    return [_stored(row._mapping) for row in connection.execute(wanted)]  # noqa: SLF001


def _sums() -> Select[Any]:
    return select(*(sums.c[field.name] for field in fields(StoredSum)))


def _update(connection: Connection, model: str, day: date, values: Mapping[str, Any]) -> None:
    connection.execute(update(sums).where(sums.c.model == model, sums.c.day == day).values(**values))


def _stored(row: Mapping[Any, Any]) -> StoredSum:
    return StoredSum(**row)

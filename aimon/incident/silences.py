"""Silences: holding notices back for a while, with an end, a reason and an author. Declared ones and stored ones."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection

from aimon import clock
from aimon.errors import MissingError, UserError
from aimon.incident.routes import Facts, fits
from aimon.spec.explain import explain
from aimon.spec.fault import dotted
from aimon.spec.routes import Matchers, SilenceSpec
from aimon.store import Store, routing
from aimon.store import silences as stored
from aimon.store.silences import StoredSilence

LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """One silence that holds, or will. Those declared in aimon.yaml have no `id` and are ended there."""

    when: Matchers
    ends_at: datetime
    reason: str
    author: str
    starts_at: datetime | None = None
    id: int | None = None

    def holds(self, facts: Facts, moment: datetime) -> bool:
        """Whether it holds back a notice about this, at that instant."""
        begun = self.starts_at is None or self.starts_at <= moment
        return begun and moment < self.ends_at and fits(self.when, facts)

    def __str__(self) -> str:
        return f"silenced until {clock.iso(self.ends_at)} by {self.author}: {self.reason}"


def add_silence(
    store: Store,
    when: Mapping[str, Any],
    *,
    until: datetime,
    reason: str,
    author: str,
    starts: datetime | None = None,
) -> int:
    """Hold back what fits `when` (severity, family, model, owner, segment: a value or a list); gives its number.

    Raises `UserError` where something is missing or makes no sense.
    """
    now = clock.now()
    begin = now if starts is None else starts
    declared = {"when": dict(when), "from": begin, "until": until, "reason": reason.strip(), "author": author.strip()}
    try:
        spec = SilenceSpec.model_validate(declared)
    except ValidationError as error:
        fault = explain(error, SilenceSpec)[0]
        raise UserError(f"silence: {dotted(fault.path)}: {fault.message}".replace(": : ", ": ")) from None
    if spec.until <= now:
        raise UserError(f"silence: until {clock.iso(spec.until)} is over already; name a later instant")
    if spec.until - begin > LONGEST:
        raise UserError("silence: nothing is silenced for more than a year; name an earlier end, or a route to nowhere")
    with store.transaction() as connection:
        return stored.add(
            connection,
            matchers=spec.when.model_dump(mode="json", exclude_defaults=True),
            starts_at=begin,
            ends_at=spec.until,
            reason=spec.reason,
            author=spec.author,
            at=now,
        )


def end_silence(store: Store, silence_id: int, *, by: str) -> None:
    """End a silence before its time; what it held back is looked at again at once."""
    now = clock.now()
    with store.transaction() as connection:
        if not stored.end(connection, silence_id, at=now, by=by):
            raise MissingError(f"no silence {silence_id} holds now; list them to see which do")
        routing.wake(connection, now=now)


def list_silences(store: Store, *, ended: bool = False) -> list[StoredSilence]:
    """The silences that hold or are to come; with `ended` every one there ever was."""
    with store.session() as connection:
        return stored.query(connection) if ended else stored.standing(connection, at=clock.now())


def standing(connection: Connection, declared: Iterable[SilenceSpec], *, at: datetime) -> list[Silence]:
    """Every silence that may hold at the instant, declared or stored."""
    written = [
        Silence(when=each.when, starts_at=each.from_, ends_at=each.until, reason=each.reason, author=each.author)
        for each in declared
    ]
    kept = [
        Silence(
            when=Matchers.model_validate(each.matchers),
            starts_at=each.starts_at,
            ends_at=each.ends_at,
            reason=each.reason,
            author=each.author,
            id=each.id,
        )
        for each in stored.standing(connection, at=at)
    ]
    return [*written, *kept]

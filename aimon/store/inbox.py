"""Accepted predictions on their way to the lake, in parcels of one model and day.

A prediction is known by a hash of model, day and id, so that none is kept twice, whoever sends it and to which worker.
A parcel leaves only when its day's file is known to hold it. What a parcel's content means is the business of
`aimon.intake.parcel`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from itertools import islice
from typing import Any, Protocol

from sqlalchemy import Connection, delete, func, insert, select, update

from aimon import clock
from aimon.store.tables import inbox as parcels
from aimon.store.tables import inbox_ids as ids

DIGEST_BYTES = 16
BATCH = 500
MOST_TRACES = 16


_KEEP = insert(parcels).returning(parcels.c.sequence)


class Parcel(Protocol):
    """Predictions of one model and day that are to be kept."""

    @property
    def model(self) -> str: ...

    @property
    def day(self) -> date: ...

    @property
    def format(self) -> str: ...

    @property
    def digests(self) -> Sequence[bytes]:
        """What each prediction is known by, in the order of the rows; no two are equal."""

    def packed(self, without: frozenset[int]) -> bytes:
        """The content, but for the rows at these places."""

    def packed_apart(self, without: frozenset[int]) -> bytes | None:
        """The protected attributes of the same rows; None where they have none."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A parcel as it lies in the inbox."""

    sequence: int
    format: str
    content: bytes
    protected: bytes | None = None


def digests_of(model: str, day: date, names: Sequence[str]) -> list[bytes]:
    """What predictions of one model and UTC day are known by; an id is unique within them.

    >>> [digest.hex() for digest in digests_of("loans", date(2026, 11, 20), ["a"])]
    ['c39a8ab6df1411d1bd9d9529ec07ce8a']
    """
    start = blake2b(f"{model}\0{day.isoformat()}\0".encode(), digest_size=DIGEST_BYTES)
    found = []
    for name in names:
        own = start.copy()
        own.update(name.encode())
        found.append(own.digest())
    return found


def accept(connection: Connection, parcel: Parcel, traces: Iterable[str] = ()) -> frozenset[int]:
    """Keep the predictions that the inbox does not hold yet; the places of those that it does.

    `traces` are those of the requests that brought them, as `traceparent` says it.
    """
    digests = parcel.digests
    row = {
        "model": parcel.model,
        "day": parcel.day,
        "rows": len(digests),
        "digests": b"".join(digests),
        "format": parcel.format,
        "content": parcel.packed(frozenset()),
        "protected": parcel.packed_apart(frozenset()),
        "received_at": clock.now(),
        "traces": " ".join(islice(traces, MOST_TRACES)) or None,
    }
    sequence: int = connection.execute(_KEEP, row).scalar_one()
    if _claim(connection, digests, sequence) == len(digests):
        return frozenset()
    taken = _held_elsewhere(connection, digests, sequence)
    places = frozenset(place for place, digest in enumerate(digests) if digest in taken)
    own = parcels.c.sequence == sequence
    if len(places) == len(digests):
        connection.execute(delete(parcels).where(own))
        return places
    kept = [digest for digest in digests if digest not in taken]
    less = {
        "rows": len(kept),
        "digests": b"".join(kept),
        "content": parcel.packed(places),
        "protected": parcel.packed_apart(places),
    }
    connection.execute(update(parcels).where(own).values(less))
    return places


def waiting(connection: Connection, model: str, day: date | None = None) -> list[int]:
    """The parcels of a model, or of one of its days, in the order in which they were accepted."""
    found = select(parcels.c.sequence).where(parcels.c.model == model)
    if day is not None:
        found = found.where(parcels.c.day == day)
    return list(connection.execute(found.order_by(parcels.c.day, parcels.c.sequence)).scalars())


def read(connection: Connection, sequences: Sequence[int]) -> Iterator[Kept]:
    """These parcels, one at a time; one that left meanwhile is not among them."""
    wanted = (parcels.c.sequence, parcels.c.format, parcels.c.content, parcels.c.protected)
    for sequence in sequences:
        row = connection.execute(select(*wanted).where(parcels.c.sequence == sequence)).one_or_none()
        if row is not None:
            yield Kept(*row)


def traces(connection: Connection, sequences: Sequence[int]) -> list[str]:
    """The traces of the requests that brought these parcels."""
    found: list[str] = []
    for start in range(0, len(sequences), BATCH):
        some = parcels.c.sequence.in_(sequences[start : start + BATCH]) & parcels.c.traces.is_not(None)
        for told in connection.execute(select(parcels.c.traces).where(some).order_by(parcels.c.sequence)).scalars():
            found += told.split()
    return list(dict.fromkeys(found))


def days(connection: Connection, model: str) -> list[date]:
    """The days that have predictions waiting."""
    found = connection.execute(select(parcels.c.day).where(parcels.c.model == model).distinct())
    return sorted(found.scalars())


def count(connection: Connection, model: str | None = None) -> int:
    """How many predictions wait, of one model or of all."""
    found = select(func.coalesce(func.sum(parcels.c.rows), 0))
    if model is not None:
        found = found.where(parcels.c.model == model)
    return int(connection.execute(found).scalar_one())


def purge(connection: Connection, sequences: Sequence[int]) -> int:
    """Delete exactly these parcels; those that came while the file was written stay. How many predictions that was."""
    gone = 0
    for sequence in sequences:
        own = parcels.c.sequence == sequence
        row = connection.execute(select(parcels.c.rows, parcels.c.digests).where(own)).one_or_none()
        if row is None:
            continue
        digests = [row.digests[at : at + DIGEST_BYTES] for at in range(0, len(row.digests), DIGEST_BYTES)]
        for start in range(0, len(digests), BATCH):
            connection.execute(delete(ids).where(ids.c.digest.in_(digests[start : start + BATCH])))
        connection.execute(delete(parcels).where(own))
        gone += row.rows
    return gone


def _claim(connection: Connection, digests: Sequence[bytes], sequence: int) -> int:
    """Note the predictions that nobody noted yet, in one order everywhere, so that no two workers wait for each other.

    Written in the words of the drivers: this is the one statement that is executed for every prediction.
    """
    ordered = sorted(digests)
    if connection.dialect.name == "postgresql":
        statement = "INSERT INTO inbox_ids SELECT unnest(%s::bytea[]), %s ON CONFLICT DO NOTHING"
        return connection.exec_driver_sql(statement, (ordered, sequence)).rowcount
    rows: Any = [(digest, sequence) for digest in ordered]
    statement = "INSERT INTO inbox_ids (digest, sequence) VALUES (?, ?) ON CONFLICT DO NOTHING"
    return connection.exec_driver_sql(statement, rows, execution_options={"preserve_rowcount": True}).rowcount


def _held_elsewhere(connection: Connection, digests: Sequence[bytes], sequence: int) -> set[bytes]:
    """Which of the predictions another parcel holds."""
    found: set[bytes] = set()
    for start in range(0, len(digests), BATCH):
        some = select(ids.c.digest).where(ids.c.digest.in_(digests[start : start + BATCH]), ids.c.sequence != sequence)
        found.update(bytes(digest) for digest in connection.execute(some).scalars())
    return found

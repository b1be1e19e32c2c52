"""A day's sum on the server: made of the registered envelopes without any key, kept for the owner to fetch.

The same envelopes give the same sum, so making it again changes nothing.
"""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection

from aimon.clock import now
from aimon.errors import MissingError
from aimon.lake.lake import Lake
from aimon.sealed.envelope import Envelope, read_envelope
from aimon.sealed.evaluator import Aggregate, Manifest, add, read_aggregate
from aimon.sealed.reception import envelope_key
from aimon.sealed.scores import ScoreManifest
from aimon.store import sealed
from aimon.store.sealed import StoredEnvelope, StoredSum
from aimon.store.store import Store


def registered(store: Store, model: str, day: date, kind: str = "cube") -> list[StoredEnvelope]:
    """The day's envelopes of a kind."""
    with store.session() as connection:
        return sealed.of_day(connection, model, day, kind)


def make_sum(store: Store, lake: Lake, model: str, day: date) -> Manifest | None:
    """Add the day's envelopes and keep the sum; None where there is no envelope."""
    found = registered(store, model, day)
    if not found:
        return None
    aggregate = add(read(lake, found))
    lake.write_bytes(sum_key(model, day, aggregate.manifest.id), aggregate.to_bytes())
    return aggregate.manifest


def noted(
    connection: Connection, manifest: Manifest | ScoreManifest, model: str, day: date, joined_id: str | None = None
) -> tuple[StoredSum, StoredSum | None]:
    """Note a sum as the day's, with its joined labels, and give the one before. Another one waits for an answer."""
    before = sealed.sum_of(connection, model, day)
    made = StoredSum(
        model=model,
        day=day,
        manifest_id=sealed.question_id(manifest.id, joined_id),
        envelopes=len(manifest.inputs),
        rows=manifest.rows,
        made_at=now(),
    )
    return sealed.summed(connection, made), before


def read(lake: Lake, found: Iterable[StoredEnvelope]) -> list[Envelope]:
    """The envelopes as they lie in the lake; SealedError names one that was changed."""
    return [read_envelope(content_of(lake, each), each.id[:16]) for each in found]


def content_of(lake: Lake, envelope: StoredEnvelope) -> bytes:
    """The bytes of a registered envelope."""
    return lake.read_bytes(envelope_key(envelope.model, envelope.day, envelope.id))


def read_sum(lake: Lake, stored: StoredSum) -> Aggregate:
    """The sum of the day."""
    key = sum_key(stored.model, stored.day, stored.counts_id)
    return read_aggregate(lake.read_bytes(key), stored.counts_id[:16])


def day_sum(store: Store, model: str, day: date) -> StoredSum:
    """The day's last sum; MissingError where none was made."""
    with store.session() as connection:
        found = sealed.sum_of(connection, model, day)
    if found is None:
        raise MissingError(f"there is no sealed sum of {model} {day}")
    return found


def sum_key(model: str, day: date, manifest_id: str) -> str:
    """Where the lake has the sum."""
    return f"sealed/model={model}/date={day.isoformat()}/sums/{manifest_id}.sum"

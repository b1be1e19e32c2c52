"""A day's labels on the server, joined with their records without any key. In: envelopes. Out: a joined sum, its seed.

What is joined are the records whose labels have come. The seed hides single records from the owner of the key: it is
drawn once for the same envelopes, so that joining them again changes nothing, and stays here.
"""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import date

from aimon.errors import SealedError
from aimon.lake.lake import Lake
from aimon.sealed.join.evaluator import Joined, JoinManifest, join, read_joined
from aimon.sealed.sums import read, registered
from aimon.store.sealed import StoredEnvelope
from aimon.store.store import Store

SEED_BYTES = 32


def labelled(store: Store, model: str, day: date) -> list[tuple[StoredEnvelope, StoredEnvelope]]:
    """The day's records whose labels have come, each with the last that came, by the id of the records."""
    last = {each.of: each for each in registered(store, model, day, "labels")}
    records = registered(store, model, day, "records")
    return sorted(((each, last[each.id]) for each in records if each.id in last), key=lambda pair: pair[0].id)


def make_join(store: Store, lake: Lake, model: str, day: date) -> tuple[JoinManifest | None, str | None]:
    """Join the day's labels and keep the sum; None, and why, where there are none to join yet."""
    pairs = labelled(store, model, day)
    if not pairs:
        return None, "no labels have come"
    records, labels = ([pair[place] for pair in pairs] for place in (0, 1))
    seed = seed_of(lake, model, day, [*records, *labels])
    try:
        joined = join(read(lake, records), read(lake, labels), seed=seed)
    except SealedError as error:  # the day's counts do not wait for labels
        return None, str(error)
    lake.write_bytes(join_key(model, day, joined.manifest.id), joined.to_bytes())
    return joined.manifest, None


def seed_of(lake: Lake, model: str, day: date, envelopes: Sequence[StoredEnvelope]) -> bytes:
    """The seed for these envelopes: drawn where there is none yet."""
    named = hashlib.sha256("\n".join(each.id for each in envelopes).encode()).hexdigest()
    key = f"{folder(model, day)}/seeds/{named}.seed"
    if not lake.exists(key):
        lake.write_bytes(key, secrets.token_bytes(SEED_BYTES))
    return lake.read_bytes(key)


def read_join(lake: Lake, model: str, day: date, manifest_id: str) -> Joined:
    """The joined sum as it was kept."""
    return read_joined(lake.read_bytes(join_key(model, day, manifest_id)), manifest_id[:16])


def join_key(model: str, day: date, manifest_id: str) -> str:
    """Where the lake has the joined sum."""
    return f"{folder(model, day)}/joins/{manifest_id}.joined"


def folder(model: str, day: date) -> str:
    """Where the lake has what is sealed of a day."""
    return f"sealed/model={model}/date={day.isoformat()}"

"""A day's labels on the server, joined with their records without any key. In: envelopes. Out: joined sums, seeds.

What is joined are the records whose labels have come, those of each segment apart where hosts wrote one into the
header. A seed hides single records from the owner of the key: it is drawn once for the same envelopes, so that joining
them again changes nothing, and stays here.
"""

import hashlib
import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date

from aimon.errors import SealedError
from aimon.lake.lake import Lake
from aimon.sealed.envelope import Envelope
from aimon.sealed.join.batches import batches
from aimon.sealed.join.day import JoinedDay, joined_day, read_joined_day
from aimon.sealed.join.evaluator import LEAST_RECORDS, Joined, join
from aimon.sealed.seal.parameters import JOIN
from aimon.sealed.sums import read, registered
from aimon.store.sealed import StoredEnvelope
from aimon.store.store import Store

SEED_BYTES = 32


def labelled(store: Store, model: str, day: date) -> list[tuple[StoredEnvelope, StoredEnvelope]]:
    """The day's records whose labels have come, each with the last that came, by the id of the records."""
    last = {each.of: each for each in registered(store, model, day, "labels")}
    records = registered(store, model, day, "records")
    return sorted(((each, last[each.id]) for each in records if each.id in last), key=lambda pair: pair[0].id)


def make_joins(
    store: Store, lake: Lake, model: str, day: date, segments: Collection[str] = ()
) -> tuple[JoinedDay | None, str | None]:
    """Join the day's labels and keep the sums; None, and why, where there are none to join yet.

    The labels of a segment with too few records wait for more. The day's counts do not wait for labels.
    """
    pairs = labelled(store, model, day)
    if not pairs:
        return None, "no labels have come"
    joins, joined, waiting = list[Joined](), list[Envelope](), list[str]()
    for records, labels in by_segment(lake, pairs, segments):
        try:
            joins += list(_joined(lake, model, day, records, labels))
        except SealedError as error:
            waiting.append(str(error))
            continue
        joined += [*records, *labels]
    if not joins:
        return None, "; ".join(waiting)
    found = joined_day(model, day, joins, joined)
    for each in joins:  # one by one, for an auditor
        lake.write_bytes(f"{folder(model, day)}/joins/{each.manifest.id}.joined", each.to_bytes())
    lake.write_bytes(join_key(model, day, found.manifest.id), found.to_bytes())
    return found, "; ".join(waiting) or None


def _joined(
    lake: Lake, model: str, day: date, records: Sequence[Envelope], labels: Sequence[Envelope]
) -> Iterator[Joined]:
    for batch in batches([each.header.rows for each in records], JOIN.slots - 1, LEAST_RECORDS):
        chosen, about = [records[place] for place in batch], [labels[place] for place in batch]
        yield join(chosen, about, seed=seed_of(lake, model, day, [each.id for each in (*chosen, *about)]))


def by_segment(
    lake: Lake, pairs: Sequence[tuple[StoredEnvelope, StoredEnvelope]], segments: Collection[str]
) -> list[tuple[list[Envelope], list[Envelope]]]:
    """The envelopes of records and of labels, apart by what their headers say of the segments."""
    found: dict[tuple[str | None, ...], tuple[list[Envelope], list[Envelope]]] = {}
    for stored in pairs:
        records, labels = read(lake, stored)
        tags = tuple(records.header.tags.get(each) for each in segments)
        both = found.setdefault(tags, ([], []))
        both[0].append(records)
        both[1].append(labels)
    return [found[tags] for tags in sorted(found, key=str)]


def seed_of(lake: Lake, model: str, day: date, envelopes: Iterable[str]) -> bytes:
    """The seed for the envelopes of these ids: drawn where there is none yet."""
    named = hashlib.sha256("\n".join(sorted(envelopes)).encode()).hexdigest()
    key = f"{folder(model, day)}/seeds/{named}.seed"
    if not lake.exists(key):
        lake.write_bytes(key, secrets.token_bytes(SEED_BYTES))
    return lake.read_bytes(key)


def read_joins(lake: Lake, model: str, day: date, manifest_id: str) -> JoinedDay:
    """The day's joined labels as they were kept."""
    return read_joined_day(lake.read_bytes(join_key(model, day, manifest_id)), manifest_id[:16])


def join_key(model: str, day: date, manifest_id: str) -> str:
    """Where the lake has all joined labels of the day."""
    return f"{folder(model, day)}/joins/{manifest_id}.day"


def folder(model: str, day: date) -> str:
    """Where the lake has what is sealed of a day."""
    return f"sealed/model={model}/date={day.isoformat()}"

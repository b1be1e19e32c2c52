"""What changed since the day was judged before, where labels have come in between. In: old and new results. Out: words.

They are kept beside the report, reports/model=<m>/date=<d>/revision.json, so that judging the day again as of the same
instant tells the same change, not that there is none.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from aimon.clock import instant, iso
from aimon.daily.judging import Judged
from aimon.daily.window import OWN
from aimon.lake.lake import Lake
from aimon.metrics.metric import Family
from aimon.store.records import StoredRecord

MOST_TOLD = 6


@dataclass(frozen=True, slots=True)
class Revision:
    """What one judgement changed of the one before."""

    as_of: datetime
    sentences: tuple[str, ...]


def revise(
    lake: Lake, model: str, day: date, as_of: datetime, before: Sequence[StoredRecord], now: Iterable[Judged]
) -> Revision:
    """What is different now; of a judgement that is only repeated, what was different then."""
    kept = read_revision(lake, model, day)
    if kept is not None and kept.as_of == as_of:
        return kept
    revision = Revision(as_of, tuple(changes([record for record in before if record.as_of < as_of], now)))
    if revision.sentences:
        told = {"as_of": iso(as_of), "sentences": list(revision.sentences)}
        lake.write_bytes(_key(model, day), json.dumps(told, ensure_ascii=False).encode())
    elif kept is not None:
        lake.delete(_key(model, day))
    return revision


def read_revision(lake: Lake, model: str, day: date) -> Revision | None:
    """What the last judgement changed, if it changed anything."""
    if not lake.exists(_key(model, day)):
        return None
    told = json.loads(lake.read_bytes(_key(model, day)))
    return Revision(instant(told["as_of"]), tuple(told["sentences"]))


def changes(before: Sequence[StoredRecord], now: Iterable[Judged]) -> list[str]:
    """A sentence for each number of performance, of all rows, that labels have moved."""
    known = {(record.metric, record.column): record for record in before if _is_told(record.segment, record.group)}
    told = []
    for each in now:
        record = each.record
        if each.window != OWN.name or record.maturity is None or record.family is not Family.PERFORMANCE:
            continue
        old = known.get((record.metric, record.column))
        if old is None or old.value == record.value or not _is_told(record.segment, record.group):
            continue
        was = f"{_number(old.value)} as of {iso(old.as_of)[:10]}"
        told.append(
            f"{record.metric} was {was} ({old.maturity}) and is {_number(record.value)} ({record.maturity.value})"
        )
    return told[:MOST_TOLD]


def _is_told(segment: object, group: object) -> bool:
    return segment is None and group is None


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.4g}"


def _key(model: str, day: date) -> str:
    return f"reports/model={model}/date={day.isoformat()}/revision.json"

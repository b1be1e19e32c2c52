"""What lies in the lake by model and day: found when its time is over, weighed, deleted."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from aimon.govern.kinds import ARTIFACTS, Kind, Rule
from aimon.lake.lake import Lake

_DATED = re.compile(r"[a-z]+/model=([^/]+)/date=(\d{4}-\d{2}-\d{2})(?:/|\.|$)")


@dataclass(frozen=True, slots=True)
class LakeDay:
    """The files of one kind, model and day; the predictions' own files are the lake's business."""

    kind: Kind
    model: str
    day: date
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Weight:
    """What there is of a day: files, rows where known, bytes, and a digest.

    `sha256` is the one of the file, or where there are several that of the lines `sha256sum` would print of them.
    """

    files: int
    rows: int | None
    bytes: int
    sha256: str


def files_over(lake: Lake, kind: Kind, rule: Rule) -> Iterator[LakeDay]:
    """Every model and day whose artifacts of the kind have been kept long enough."""
    found: dict[tuple[str, date], list[str]] = {}
    for key in lake.keys(kind.value):
        matched = _DATED.match(key)
        if matched is not None:
            found.setdefault((matched[1], date.fromisoformat(matched[2])), []).append(key)
    for (model, day), keys in sorted(found.items()):
        if rule.is_over(day):
            yield LakeDay(kind, model, day, tuple(keys))


def lake_day(lake: Lake, kind: Kind, model: str, day: date) -> LakeDay:
    """What is left of one day now."""
    if kind not in ARTIFACTS:
        return LakeDay(kind, model, day)
    start = f"{kind.value}/model={model}/date={day.isoformat()}"
    keys = (key for key in lake.keys(f"{kind.value}/model={model}") if key.startswith((f"{start}/", f"{start}.")))
    return LakeDay(kind, model, day, tuple(keys))


def weigh(lake: Lake, found: LakeDay) -> Weight | None:
    """What there is of the day; None where there is nothing any more."""
    if found.kind is Kind.PREDICTIONS:
        manifest = lake.manifest(found.model, found.day)
        return None if manifest is None else Weight(1, manifest.rows, manifest.bytes, manifest.sha256)
    digests, size = [], 0
    for key in found.keys:
        if lake.exists(key):
            content = lake.stored_bytes(key)
            digests.append((hashlib.sha256(content).hexdigest(), key))
            size += len(content)
    if not digests:
        return None
    listed = "".join(f"{digest}  {key}\n" for digest, key in digests)
    whole = digests[0][0] if len(digests) == 1 else hashlib.sha256(listed.encode()).hexdigest()
    return Weight(len(digests), None, size, whole)


def remains(lake: Lake, found: LakeDay) -> bool:
    """Whether there is anything of the day still."""
    if found.kind is Kind.PREDICTIONS:
        return lake.manifest(found.model, found.day) is not None
    return any(lake.exists(key) for key in found.keys)


def delete(lake: Lake, found: LakeDay, rule: Rule) -> None:
    """Delete the day's files; a second time finishes what a killed first time left."""
    if found.kind is Kind.PREDICTIONS:
        lake.expire_day(found.model, found.day, retention=rule.span)
        return
    for key in found.keys:
        lake.delete(key)


def is_begun(lake: Lake, found: LakeDay, files: int) -> bool:
    """Whether some of that many files are gone already."""
    if found.kind is Kind.PREDICTIONS:
        return lake.manifest(found.model, found.day) is None
    return len(found.keys) < files

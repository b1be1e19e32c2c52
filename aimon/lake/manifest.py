"""What a day's folder says of itself: a manifest while it has rows, a tombstone after they expired.

Each is a small JSON file; replacing it is the moment a day changes. The same rows give the same bytes.
"""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from aimon.clock import instant, iso

MANIFEST = "manifest.json"
TOMBSTONE = "expired.json"
FORMAT = 1
ENCRYPTED = ("key", "rows_mac")
"""The fields that only encrypted days have."""


@dataclass(frozen=True, slots=True)
class DayManifest:
    """The rows of one model and day: how many, where, their checksum; if encrypted by which key, and a keyed hash."""

    model: str
    day: date
    rows: int
    duplicates: int
    bytes: int
    sha256: str
    path: str
    key: str | None = None
    rows_mac: str | None = None

    @property
    def rows_digest(self) -> str:
        """What changes when the rows do, and only then: encryption makes other bytes of the same rows each time."""
        return self.rows_mac or self.sha256


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of a day whose rows expired: when they did, under which retention, and what they were."""

    model: str
    day: date
    expired_at: datetime
    retention: str | None
    rows: int
    sha256: str | None


def to_json(state: DayManifest | Tombstone) -> bytes:
    """The bytes of the file."""
    told = {name: value for name, value in asdict(state).items() if value is not None or name not in ENCRYPTED}
    return (json.dumps({"format": FORMAT, **told}, indent=1, sort_keys=True, default=_text) + "\n").encode()


def manifest_of(content: bytes) -> DayManifest:
    """The meaning of a manifest's bytes. Raises ValueError where they have none."""
    return DayManifest(**_told(content))


def tombstone_of(content: bytes) -> Tombstone:
    """The meaning of a tombstone's bytes. Raises ValueError where they have none."""
    told = _told(content)
    return Tombstone(**{**told, "expired_at": instant(told["expired_at"])})


def _told(content: bytes) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(content)
    if told.pop("format", None) != FORMAT:
        raise ValueError("written by another version")
    return {**told, "day": date.fromisoformat(told["day"])}


def _text(value: datetime | date) -> str:
    return iso(value) if isinstance(value, datetime) else value.isoformat()

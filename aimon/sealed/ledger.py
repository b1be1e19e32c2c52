"""What was released, and what it cost. In: releases. Out: a file that only grows; a line holds the last one's hash.

Hashes are keyed. A line that is changed, taken out or moved is found when the ledger is read. To find lines cut off at
the end, note the `head` elsewhere after a release.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict

from aimon.clock import now
from aimon.errors import SealedError, WithheldError
from aimon.privacy.accounting import epsilon
from aimon.sealed.differencing import isolated

START = "0" * 64


class Release(BaseModel):
    """One release: which envelopes, how many rows each has, which of their rows, and the privacy it cost as zCDP.

    `senders` names whose each envelope is, where that decides what may be released.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: AwareDatetime
    manifest_id: str
    rows: dict[str, int]
    senders: dict[str, str] = {}
    mask: str | None = None
    released_rows: int
    rho: float | None = None
    sigma: float = 0.0


class Line(BaseModel):
    """A release in the chain."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    previous: str
    release: Release

    def hash(self, key: bytes) -> str:
        """The line's HMAC-SHA256."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@dataclass(slots=True)
class Ledger:
    """The releases of one key and layout; in memory alone where there is no path.

    `key` seals the lines of a file, so that nobody else can write others: `SecretKey.ledger_key`.
    """

    path: Path | None = None
    key: bytes = b""
    releases: list[Release] = field(default_factory=list)
    head: str = START

    def __post_init__(self) -> None:
        if self.path is not None and not self.key:
            raise SealedError(f"{self.path}: a ledger in a file needs a key, or anybody could write its lines anew")
        if self.path is not None and self.path.exists():
            self._read(self.path)

    def add(self, release: Release) -> None:
        """Append a release; it is on the disk before anybody sees what it released."""
        line = Line(previous=self.head, release=release)
        head = line.hash(self.key)
        if self.path is not None:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line.model_dump(mode="json") | {"hash": head}) + "\n")
                file.flush()
                os.fsync(file.fileno())
        self.releases.append(release)
        self.head = head

    def earlier(self, manifest_id: str, sigma: float = 0.0) -> Release | None:
        """The first release of the same sum with the same noise."""
        same = (each for each in self.releases if each.manifest_id == manifest_id and each.sigma == sigma)
        return next(same, None)

    def holds(self, rows: Mapping[str, int]) -> bool:
        """Whether just these envelopes were released already, exactly."""
        return any(each.rows == rows and not each.sigma for each in self.releases)

    def epsilon(self, delta: float, and_then: float = 0.0, beside: Iterable["Ledger"] = ()) -> float:
        """What releases with noise tell of one row, those of other ledgers too, and one more that costs so much."""
        costs = (each.rho or 0.0 for ledger in (self, *beside) for each in ledger.releases)
        return epsilon([*costs, and_then], delta)

    def _read(self, path: Path) -> None:
        """Every line; one that a killed process left half written is cut off, because nobody saw what it releases."""
        written = path.read_text(encoding="utf-8")
        whole, newline, half = written.rpartition("\n")
        if half:
            os.truncate(path, len((whole + newline).encode()))
        for number, text in enumerate(whole.splitlines(), 1):
            try:
                body = json.loads(text)
                declared = body.pop("hash")
                line = Line.model_validate(body)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise SealedError(f"{path}: line {number} is no release; restore the ledger from a copy") from error
            if line.previous != self.head or line.hash(self.key) != declared:
                raise SealedError(f"{path}: line {number} was changed, or one before it was taken out")
            self.releases.append(line.release)
            self.head = declared


def check_cohort(ledger: Ledger, rows: Mapping[str, int], manifest_id: str, least: int) -> None:
    """SealedError where the rows are few, or those by which they differ from an earlier release."""
    total = sum(rows.values())
    if total < least:
        raise WithheldError(f"{total} rows are fewer than the {least} that may be released together")
    for earlier in ledger.releases:
        if earlier.manifest_id == manifest_id:
            continue
        for ours, theirs in ((rows, earlier.rows), (earlier.rows, rows)):
            apart = sum(count for each, count in ours.items() if each not in theirs)
            if 0 < apart < least and any(each in theirs for each in ours):
                raise WithheldError(
                    f"beside an earlier release this one would give away {apart} rows on their own; "
                    f"at least {least} must differ, or none"
                )
    others = [each.rows for each in ledger.releases if each.manifest_id != manifest_id]
    alone = isolated([*others, rows], least)
    if alone is not None:
        raise WithheldError(
            f"together with several earlier releases this one would give away {alone} rows on their own, by adding and "
            "subtracting them"
        )


def check_records(ledger: Ledger, release: Release, least: int) -> None:
    """SealedError where joined rows are few, or those that another release of the same records leaves over."""
    if release.released_rows < least:
        raise SealedError(
            f"{release.released_rows} chosen rows with a label are fewer than the {least} that may be released together"
        )
    for earlier in ledger.releases:
        if earlier.manifest_id == release.manifest_id or not earlier.rows.keys() & release.rows.keys():
            continue
        more = release.released_rows - earlier.released_rows
        if earlier.mask == release.mask:  # sums that only grow, each by enough, leave nothing smaller between any two
            allowed = earlier.rows.items() <= release.rows.items() and more >= least
        else:
            allowed = None in (earlier.mask, release.mask) and earlier.rows == release.rows and abs(more) >= least
        if not allowed:
            raise SealedError(
                "some of these records were released already, with other labels or another choice of records; "
                f"what lies between the two may be fewer than {least} rows"
            )


def release_of(manifest_id: str, rows: Mapping[str, int], **others: object) -> Release:
    """A release of now."""
    return Release.model_validate(
        {"at": now(), "manifest_id": manifest_id, "rows": dict(rows), "released_rows": sum(rows.values())} | others
    )

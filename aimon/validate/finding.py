"""What validation found: one finding an expectation, and all of them for a day. Plain data, to and from JSON."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from aimon.errors import DataError


class Severity(StrEnum):
    """What a failed expectation means for the work that follows."""

    BLOCKS = "blocks"
    WARNS = "warns"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The result of one expectation. `keys` are the ids of a few failing rows; values of columns are never told."""

    name: str
    column: str | None
    severity: Severity
    passed: bool
    failing: int
    rows: int
    sentence: str
    keys: tuple[str, ...] = ()

    @property
    def blocks(self) -> bool:
        """Whether nothing may be computed from this data."""
        return not self.passed and self.severity is Severity.BLOCKS


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """A day's findings. `slots` are its rows by 6-hour slot, `lag` the seconds from its last row to its end.

    `rows` are the day's; `looked_at` those that the expectations saw, fewer only for a day too large for memory.
    """

    model: str
    day: date
    rows: int
    looked_at: int
    duplicates: int
    quarantined: Mapping[str, int]
    slots: tuple[int, ...]
    lag: float | None
    findings: tuple[Finding, ...] = field(repr=False)

    @property
    def failed(self) -> list[Finding]:
        """What did not pass, blocking findings first."""
        broken = (finding for finding in self.findings if not finding.passed)
        return sorted(broken, key=lambda finding: not finding.blocks)

    @property
    def blocking(self) -> list[Finding]:
        """Why the data cannot be used; empty where it can."""
        return [finding for finding in self.findings if finding.blocks]

    @property
    def usable(self) -> bool:
        """Whether the day may be counted and judged."""
        return not self.blocking

    def refuse_unusable(self) -> None:
        """Raise DataError where the data cannot be used, with every reason."""
        if not self.usable:
            reasons = "; ".join(finding.sentence.rstrip(".") for finding in self.blocking)
            raise DataError(f"{self.model} {self.day}: the data cannot be used: {reasons}")

    def to_bytes(self) -> bytes:
        """The validation as JSON; equal for equal validations."""
        content = {**asdict(self), "day": self.day.isoformat()}
        return (json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n").encode()


def validation_of(content: bytes) -> Validation:
    """The meaning of what `to_bytes` gave."""
    told: dict[str, Any] = json.loads(content)
    findings = tuple(
        Finding(**{**each, "severity": Severity(each["severity"]), "keys": tuple(each["keys"])})
        for each in told["findings"]
    )
    day, slots = date.fromisoformat(told["day"]), tuple(told["slots"])
    return Validation(**{**told, "day": day, "slots": slots, "findings": findings})

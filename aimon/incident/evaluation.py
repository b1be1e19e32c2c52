"""An evaluation: one check, judged once on one model's day by one run. What incidents are opened from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Literal, Self

from aimon.store.evaluations import StoredEvaluation

Severity = Literal["WARN", "ERROR"]

DATA_VERSION = "data_version"
"""Where the metadata says which rows were judged: the digest of the day's file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The evaluation as the orchestrator tells it."""

    run_id: str
    asset: str
    check: str
    model: str
    day: date
    passed: bool
    timestamp: datetime
    severity: Severity = "ERROR"
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of_event(
        cls,
        *,
        run_id: str,
        asset: str,
        check: str,
        partition: str,
        passed: bool,
        severity: Severity,
        timestamp: float,
        description: str | None = None,
        data_version: str | None = None,
    ) -> Self:
        """Read an event's fields: the partition `2026-11-19|loan-approval`, the timestamp in seconds since 1970."""
        day, _, model = partition.partition("|")
        told = {"description": description, DATA_VERSION: data_version}
        return cls(
            run_id=run_id,
            asset=asset,
            check=check,
            model=model,
            day=date.fromisoformat(day),
            passed=passed,
            timestamp=datetime.fromtimestamp(timestamp, UTC),
            severity=severity,
            metadata={name: value for name, value in told.items() if value is not None},
        )

    @property
    def key(self) -> str:
        """What makes the evaluation itself, so that it is taken once however often it is read."""
        partition = f"{self.day.isoformat()}|{self.model}"
        return "|".join((self.run_id, self.asset, self.check, partition, self.timestamp.astimezone(UTC).isoformat()))

    def stored(self) -> StoredEvaluation:
        """The evaluation as the operations database keeps it."""
        return StoredEvaluation(
            key=self.key,
            run_id=self.run_id,
            asset=self.asset,
            check=self.check,
            model=self.model,
            day=self.day,
            severity=self.severity,
            passed=self.passed,
            timestamp=self.timestamp,
            metadata=self.metadata,
        )

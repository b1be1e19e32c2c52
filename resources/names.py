"""Names by which the parts of the Dagster layer know each other: asset keys, tags, metadata, the partition key."""

from dataclasses import dataclass
from datetime import date

import dagster as dg

PREDICTIONS = dg.AssetKey("predictions")
SEALED_BATCHES = dg.AssetKey("sealed_batches")
SEALED_PROFILE = dg.AssetKey("sealed_profile")
BASELINE = dg.AssetKey("baseline")
PROFILE = dg.AssetKey("profile")
INSIGHT = dg.AssetKey("insight")
DRIFT = dg.AssetKey("drift")
FAIRNESS = dg.AssetKey("fairness")
PERFORMANCE = dg.AssetKey("performance")
OPERATIONS = dg.AssetKey("operations")
REPORT = dg.AssetKey("report")
RETENTION = dg.AssetKey("retention")
WEEK = dg.AssetKey("week")
EVIDENTLY = dg.AssetKey("evidently")
PDF = dg.AssetKey("pdf")

VALID = "valid"
"""The check that says whether a day's rows can be used."""

GROUP = "monitoring"
OWNER = "team:model-monitoring"
AS_OF_TAG = "aimon/as_of"
MODEL_TAG = "aimon/model"
HOST_TAG = "aimon/host"
"""The machine on which a run is at work."""
LAKE_POOL = "lake"
"""The pool of what reads sources and writes lake and operations database."""
DOCUMENTS_POOL = "documents"
"""The pool of what only makes documents, so that it never stands in the way of the others."""
TOUCHED_TAG = "aimon/touched"
"""The days of a range that the run is about; the others are judged again where their windows hold one of these."""
PART_TAG = "aimon/part"
OUTCOMES = "outcomes"
"""The part of a day that labels decide."""
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"
FAILED = "failed"
"""The key of a failed step's metadata: the reason by partition."""
TOLD = "told"
"""Beside it: the partitions whose failure is that of a check, so that nobody need be told again."""


@dataclass(frozen=True, order=True, slots=True)
class ModelDayKey:
    """One partition: a model's UTC day. Dagster writes it `2026-11-19|loan-approval`."""

    model: str
    day: date

    @classmethod
    def parse(cls, key: str) -> "ModelDayKey":
        """Read Dagster's form.

        >>> ModelDayKey.parse("2026-11-19|loan-approval")
        ModelDayKey(model='loan-approval', day=datetime.date(2026, 11, 19))
        """
        day, _, model = key.partition("|")
        return cls(model, date.fromisoformat(day))

    def __str__(self) -> str:
        return f"{self.day.isoformat()}|{self.model}"

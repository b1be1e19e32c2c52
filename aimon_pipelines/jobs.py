"""The jobs: a model day from source to report, a model's baseline, and the upkeep of what is stored."""

import dagster as dg

from aimon_pipelines.steps import STEPS
from resources.names import BASELINE, DRIFT, FAIRNESS, OPERATIONS, PERFORMANCE, PREDICTIONS, REPORT, RETENTION

MODEL_DAY = "model_day"
RERUN_WHOLE = {"dagster/retry_strategy": "ALL_STEPS"}
"""A killed run is run again from its start; what it had made is made again, to the same bytes."""

model_day_job = dg.define_asset_job(
    MODEL_DAY,
    selection=dg.AssetSelection.assets(*(step.key for step in STEPS)),
    description="Reads, counts, judges and reports model days.",
    tags=RERUN_WHOLE,
)
windows_job = dg.define_asset_job(
    "windows",
    selection=dg.AssetSelection.assets(DRIFT, FAIRNESS, PERFORMANCE, OPERATIONS, REPORT)
    | dg.AssetSelection.checks(dg.AssetCheckKey(PREDICTIONS, "quality")),
    description="Judges and reports model days again, by the counts that are stored: what changed in a day changes the "
    "windows that hold it.",
)
baseline_job = dg.define_asset_job(
    "baseline", selection=dg.AssetSelection.assets(BASELINE), description="Freezes models' baselines."
)
retention_job = dg.define_asset_job(
    "keep_retention", selection=dg.AssetSelection.assets(RETENTION), description="Deletes what is older than it may be."
)

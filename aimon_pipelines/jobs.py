"""The jobs: a model day from source to report, a model's baseline, and the upkeep of what is stored."""

import dagster as dg

from aimon_pipelines.steps import STEPS
from resources.names import BASELINE, FAIRNESS, OUTCOMES, PART_TAG, PERFORMANCE, PROFILE, REPORT, RETENTION

MODEL_DAY = "model_day"
RECOUNT = "recount"
RERUN_WHOLE = {"dagster/retry_strategy": "ALL_STEPS"}
"""A killed run is run again from its start; what it had made is made again, to the same bytes."""

model_day_job = dg.define_asset_job(
    MODEL_DAY,
    selection=dg.AssetSelection.assets(*(step.key for step in STEPS)),
    description="Reads, counts, judges and reports model days.",
    tags=RERUN_WHOLE,
)
outcomes_job = dg.define_asset_job(
    OUTCOMES,
    selection=dg.AssetSelection.assets(PROFILE, FAIRNESS, PERFORMANCE, REPORT),
    description="Counts again what labels decide, by those that have come since, and judges and reports it.",
    tags={PART_TAG: OUTCOMES},
)
recount_job = dg.define_asset_job(
    RECOUNT,
    selection=dg.AssetSelection.assets(PROFILE),
    description="Counts again, on a model's new grid, the days whose rows are still there. No record is rewritten.",
    tags=RERUN_WHOLE,
)
baseline_job = dg.define_asset_job(
    "baseline", selection=dg.AssetSelection.assets(BASELINE), description="Freezes models' baselines."
)
retention_job = dg.define_asset_job(
    "keep_retention", selection=dg.AssetSelection.assets(RETENTION), description="Deletes what is older than it may be."
)

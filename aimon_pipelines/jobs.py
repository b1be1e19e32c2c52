"""The jobs: a model day from source to report, and a model's baseline."""

import dagster as dg

from aimon_pipelines.steps import STEPS
from resources.names import BASELINE

MODEL_DAY = "model_day"

model_day_job = dg.define_asset_job(
    MODEL_DAY,
    selection=dg.AssetSelection.assets(*(step.key for step in STEPS)),
    description="Reads, counts, judges and reports model days.",
)
baseline_job = dg.define_asset_job(
    "baseline", selection=dg.AssetSelection.assets(BASELINE), description="Freezes models' baselines."
)

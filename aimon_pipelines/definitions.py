"""The code location: the only module that brings assets, checks, sensors, schedules and resources together."""

import os
from pathlib import Path

import dagster as dg

from aimon_pipelines.documents import document_jobs, document_schedules
from aimon_pipelines.jobs import baseline_job, model_day_job, outcomes_job, recount_job, retention_job
from aimon_pipelines.partitions import model_days, models
from aimon_pipelines.schedules import DAILY_CRON, daily_schedule, maturity_schedule, retention_schedule, slot_schedule
from aimon_pipelines.steps import STEPS
from assets import documents
from assets.baseline import baseline_asset
from assets.chain import model_day_assets
from assets.retention import retention
from resources.names import DOCUMENTS_POOL
from resources.platform import platform
from sensors.check_failures import check_failures
from sensors.failed_runs import failed_runs_sensor
from sensors.heartbeat import heartbeat
from sensors.late_data import late_data_sensor
from sensors.late_labels import late_labels_sensor
from sensors.lost_runs import lost_runs_sensor
from sensors.new_grids import new_grids_sensor
from sensors.notices import notices
from sensors.registry import registry_sensor
from sensors.sealed_answers import sealed_answers_sensor


def build_definitions(root: Path, daily_cron: str = DAILY_CRON) -> dg.Definitions:
    """The definitions for the project in the folder."""
    partitions = model_days(root)
    return dg.Definitions(
        assets=[
            baseline_asset(models),
            model_day_assets(partitions, STEPS),
            model_day_assets(partitions, documents.STEPS, name=documents.NODE, pool=DOCUMENTS_POOL),
            retention,
        ],
        jobs=[model_day_job, outcomes_job, recount_job, baseline_job, retention_job, *document_jobs],
        schedules=[
            daily_schedule(daily_cron),
            slot_schedule(),
            maturity_schedule(),
            retention_schedule,
            *document_schedules(),
        ],
        sensors=[
            registry_sensor(models),
            check_failures,
            failed_runs_sensor,
            lost_runs_sensor,
            heartbeat,
            notices,
            late_data_sensor(model_day_job.name),
            late_labels_sensor(outcomes_job.name),
            new_grids_sensor(recount_job.name),
            sealed_answers_sensor(model_day_job.name),
        ],
        resources={"platform": platform.configured({"root": str(root)})},
        executor=dg.in_process_executor,
    )


defs = build_definitions(Path(os.environ.get("AIMON_ROOT", ".")).resolve())

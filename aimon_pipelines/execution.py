"""Running model days in this process: what `aimon run` and the demo do, with the incidents that follow."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import dagster as dg

from aimon.clock import days, iso
from aimon.daily.registry import register_models
from aimon.errors import UserError
from aimon.incident.delivery import deliver_pending
from aimon.incident.seed import open_from_evaluations
from aimon.platform import Platform
from aimon_pipelines.definitions import build_definitions
from aimon_pipelines.jobs import MODEL_DAY
from aimon_pipelines.partitions import model_days
from resources.names import AS_OF_TAG, MODEL_TAG, RANGE_END, RANGE_START, REPORT, ModelDayKey
from sensors.evaluations import evaluations_of_run
from sensors.failed_runs import end_mended, failed_partitions, report_run

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
"""The event log keeps everything; the terminal belongs to the command."""


@dataclass(frozen=True, slots=True)
class Ran:
    """One finished run: which partitions failed, with a sentence each."""

    run_id: str
    failures: Mapping[str, str]

    @property
    def succeeded(self) -> bool:
        return not self.failures


def register(platform: Platform, instance: dg.DagsterInstance) -> None:
    """Give every declared model its partition key, as the registry sensor does."""
    present = set(instance.get_dynamic_partitions("models"))
    instance.add_dynamic_partitions("models", [name for name in register_models(platform).keys if name not in present])


def missing_days(instance: dg.DagsterInstance, model: str, first: date, last: date) -> list[date]:
    """The days whose chain did not reach its end, in order."""
    made = instance.get_materialized_partitions(REPORT)
    return [day for day in days(first, last) if str(ModelDayKey(model, day)) not in made]


def refuse_days_without_partition(platform: Platform, first: date, last: date) -> None:
    """A sentence about days before the first partition or after the current one."""
    partitions = model_days(platform.root).get_partitions_def_for_dimension("date")
    keys = partitions.get_partition_keys()
    earliest, latest = date.fromisoformat(keys[0]), date.fromisoformat(keys[-1])
    if first < earliest or last > latest:
        raise UserError(f"there are days from {earliest} to {latest}; {first} to {last} goes beyond them")


def run_model_days(
    platform: Platform,
    instance: dg.DagsterInstance,
    model: str,
    first: date,
    last: date,
    as_of: datetime | None = None,
) -> Ran:
    """Materialise the model's days, both ends included, as one run; open incidents for what it found."""
    register(platform, instance)
    refuse_days_without_partition(platform, first, last)
    tags = {
        RANGE_START: str(ModelDayKey(model, first)),
        RANGE_END: str(ModelDayKey(model, last)),
        MODEL_TAG: model,
    }
    if as_of is not None:
        tags[AS_OF_TAG] = iso(as_of)
    job = build_definitions(platform.root).resolve_job_def(MODEL_DAY)
    result = job.execute_in_process(run_config=QUIET, instance=instance, tags=tags, raise_on_error=False)
    return follow_up(platform, instance, result.run_id)


def follow_up(platform: Platform, instance: dg.DagsterInstance, run_id: str) -> Ran:
    """What the sensors do after a run, at once: incidents for failed checks and failed models, and their notices."""
    open_from_evaluations(platform.store, evaluations_of_run(instance, run_id))
    run = instance.get_run_record_by_id(run_id)
    failures: dict[str, str] = {}
    if run is not None and run.dagster_run.status is dg.DagsterRunStatus.FAILURE:
        failed = failed_partitions(instance, run)
        failures = failed.reasons
        report_run(platform, run, failed)
    end_mended(platform, instance)
    deliver_pending(platform.store, platform.channels, platform.routing)
    return Ran(run_id, failures)

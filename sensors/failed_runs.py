"""The sensor for what leaves no check behind: runs that failed, and the models that failed in them.

Dagster's own run-failure sensor moves on when its body raises, so it can lose a failure; this one keeps its cursor.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import dagster as dg
from dagster import DagsterEventType, RunsFilter

from aimon.incident.failures import Failure, mended, report_failure, standing_failures
from aimon.platform import Platform
from resources.names import FAILED, REPORT, TOLD, ModelDayKey

INTERVAL_SECONDS = 30
OVERLAP = timedelta(minutes=5)
START = datetime(2000, 1, 1, tzinfo=UTC)
UNKNOWN_MODEL = "*"
WILL_RETRY = "dagster/will_retry"
MOST_PARTITIONS = 1_000
"""A failure that left more than this undone is looked at again when some are made."""


def failed_runs(instance: dg.DagsterInstance, since: datetime) -> list[dg.RunRecord]:
    """Runs that ended in failure since the instant and that Dagster will not run again, the oldest first."""
    runs_filter = RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE], updated_after=since)
    ended = instance.get_run_records(runs_filter, order_by="update_timestamp", ascending=True)
    return [run for run in ended if run.dagster_run.tags.get(WILL_RETRY) != "true"]


@dataclass(slots=True)
class FailedPartitions:
    """The reason of each partition that a run could not make; `told` are those whose check has said so already."""

    reasons: dict[str, str] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)

    @property
    def untold(self) -> dict[str, str]:
        """What nobody would hear of otherwise."""
        return {partition: reason for partition, reason in self.reasons.items() if partition not in self.told}


def failed_partitions(instance: dg.DagsterInstance, run: dg.RunRecord) -> FailedPartitions:
    """What failed in the run; the run's own partition when no step named any."""
    failed, message = FailedPartitions(), "The run failed before any step could say why."
    for entry in instance.all_logs(run.dagster_run.run_id, of_type=DagsterEventType.STEP_FAILURE):
        if entry.dagster_event is None:
            continue
        data = entry.dagster_event.step_failure_data
        metadata = data.user_failure_data.metadata if data.user_failure_data else {}
        named, told = metadata.get(FAILED), metadata.get(TOLD)
        if isinstance(named, dg.JsonMetadataValue) and isinstance(named.data, dict):
            failed.reasons |= named.data
            failed.told |= set(told.data) if isinstance(told, dg.JsonMetadataValue) else set()
        elif data.error is not None:
            message = data.error.message.strip()
    if not failed.reasons:
        failed.reasons[run.dagster_run.tags.get("dagster/partition", UNKNOWN_MODEL)] = message
    return failed


def model_of(partition: str) -> str:
    """The model's half of a partition key of either kind."""
    return ModelDayKey.parse(partition).model if "|" in partition else partition


def by_model(reasons: dict[str, str]) -> Iterator[tuple[str, str]]:
    """One reason a model: its first one, and how many more there are."""
    grouped: dict[str, list[str]] = {}
    for partition, reason in sorted(reasons.items()):
        grouped.setdefault(model_of(partition), []).append(f"{partition}: {reason}")
    for model, lines in grouped.items():
        yield model, lines[0] if len(lines) == 1 else f"{lines[0]} (and {len(lines) - 1} more days)"


def report_run(platform: Platform, run: dg.RunRecord, failed: FailedPartitions) -> None:
    """Open or continue an incident for each model that the run could not finish."""
    for model, reason in by_model(failed.untold):
        report_failure(
            platform.store,
            model=model,
            step=run.dagster_run.job_name,
            run_id=run.dagster_run.run_id,
            message=reason,
            partitions=[each for each in failed.untold if model_of(each) == model != UNKNOWN_MODEL],
        )


def end_mended(platform: Platform, instance: dg.DagsterInstance) -> None:
    """End the failures that a later run made good."""
    for failure in standing_failures(platform.store):
        if succeeded_since(instance, failure):
            mended(platform.store, failure)


def succeeded_since(instance: dg.DagsterInstance, failure: Failure, last_step: dg.AssetKey = REPORT) -> bool:
    """Whether every partition that was left undone reached the last step since; else, whether the job succeeded."""
    if failure.partitions and all("|" in partition for partition in failure.partitions):
        wanted = dg.AssetRecordsFilter(
            asset_key=last_step,
            asset_partitions=list(failure.partitions),
            after_timestamp=failure.failed_at.timestamp(),
        )
        made = instance.fetch_materializations(wanted, limit=MOST_PARTITIONS).records
        return {record.partition_key for record in made} >= set(failure.partitions)
    succeeded = RunsFilter(
        job_name=failure.step, statuses=[dg.DagsterRunStatus.SUCCESS], created_after=failure.failed_at
    )
    return bool(instance.get_run_records(succeeded, limit=1))


@dg.sensor(
    name="failed_runs",
    description="Opens an incident for each model that a failed run could not finish; ends it once that is done.",
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def failed_runs_sensor(context: dg.SensorEvaluationContext, platform: dg.ResourceParam[Platform]) -> dg.SkipReason:
    """One tick."""
    since = datetime.fromisoformat(context.cursor) if context.cursor else START
    runs = failed_runs(context.instance, since - OVERLAP)
    for run in runs:
        report_run(platform, run, failed_partitions(context.instance, run))
    end_mended(platform, context.instance)
    if runs:
        context.update_cursor(runs[-1].update_timestamp.astimezone(UTC).isoformat())
    platform.beat(context.sensor_name)
    return dg.SkipReason(f"{len(runs)} failed runs seen")

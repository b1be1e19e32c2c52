"""The cadence, in UTC: each finished day once, the current day at every 6-hour slot; upkeep at night.

A tick asks for one run a model while there are few, and for one run over all of them above that: a run costs seconds
of process start, and hundreds at once would only wait for each other.
"""

from collections.abc import Iterator, Sequence
from datetime import date

import dagster as dg

from aimon.clock import DAY, day_start, iso
from aimon.daily.window import current_slot
from aimon.platform import Platform
from aimon_pipelines.jobs import model_day_job, retention_job
from aimon_pipelines.partitions import models
from resources.names import AS_OF_TAG, MODEL_TAG, ModelDayKey

MOST_RUNS_A_TICK = 20
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"
DAILY_CRON = "30 0 * * *"
SLOT_CRON = "15 6,12,18 * * *"
RETENTION_CRON = "0 3 * * *"


def run_requests(names: Sequence[str], day: date, cause: str, as_of: str) -> Iterator[dg.RunRequest]:
    """The runs that cover one day of the given models, which are in the order their keys were added."""
    if len(names) <= MOST_RUNS_A_TICK:
        for name in names:
            key = str(ModelDayKey(name, day))
            yield dg.RunRequest(run_key=f"{cause}:{key}", partition_key=key, tags={AS_OF_TAG: as_of, MODEL_TAG: name})
        return
    first, last = (str(ModelDayKey(name, day)) for name in (names[0], names[-1]))
    yield dg.RunRequest(
        run_key=f"{cause}:{day.isoformat()}", tags={RANGE_START: first, RANGE_END: last, AS_OF_TAG: as_of}
    )


def active(context: dg.ScheduleEvaluationContext, platform: Platform) -> list[str]:
    """The models with a key that are not retired, in the order their keys were added."""
    keys = models.get_partition_keys(dynamic_partitions_store=context.instance)
    return [name for name in keys if not platform.is_retired(name)]


def daily_schedule(cron: str = DAILY_CRON) -> dg.ScheduleDefinition:
    """The schedule of days that ended."""

    @dg.schedule(
        name="daily",
        job=model_day_job,
        cron_schedule=cron,
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Judges the day that ended, for every model.",
    )
    def daily(context: dg.ScheduleEvaluationContext, platform: dg.ResourceParam[Platform]) -> Iterator[dg.RunRequest]:
        today = context.scheduled_execution_time.date()
        yield from run_requests(active(context, platform), today - DAY, "daily", iso(day_start(today)))

    return daily


def slot_schedule(cron: str = SLOT_CRON) -> dg.ScheduleDefinition:
    """The schedule of the current day's slots."""

    @dg.schedule(
        name="six_hourly",
        job=model_day_job,
        cron_schedule=cron,
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Judges the current day up to the slot that ended, for every model.",
    )
    def six_hourly(
        context: dg.ScheduleEvaluationContext, platform: dg.ResourceParam[Platform]
    ) -> Iterator[dg.RunRequest]:
        slot = current_slot(context.scheduled_execution_time)
        yield from run_requests(active(context, platform), slot.date(), f"slot:{iso(slot)}", iso(slot))

    return six_hourly


retention_schedule = dg.ScheduleDefinition(
    name="retention",
    job=retention_job,
    cron_schedule=RETENTION_CRON,
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Deletes what is older than the settings allow, and keeps the evidence.",
)

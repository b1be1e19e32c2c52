"""The cadence, in UTC: each finished day once, the current day at every 6-hour slot; upkeep at night.

A tick asks for one run a model while there are few. Above that it asks for a few runs, each over a part of the models,
one for each core: a run costs seconds of process start, and hundreds at once would only wait for each other.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise

import dagster as dg

from aimon.clock import DAY, day_start, iso
from aimon.daily.window import current_slot, last_mature_day
from aimon.platform import Platform
from aimon_pipelines.jobs import model_day_job, outcomes_job, retention_job
from aimon_pipelines.partitions import models
from resources.names import AS_OF_TAG, MODEL_TAG, RANGE_END, RANGE_START, ModelDayKey
from resources.requests import touched_request

MOST_RUNS_A_TICK = 20
MOST_PARTS = 4
"""As many as the queue lets run at a time."""
DAILY_CRON = "30 0 * * *"
SLOT_CRON = "15 6,12,18 * * *"
MATURITY_CRON = "0 2 * * *"
RETENTION_CRON = "0 3 * * *"


def run_requests(names: Sequence[str], day: date, cause: str, as_of: str) -> Iterator[dg.RunRequest]:
    """The runs that cover one day of the given models, which are in the order their keys were added."""
    if len(names) <= MOST_RUNS_A_TICK:
        for name in names:
            key = str(ModelDayKey(name, day))
            yield dg.RunRequest(run_key=f"{cause}:{key}", partition_key=key, tags={AS_OF_TAG: as_of, MODEL_TAG: name})
        return
    for part in parts(names, min(MOST_PARTS, os.cpu_count() or 1)):
        first, last = (str(ModelDayKey(name, day)) for name in (part[0], part[-1]))
        yield dg.RunRequest(
            run_key=f"{cause}:{first}:{last}", tags={RANGE_START: first, RANGE_END: last, AS_OF_TAG: as_of}
        )


def parts(names: Sequence[str], number: int) -> Iterator[Sequence[str]]:
    """So many parts of about the same length, in order.

    >>> list(parts("abcde", 2))
    ['ab', 'cde']
    """
    bounds = [len(names) * part // number for part in range(number + 1)]
    return (names[first:last] for first, last in pairwise(bounds))


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


def due(platform: Platform, names: Iterable[str], as_of: datetime) -> Iterator[tuple[str, date]]:
    """The models whose labels come late, each with the day whose labels are due now."""
    for name in names:
        spec = platform.models.get(name)
        if spec is not None and spec.columns.label is not None and spec.label_horizon > timedelta(0):
            yield name, last_mature_day(spec.label_horizon, as_of)


def maturity_schedule() -> dg.ScheduleDefinition:
    """The schedule of days whose labels have had their time."""

    @dg.schedule(
        name="maturity",
        job=outcomes_job,
        cron_schedule=MATURITY_CRON,
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Judges the day whose labels are due by now once more, whether they came late, early or never.",
    )
    def maturity(
        context: dg.ScheduleEvaluationContext, platform: dg.ResourceParam[Platform]
    ) -> Iterator[dg.RunRequest]:
        as_of = day_start(context.scheduled_execution_time.date())
        for name, day in due(platform, active(context, platform), as_of):
            if platform.profiles.day(name, day) is not None:
                cause = f"mature:{day.isoformat()}"
                yield touched_request(name, [day], as_of, cause=cause, job=outcomes_job.name, windows=False)

    return maturity


retention_schedule = dg.ScheduleDefinition(
    name="retention",
    job=retention_job,
    cron_schedule=RETENTION_CRON,
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Deletes what is older than the settings allow, and keeps the evidence.",
)

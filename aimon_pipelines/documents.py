"""Documents on a schedule: Evidently's page of each finished day, the week's page every Monday, both in UTC.

One run makes them for all models, behind everything else in the queue: Evidently takes seconds to import.
"""

from collections.abc import Iterator

import dagster as dg

from aimon.clock import DAY, day_start, iso
from aimon.platform import Platform
from aimon_pipelines.jobs import RERUN_WHOLE
from aimon_pipelines.schedules import active
from resources.names import AS_OF_TAG, EVIDENTLY, PDF, RANGE_END, RANGE_START, WEEK, ModelDayKey

EVIDENTLY_CRON = "0 4 * * *"
WEEKLY_CRON = "30 4 * * 1"
PRIORITY_TAG = "dagster/priority"


LAST_IN_THE_QUEUE = {PRIORITY_TAG: "-1", **RERUN_WHOLE}

week_job = dg.define_asset_job(
    "week_page",
    selection=dg.AssetSelection.assets(WEEK),
    description="Makes the page of the seven days that end with a day.",
    tags=LAST_IN_THE_QUEUE,
)
evidently_job = dg.define_asset_job(
    "evidently_page",
    selection=dg.AssetSelection.assets(EVIDENTLY),
    description="Makes Evidently's page of a day.",
    tags=LAST_IN_THE_QUEUE,
)
pdf_job = dg.define_asset_job(
    "pdf_page",
    selection=dg.AssetSelection.assets(PDF),
    description="Puts a day's report on paper.",
    tags=LAST_IN_THE_QUEUE,
)
document_jobs = (week_job, evidently_job, pdf_job)


def _schedule(name: str, job_name: str, cron: str, description: str) -> dg.ScheduleDefinition:
    """Asks for one run over all models, of the day that ended."""

    @dg.schedule(
        name=name,
        job_name=job_name,
        cron_schedule=cron,
        execution_timezone="UTC",
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=description,
    )
    def scheduled(
        context: dg.ScheduleEvaluationContext, platform: dg.ResourceParam[Platform]
    ) -> Iterator[dg.RunRequest]:
        today = context.scheduled_execution_time.date()
        names = active(context, platform)
        if names:
            first, last = (str(ModelDayKey(each, today - DAY)) for each in (names[0], names[-1]))
            tags = {RANGE_START: first, RANGE_END: last, AS_OF_TAG: iso(day_start(today))}
            yield dg.RunRequest(run_key=f"{name}:{today - DAY}", tags=tags)

    return scheduled


def document_schedules() -> list[dg.ScheduleDefinition]:
    """The schedules of documents."""
    return [
        _schedule("evidently", evidently_job.name, EVIDENTLY_CRON, "Makes Evidently's page of the day that ended."),
        _schedule("weekly", week_job.name, WEEKLY_CRON, "Makes each model's page of the week that ended."),
    ]

"""The heartbeat: a model that was not analysed by its deadline is an incident, whatever the reason of the silence.

Dagster's freshness looks at an asset's last materialisation, of any partition; this looks at each model's own day.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

import dagster as dg
from dagster import AssetKey

from aimon.clock import DAY, day_end, now
from aimon.incident.silence import Expectation, awaited, watch
from aimon.platform import Platform
from aimon.store import registry
from resources.names import REPORT, ModelDayKey

INTERVAL_SECONDS = 300
PATIENCE = timedelta(hours=12)


def due(platform: Platform, moment: datetime) -> list[ModelDayKey]:
    """The model days to ask about: each model's last full day, and those already reported missing."""
    yesterday = moment.date() - DAY
    with platform.store.session() as connection:
        in_service = registry.models(connection)
    expected = {ModelDayKey(model.key, yesterday) for model in in_service if model.first_seen_at <= day_end(yesterday)}
    return sorted(expected | {ModelDayKey(model, day) for model, day, _ in awaited(platform.store)})


def expectations(
    instance: dg.DagsterInstance, keys: Iterable[ModelDayKey], step: AssetKey = REPORT
) -> list[Expectation]:
    """Whether each model day reached the last step, and until when it had to."""
    made = instance.get_materialized_partitions(step)
    return [
        Expectation(model=key.model, day=key.day, step=step.path[-1], deadline=deadline(key.day), done=str(key) in made)
        for key in keys
    ]


def deadline(day: date) -> datetime:
    """When the day's analysis is overdue."""
    return day_end(day) + PATIENCE


@dg.sensor(
    name="heartbeat",
    description="Opens an incident for each model whose last full day has not been analysed by its deadline.",
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def heartbeat(context: dg.SensorEvaluationContext, platform: dg.ResourceParam[Platform]) -> dg.SkipReason:
    """One tick."""
    silent = watch(platform.store, expectations(context.instance, due(platform, now()))).silent
    platform.beat(context.sensor_name)
    return dg.SkipReason(
        f"{len(silent)} models silent: {', '.join(silent)}" if silent else "every model was heard from"
    )

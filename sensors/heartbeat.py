"""The heartbeat: a model that was not analysed by its deadline is an incident, whatever the reason of the silence.

So is a sensor that ticks no more.

Dagster's freshness looks at an asset's last materialisation, of any partition; this looks at each model's own day.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import dagster as dg
from dagster import AssetKey

from aimon.clock import DAY, day_end, now
from aimon.daily.watched import EVERY_MODEL, sensor_expectations
from aimon.incident.silence import Expectation, awaited, watch
from aimon.platform import Platform
from aimon.store import evaluations, heartbeats, registry
from resources.names import REPORT, VALID, ModelDayKey

INTERVAL_SECONDS = 300
PATIENCE = timedelta(hours=12)


def due(platform: Platform, moment: datetime) -> list[ModelDayKey]:
    """The model days to ask about: each model's last full day, and those already reported missing."""
    yesterday = moment.date() - DAY
    with platform.store.session() as connection:
        in_service = registry.models(connection)
    expected = {ModelDayKey(model.key, yesterday) for model in in_service if model.first_seen_at <= day_end(yesterday)}
    missing = {ModelDayKey(model, day) for model, day, _ in awaited(platform.store) if model != EVERY_MODEL}
    return sorted(expected | missing)


def expectations(
    platform: Platform, instance: dg.DagsterInstance, keys: Sequence[ModelDayKey], step: AssetKey = REPORT
) -> list[Expectation]:
    """Whether each model day reached the last step, and until when it had to.

    A day whose rows cannot be used was looked at, and has an incident that says so.
    """
    made = instance.get_materialized_partitions(step)
    with platform.store.session() as connection:
        refused = evaluations.refused(connection, check=VALID, days={key.day for key in keys})
    return [
        Expectation(
            model=key.model,
            day=key.day,
            step=step.path[-1],
            deadline=deadline(key.day),
            done=str(key) in made or (key.model, key.day) in refused,
        )
        for key in keys
    ]


def sensors_heard(platform: Platform, instance: dg.DagsterInstance, moment: datetime) -> list[Expectation]:
    """Whether each sensor still ticks, but for those that somebody turned off."""
    states = instance.all_instigator_state() if instance.schedule_storage is not None else ()
    off = {state.name for state in states if state.status.value == "STOPPED"}
    with platform.store.session() as connection:
        beats = heartbeats.last(connection, heartbeats.Kind.SENSOR)
    return list(sensor_expectations(beats, moment, awaited=awaited(platform.store), off=off))


def deadline(day: date) -> datetime:
    """When the day's analysis is overdue."""
    return day_end(day) + PATIENCE


@dg.sensor(
    name="heartbeat",
    description="Opens an incident for each model whose last full day has not been analysed by its deadline, and for "
    "sensors that tick no more.",
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def heartbeat(context: dg.SensorEvaluationContext, platform: dg.ResourceParam[Platform]) -> dg.SkipReason:
    """One tick."""
    moment = now()
    models = expectations(platform, context.instance, due(platform, moment))
    sensors = sensors_heard(platform, context.instance, moment)
    silent = watch(platform.store, [*models, *sensors]).silent
    platform.beat(context.sensor_name)
    return dg.SkipReason(
        f"{len(silent)} models silent: {', '.join(silent)}" if silent else "every model was heard from"
    )

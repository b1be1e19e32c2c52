"""The sensor that turns failed checks into incidents: at least once by its cursor, once by unique keys."""

import dagster as dg

from aimon.incident.seed import open_from_evaluations
from aimon.platform import Platform
from sensors.evaluations import drain

INTERVAL_SECONDS = 30


@dg.sensor(
    name="check_failures",
    description="Reads every check evaluation and opens incidents for the failed ones.",
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def check_failures(context: dg.SensorEvaluationContext, platform: dg.ResourceParam[Platform]) -> dg.SkipReason:
    """One tick."""
    drained = drain(
        context.instance,
        int(context.cursor or 0),
        lambda evaluations: open_from_evaluations(platform.store, evaluations),
    )
    context.update_cursor(str(drained.cursor))
    platform.beat(context.sensor_name)
    return dg.SkipReason(f"{drained.read} evaluations read")

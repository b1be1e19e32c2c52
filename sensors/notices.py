"""The sensor that empties the outbox: what incidents committed is delivered, retried, and marked."""

import dagster as dg

from aimon.incident.delivery import deliver_pending
from aimon.platform import Platform

INTERVAL_SECONDS = 30


@dg.sensor(
    name="notices",
    description="Delivers pending notices.",
    minimum_interval_seconds=INTERVAL_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def notices(context: dg.SensorEvaluationContext, platform: dg.ResourceParam[Platform]) -> dg.SkipReason:
    """One tick."""
    delivered = deliver_pending(platform.store, platform.channels, platform.routing)
    platform.beat(context.sensor_name)
    return dg.SkipReason(f"{delivered} notices delivered")

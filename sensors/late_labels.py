"""The sensor for late labels: what they decide of the days they belong to is counted and judged again.

Labels come all day long, so it looks once a 6-hour slot: at those that came in the slots that are over.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import dagster as dg

from aimon.clock import DAY, instant, iso, now
from aimon.daily.labels import days_of
from aimon.daily.window import LONGEST, current_slot
from aimon.platform import Platform
from aimon.store import labels
from resources.names import PERFORMANCE, ModelDayKey
from resources.requests import touched_request

INTERVAL_SECONDS = 300
SETTLE = timedelta(minutes=2)
"""Labels that were received before the slot ended may be committed after."""


def touched(platform: Platform, after: datetime, until: datetime) -> Iterator[tuple[str, list[date]]]:
    """Each model with the days whose labels came between the instants. The day under way is judged anyway."""
    with platform.store.session() as connection:
        came = {model: labels.received(connection, model, after=after, until=until) for model in platform.models}
    for model, ids in came.items():
        spec = platform.models[model]
        if ids and not spec.retired:
            reach = max(LONGEST.days, spec.label_horizon // DAY + 1)
            yield model, days_of(platform, spec, ids, until.date() - DAY, reach)


def late_labels_sensor(job: str) -> dg.SensorDefinition:
    """The sensor that asks for the outcomes of the days that labels touched, and the windows that hold them."""

    @dg.sensor(
        name="late_labels",
        job_name=job,
        description="Counts and judges again what labels decide, of the days whose labels came late.",
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def late_labels(context: dg.SensorEvaluationContext, platform: dg.ResourceParam[Platform]) -> dg.SensorResult:
        until = current_slot(now() - SETTLE)
        after = instant(context.cursor) if context.cursor else until
        requests = []
        if after < until:
            made = context.instance.get_materialized_partitions(PERFORMANCE)
            for model, days in touched(platform, after, until):
                judged = [day for day in days if str(ModelDayKey(model, day)) in made]
                if judged:
                    cause = f"labels:{iso(until)}"
                    requests.append(touched_request(model, judged, until, cause=cause, job=job))
        platform.beat(context.sensor_name)
        return dg.SensorResult(
            run_requests=requests,
            cursor=iso(until),
            skip_reason=None if requests else dg.SkipReason(f"no late labels up to {iso(until)}"),
        )

    return late_labels

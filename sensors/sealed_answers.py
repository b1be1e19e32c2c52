"""The sensor for answers of keys' owners: what they handed back of a sealed day is judged and reported at once."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import dagster as dg

from aimon.clock import instant, now
from aimon.daily.window import current_slot
from aimon.platform import Platform
from aimon.store import sealed
from aimon.store.sealed import StoredSum
from resources.requests import touched_request

INTERVAL_SECONDS = 30
SETTLE = timedelta(minutes=2)
"""An answer may be committed after one that came later; what is asked for twice is one run."""


def requests(answered: Iterable[StoredSum], moment: datetime, job: str) -> Iterator[dg.RunRequest]:
    """A run for each answered day, and for the days whose windows hold it."""
    for each in answered:
        cause = f"sealed:{each.manifest_id}"
        yield touched_request(each.model, [each.day], current_slot(moment), cause=cause, job=job)


def sealed_answers_sensor(job: str) -> dg.SensorDefinition:
    """The sensor that asks for the days whose sums were answered."""

    @dg.sensor(
        name="sealed_answers",
        job_name=job,
        description="Judges and reports the sealed days whose owner has answered.",
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def sealed_answers(context: dg.SensorEvaluationContext, platform: dg.ResourceParam[Platform]) -> dg.SensorResult:
        moment = now()
        after = instant(context.cursor) if context.cursor else moment - timedelta(days=30)
        with platform.store.session() as connection:
            answered = sealed.answered_since(connection, after)
        asked = [each for each in answered if not platform.is_retired(each.model)]
        platform.beat(context.sensor_name)
        return dg.SensorResult(
            run_requests=list(requests(asked, moment, job)),
            cursor=(moment - SETTLE).isoformat(),
            skip_reason=None if asked else dg.SkipReason("no owner has answered"),
        )

    return sealed_answers

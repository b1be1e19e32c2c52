"""The sensor for new grids: once a model is judged on another grid, its earlier days are counted again, in one run.

Counts of different grids do not add up, so until then longer windows hold the days since the change only. Days whose
rows have expired keep the counts they have.
"""

import json
from collections.abc import Iterator, Mapping

import dagster as dg

from aimon.clock import now
from aimon.daily.baselines import counted_otherwise
from aimon.daily.window import current_slot
from aimon.platform import Platform
from aimon.store import baselines
from resources.requests import touched_request

INTERVAL_SECONDS = 120
MOST_A_TICK = 5
"""Models whose days are looked through in one tick: each day's counts are opened to see their grid."""


def changed_grids(platform: Platform, seen: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The models in service whose active baseline lies on another grid than was seen, with that grid."""
    with platform.store.session() as connection:
        for name, spec in platform.models.items():
            active = None if spec.retired else baselines.active(connection, name)
            if active is not None and seen.get(name) != active.grid_id:
                yield name, active.grid_id


def new_grids_sensor(job: str) -> dg.SensorDefinition:
    """The sensor that asks for one run a model over the days that lie on an earlier grid."""

    @dg.sensor(
        name="new_grids",
        job_name=job,
        description="Counts a model's days again once it is judged on a new grid.",
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def new_grids(context: dg.SensorEvaluationContext, platform: dg.ResourceParam[Platform]) -> dg.SensorResult:
        seen = dict(json.loads(context.cursor or "{}"))
        requests = []
        for name, grid_id in list(changed_grids(platform, seen))[:MOST_A_TICK]:
            seen[name] = grid_id
            days = counted_otherwise(platform, platform.models[name], grid_id)
            if days:
                slot, cause = current_slot(now()), f"grid:{grid_id}"
                requests.append(touched_request(name, days, slot, cause=cause, job=job, windows=False))
        platform.beat(context.sensor_name)
        return dg.SensorResult(
            run_requests=requests,
            cursor=json.dumps(seen, sort_keys=True),
            skip_reason=None if requests else dg.SkipReason("no day lies on an earlier grid"),
        )

    return new_grids

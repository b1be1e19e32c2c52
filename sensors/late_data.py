"""The sensor for late data: a day whose rows appear, or change, after it was judged is read and judged again.

It looks at the stamps of days, not at their rows, and remembers them in its cursor. A source that cannot tell is not
watched.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

import dagster as dg

from aimon.clock import DAY, days, now
from aimon.daily.window import LONGEST, current_slot
from aimon.errors import UserError
from aimon.intake.source import open_source
from aimon.platform import Platform
from aimon.spec.model import CollectorSource, ModelSpec
from aimon.spec.sealed import SealedSource
from resources.names import PREDICTIONS, SEALED_BATCHES, ModelDayKey
from resources.requests import touched_request

INTERVAL_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Looked:
    """One model's stamps now, and the days whose stamp is another one than before."""

    model: str
    stamps: Mapping[str, str]
    changed: tuple[date, ...]

    @property
    def change(self) -> str:
        """What makes the change itself, so that it is asked for once."""
        return sha256(repr([(day, self.stamps[day.isoformat()]) for day in self.changed]).encode()).hexdigest()[:16]


def reach(spec: ModelSpec) -> int:
    """How many days back a change matters: what a window holds, and what still waits for labels."""
    return max(LONGEST.days, spec.label_horizon // DAY + 1)


def changed_days(before: Mapping[str, str], stamps: Mapping[date, str]) -> tuple[date, ...]:
    """The days that were looked at before and have another stamp now; rows that are gone are no late rows."""
    return tuple(day for day, stamp in stamps.items() if stamp and before.get(day.isoformat(), stamp) != stamp)


def look(platform: Platform, known: Mapping[str, Mapping[str, str]], last: date) -> Iterator[Looked]:
    """Look at every model in service whose source can tell; one that cannot be looked at keeps what was known."""
    for key, spec in platform.models.items():
        dated = isinstance(spec.source, (CollectorSource, SealedSource))
        if spec.retired or (spec.columns.timestamp is None and not dated):
            continue
        wanted = list(days(last - (reach(spec) - 1) * DAY, last))
        try:
            stamps = open_source(spec, platform.root, platform.store.engine, platform.keys).stamps(wanted)
        except UserError:  # the run that reads the source says so, and opens the incident
            yield Looked(key, known.get(key, {}), ())
            continue
        if stamps is not None:
            told = {day.isoformat(): stamp for day, stamp in stamps.items()}
            yield Looked(key, told, changed_days(known.get(key, {}), stamps))


def read(instance: dg.DagsterInstance) -> set[str]:
    """The partitions whose rows, or envelopes, were read."""
    return set().union(*(instance.get_materialized_partitions(key) for key in (PREDICTIONS, SEALED_BATCHES)))


def late_data_sensor(job: str) -> dg.SensorDefinition:
    """The sensor that asks for the days of late data, and for the days whose windows hold them."""

    @dg.sensor(
        name="late_data",
        job_name=job,
        description="Reads and judges again the days whose source changed after they were judged.",
        minimum_interval_seconds=INTERVAL_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def late_data(context: dg.SensorEvaluationContext, platform: dg.ResourceParam[Platform]) -> dg.SensorResult:
        slot = current_slot(now())
        looked = list(look(platform, json.loads(context.cursor or "{}"), slot.date() - DAY))
        is_any = any(each.changed for each in looked)
        made = read(context.instance) if is_any else set()
        requests = []
        for each in looked:
            late = [day for day in each.changed if str(ModelDayKey(each.model, day)) in made]
            if late:
                cause = f"late:{each.change}"
                requests.append(touched_request(each.model, late, slot, cause=cause, job=job))
        platform.beat(context.sensor_name)
        return dg.SensorResult(
            run_requests=requests,
            cursor=json.dumps({each.model: each.stamps for each in looked}),
            skip_reason=None if requests else dg.SkipReason(f"{len(looked)} sources looked at, nothing late"),
        )

    return late_data

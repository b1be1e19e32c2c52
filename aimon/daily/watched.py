"""The monitor monitored: which sensors have gone quiet, and which model days need not be awaited. In: signs of life."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timedelta

from aimon.incident.silence import Expectation
from aimon.store.heartbeats import Heartbeat

SENSOR_PATIENCE = timedelta(hours=1)
"""Sensors tick every half minute to five minutes; an hour without a tick is no load."""
EVERY_MODEL = "*"
SENSOR = "sensor "


def sensor_expectations(
    beats: Iterable[Heartbeat],
    moment: datetime,
    *,
    awaited: Iterable[tuple[str, date, str]] = (),
    off: Collection[str] = (),
) -> Iterator[Expectation]:
    """Whether each sensor that ever ticked still does. One that somebody turned off is not asked.

    `awaited` are the (model, day, step) that are reported missing: a sensor among them that ticks again is done.
    """
    heard = {beat.subject: beat.beat_at for beat in beats if beat.subject not in off}
    silent = {name: at for name, at in heard.items() if moment - at > SENSOR_PATIENCE}
    for name, at in silent.items():
        yield _expected(name, at.date(), at + SENSOR_PATIENCE, done=False)
    for model, day, step in awaited:
        name = step.removeprefix(SENSOR)
        if model == EVERY_MODEL and step.startswith(SENSOR) and name not in silent:
            yield _expected(name, day, moment, done=True)


def _expected(name: str, day: date, deadline: datetime, *, done: bool) -> Expectation:
    return Expectation(model=EVERY_MODEL, day=day, step=f"{SENSOR}{name}", deadline=deadline, done=done)

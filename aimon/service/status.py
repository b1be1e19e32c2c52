"""Whether the platform itself works: when each step of each model and each sensor was last heard of, what waits."""

from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from aimon import clock
from aimon.service.access import Reader
from aimon.service.answers import answer
from aimon.service.described import Day, Moment, Plain, protected
from aimon.service.opened import platform_of
from aimon.store import heartbeats, notices
from aimon.store.heartbeats import Heartbeat, Kind

router = APIRouter(prefix="/monitoring", tags=["monitoring"])


class Beat(Plain):
    """The last sign of life of one step."""

    subject: str
    step: str
    beat_at: Moment
    age_seconds: int
    day: Day | None


class PlatformStatus(Plain):
    """How the platform is doing."""

    now: Moment
    models: list[Beat]
    sensors: list[Beat]
    notices: dict[str, int] = Field(examples=[{"delivered": 12, "pending": 1}])
    mistakes: list[str] = Field(description="of the configuration: each hides its own model")


@router.get("/status", responses=protected(PlatformStatus))
def status(request: Request, _: Reader) -> Response:
    """When everything was last heard of, how many notices wait, what is wrong with the configuration."""
    platform = platform_of(request)
    with platform.store.session() as connection:
        told = {
            "now": clock.now(),
            "models": [_beat(each) for each in heartbeats.last(connection, Kind.MODEL)],
            "sensors": [_beat(each) for each in heartbeats.last(connection, Kind.SENSOR)],
            "notices": {state.value: number for state, number in notices.count(connection).items()},
            "mistakes": [str(mistake) for mistake in platform.project.mistakes],
        }
    return answer(told)


def _beat(each: Heartbeat) -> dict[str, Any]:
    age = max(0, int((clock.now() - each.beat_at).total_seconds()))
    return {**{name: getattr(each, name) for name in ("subject", "step", "beat_at", "day")}, "age_seconds": age}

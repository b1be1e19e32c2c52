"""Models at a glance, and one of them: what it is, how it is doing, the line of its drift score."""

from collections.abc import Mapping
from datetime import date, timedelta
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from aimon import clock
from aimon.errors import MissingError
from aimon.platform import Platform
from aimon.service.access import Reader
from aimon.service.answers import answer
from aimon.service.described import Day, Moment, Named, Page, Plain, protected
from aimon.service.naming import key_of
from aimon.service.opened import platform_of
from aimon.spec.model import ModelSpec
from aimon.store import headlines, heartbeats, incidents, records, registry
from aimon.store.headlines import Headline
from aimon.store.heartbeats import Heartbeat
from aimon.store.registry import RegisteredModel

router = APIRouter(tags=["models"])
SPARK_DAYS = 30
REPORT = "report"
"""The step that a model's day ends with, as Dagster calls it."""

State = Literal["ok", "warning", "critical"]


class SparkPoint(Plain):
    """The drift score of one day."""

    day: Day
    value: float | None
    verdict: str


class ModelShown(Plain):
    """One model. `state` is the worst of its incidents that stand."""

    model: str = Field(examples=["loan-approval"])
    version: str
    task: str
    owner: str | None
    description: str | None
    retired: bool
    state: State
    open_incidents: dict[str, int] = Field(examples=[{"critical": 1}])
    last_day: Day | None = Field(description="the latest day that was analysed")
    analysed_at: Moment | None
    drift_score: list[SparkPoint]


class ModelDetail(ModelShown):
    """One model with what its file declares."""

    declared: dict[str, Any]
    dagster: str | None = Field(description="the page of its last day in Dagster, where aimon.yaml has dagster_url")


class VersionShown(Plain):
    """A version of a model that was judged."""

    version: str = Field(examples=["2.3"])
    first_day: Day
    last_day: Day
    days: int


@router.get("/models", responses=protected(Page[ModelShown]))
def list_models(request: Request, _: Reader) -> Response:
    """Every declared model, with its incidents and the line of its drift score."""
    platform = platform_of(request)
    seen = _Seen(platform)
    shown = [seen.shown(spec) for _, spec in sorted(platform.project.models.items())]
    return answer({"items": shown, "next": None})


@router.get("/models/{model}", responses=protected(ModelDetail, HTTPStatus.NOT_FOUND))
def show_model(request: Request, _: Reader, model: Named) -> Response:
    """One model, as it is declared and as it is doing."""
    platform = platform_of(request)
    spec = platform.project.models.get(model)
    if spec is None:
        raise MissingError(f"there is no model {model}; GET models lists those there are")
    declared = spec.model_dump(mode="json", exclude_defaults=True, exclude={"source", "root"})
    shown = _Seen(platform, spec.model).shown(spec)
    return answer({**shown, "declared": declared, "dagster": _page(platform, spec, shown["last_day"])})


@router.get("/models/{model}/versions", responses=protected(Page[VersionShown], HTTPStatus.NOT_FOUND))
def list_versions(request: Request, _: Reader, model: Named) -> Response:
    """The versions of a model that were judged, the newest first."""
    platform = platform_of(request)
    with platform.store.session() as connection:
        found = records.versions(connection, model=key_of(platform, connection, model))
    names = ("version", "first_day", "last_day", "days")
    return answer({"items": [dict(zip(names, each, strict=True)) for each in found], "next": None})


class _Seen:
    """What the database knows of all models, or of one, read at once."""

    def __init__(self, platform: Platform, only: str | None = None) -> None:
        since = clock.today() - timedelta(days=SPARK_DAYS)
        with platform.store.session() as connection:
            self._registered = {each.model: each for each in registry.models(connection, retired=None)}
            key = self._registered[only].key if only in self._registered else only
            self._incidents = incidents.standing_counts(connection)
            self._lines = headlines.drift_scores(connection, since=since, model=key)
            self._beats: dict[str, list[Heartbeat]] = {}
            for beat in heartbeats.last(connection, heartbeats.Kind.MODEL, key):
                self._beats.setdefault(beat.subject, []).append(beat)

    def shown(self, spec: ModelSpec) -> dict[str, Any]:
        """The model at a glance."""
        registered: RegisteredModel | None = self._registered.get(spec.model)
        key = spec.model if registered is None else registered.key
        standing = self._incidents.get(key, {})
        beats = self._beats.get(key, [])
        return {
            "model": spec.model,
            "version": spec.version,
            "task": spec.task.value,
            "owner": spec.owner,
            "description": spec.description,
            "retired": spec.retired,
            "state": _state(standing),
            "open_incidents": standing,
            "last_day": max((beat.day for beat in beats if beat.day is not None), default=None),
            "analysed_at": max((beat.beat_at for beat in beats), default=None),
            "drift_score": [_point(each) for each in self._lines.get(key, [])],
        }


def _page(platform: Platform, spec: ModelSpec, day: date | None) -> str | None:
    """Where Dagster shows the model's day."""
    pages = platform.project.settings.dagster_url
    if pages is None or day is None:
        return None
    key = next((key for key, each in platform.models.items() if each.name == spec.model), spec.model)
    return f"{pages.rstrip('/')}/assets/{REPORT}?{urlencode({'partition': f'{day.isoformat()}|{key}'})}"


def _state(standing: Mapping[str, int]) -> State:
    return "critical" if standing.get("critical") else "warning" if standing else "ok"


def _point(each: Headline) -> dict[str, Any]:
    return {"day": each.day, "value": each.value, "verdict": each.verdict}

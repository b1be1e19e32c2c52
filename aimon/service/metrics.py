"""`GET /metrics`: what the platform and the models are doing, in OpenMetrics, for Prometheus and everything like it.

Numbers of the platform are read when they are asked for, requests are counted as they are answered: by each process
into a file of its own where several share the work, and any of them tells the sum.
"""

import os
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from sqlalchemy import Connection
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aimon import clock
from aimon.platform import Platform
from aimon.service.access import Reader
from aimon.service.answers import answer
from aimon.service.opened import platform_of
from aimon.store import channels, found_pii, headlines, heartbeats, incidents, notices, records

router = APIRouter(tags=["metrics"])
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
LATELY = timedelta(days=3)
"""How old a model's newest score may be and still be told."""


class Requests:
    """What was answered, by this process or, where several share a folder, by all of them."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        shared = SHARED_FOLDER in os.environ
        if shared:
            MultiProcessCollector(self.registry)  # type: ignore[no-untyped-call]
        own = None if shared else self.registry
        names = ("method", "route", "status")
        self._answered = Counter("aimon_http_requests", "Requests that were answered.", names, registry=own)
        self._seconds = Histogram(
            "aimon_http_request_duration_seconds",
            "How long an answer took.",
            ("method", "route"),
            registry=own,
            buckets=BUCKETS,
            unit="seconds",
        )

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer."""
        self._answered.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)


class Measured:
    """Counts every answer by its route. A path that is no route counts as one, whatever it was."""

    def __init__(self, app: ASGIApp, *, requests: Requests) -> None:
        self._app = app
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            seconds = time.perf_counter() - began
            self._requests.note(_method(scope), _route(scope), status, seconds)


class PlatformNumbers(Collector):
    """What the operations database knows, at the moment it is asked."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def collect(self) -> Iterable[Metric]:
        """Every family with its samples."""
        with self._platform.store.session() as connection:
            standing = incidents.standing_counts(connection)
            outbox = notices.count(connection)
            beats = heartbeats.last(connection, heartbeats.Kind.MODEL)
            sensors = heartbeats.last(connection, heartbeats.Kind.SENSOR)
            resting = channels.query(connection)
            lines = headlines.drift_scores(connection, since=clock.today() - LATELY)
            own = list(_own_values(connection, self._platform))
            personal = found_pii.by_source(connection, clock.today() - timedelta(days=1), clock.today())
        counts = [((model, severity), n) for model, own in standing.items() for severity, n in own.items()]
        yield _gauge("aimon_incidents_open", "Incidents of now that are not resolved.", ("model", "severity"), counts)
        waiting = [((state.value,), number) for state, number in outbox.items()]
        yield _gauge("aimon_notices", "Notices by what became of them.", ("status",), waiting)
        told = [((beat.subject, beat.step), beat.beat_at.timestamp()) for beat in beats]
        said = "When each step of a model finished last, in seconds since 1970."
        yield _gauge("aimon_step_finished_timestamp_seconds", said, ("model", "step"), told)
        ticks = [((beat.subject,), beat.beat_at.timestamp()) for beat in sensors]
        yield _gauge("aimon_sensor_tick_timestamp_seconds", "When each sensor was last alive.", ("sensor",), ticks)
        failing = [((each.channel,), each.failures) for each in resting]
        yield _gauge("aimon_channel_failures", "Deliveries that failed in a row.", ("channel",), failing)
        newest = [((model,), own[-1].value) for model, own in lines.items() if own[-1].value is not None]
        yield _gauge("aimon_drift_score", "The newest drift score of each model, 0 to 100.", ("model",), newest)
        yield _gauge("aimon_own_metric", "The newest value of each metric of a model's own.", ("model", "metric"), own)
        scores = [(whose, sums.score) for whose, sums in personal.items()]
        said = "Personal data in the texts of each source since yesterday, 0 to 100."
        yield _gauge("aimon_pii_score", said, ("model", "source"), scores)
        yield _gauge("aimon_models", "Declared models.", (), [((), len(self._platform.project.models))])
        mistakes = len(self._platform.project.mistakes)
        yield _gauge("aimon_configuration_mistakes", "Mistakes in the configuration.", (), [((), mistakes)])


def _own_values(connection: Connection, platform: Platform) -> Iterator[tuple[tuple[str, str], float]]:
    """The newest value of each metric that a model's file declares, of all rows of a day."""
    today = clock.today()
    for model, spec in platform.models.items():
        names = [own.name for own in spec.metrics]
        if not names:
            continue
        found = records.query(
            connection, model=model, since=today - LATELY, until=today, window="1d", metric=names, segment=""
        )
        yield from {(model, each.metric): each.value for each in found if each.value is not None}.items()


def registry_of(platform: Platform, requests: Requests) -> CollectorRegistry:
    """Everything that is told about a platform."""
    requests.registry.register(PlatformNumbers(platform))
    return requests.registry


@router.get("/metrics", include_in_schema=False)
def metrics(request: Request, _: Reader) -> Response:
    """Everything as OpenMetrics text."""
    registry: CollectorRegistry = request.app.state.metrics
    text: bytes = generate_latest(registry)  # type: ignore[no-untyped-call]
    return Response(text, media_type=CONTENT_TYPE_LATEST)


api = APIRouter(tags=["monitoring"])


def samples(registry: CollectorRegistry) -> Iterator[dict[str, Any]]:
    """Every sample as an object."""
    for family in registry.collect():
        for sample in family.samples:
            yield {"name": sample.name, "labels": sample.labels, "value": sample.value}


@api.get("/monitoring/metrics")
def metrics_as_json(request: Request, _: Reader) -> Response:
    """The numbers of `/metrics` as JSON, for programs without a parser of OpenMetrics."""
    platform_of(request)
    registry: CollectorRegistry = request.app.state.metrics
    return answer({"items": list(samples(registry)), "next": None})


def _gauge(name: str, said: str, labels: tuple[str, ...], found: Iterable[tuple[tuple[str, ...], Any]]) -> Metric:
    family = GaugeMetricFamily(name, said, labels=labels)
    for values, number in found:
        family.add_metric(values, float(number))
    return family


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in METHODS else "other"


def _route(scope: Scope) -> str:
    """The pattern of the route, so that numbers in paths make no series of their own."""
    context = scope.get("fastapi", {}).get("effective_route_context")
    found = getattr(context, "path", None) or getattr(scope.get("route"), "path", None)
    return found if isinstance(found, str) else "none"

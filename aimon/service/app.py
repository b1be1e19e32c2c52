"""The application: routes, access, limits and answers put together around one open platform."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from starlette.middleware import Middleware

from aimon.daily.glance import Glance
from aimon.intake.group_commit import GroupCommit
from aimon.live.monitor import LiveMonitor
from aimon.platform import Platform
from aimon.privacy.identity import HashKeys
from aimon.service import (
    auditlog,
    auth,
    baselines,
    charts,
    collector,
    edits,
    feedback,
    health,
    incidents,
    live,
    metrics,
    models,
    oidc,
    overview,
    people,
    personal,
    records,
    reports,
    sealed,
    silences,
    status,
)
from aimon.service.access import Door, refuse_open_routes
from aimon.service.declarations import Declarations
from aimon.service.described import describe
from aimon.service.headers import Compressed, EntityTags, SecurityHeaders
from aimon.service.heads import Heads
from aimon.service.limits import BodyLimits
from aimon.service.live import LiveFeed
from aimon.service.memory import Memory
from aimon.service.metrics import Measured, Requests, registry_of
from aimon.service.pages import serve_pages
from aimon.service.problems import explain_problems, fault
from aimon.service.traces import traces
from aimon.service.tracing import Tracing
from aimon.service.website import Dashboard

API = "/api/v1"
THREADS = 6
"""How many requests a worker answers at a time. More would share one interpreter, and each would end later."""
ROUTERS = (
    collector.often,
    collector.router,
    health.router,
    auth.router,
    oidc.router,
    feedback.router,
    live.router,
    overview.router,
    models.router,
    records.router,
    personal.router,
    charts.router,
    incidents.router,
    baselines.router,
    edits.router,
    silences.router,
    reports.router,
    sealed.router,
    status.router,
    metrics.api,
    people.router,
    auditlog.router,
)
"""In the order in which a request's path is looked for: what is asked most comes first."""
LEAST_COMPRESSED = 16 << 10
COMPRESSION = 4
ABOUT = "Watch machine-learning models in production: drift, performance, fairness, cost."


def create_app(platform: Platform, door: Door) -> FastAPI:
    """The ASGI application of the platform. Whoever opened the platform closes it."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = THREADS
        monitor = LiveMonitor()
        app.state.sources = monitor.sources
        app.state.writer = GroupCommit(platform.store, monitor, platform.keys)
        app.state.live = LiveFeed(platform.store, app.state.declarations, door.version)
        first_look = asyncio.create_task(asyncio.to_thread(app.state.glance.lines, platform))
        try:
            yield
        finally:
            await asyncio.gather(first_look, return_exceptions=True)
            await app.state.live.close()
            app.state.writer.close()
            door.version.close()
            door.denials.flush()

    requests = Requests()
    app = FastAPI(
        title="aimon",
        summary=ABOUT,
        version=version("aimon"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        telemetry=traces(),
        middleware=[
            Middleware(Heads),
            Middleware(Tracing, fault=fault),
            Middleware(Measured, requests=requests),
            Middleware(SecurityHeaders, api=API),
            Middleware(Compressed, minimum_size=LEAST_COMPRESSED, compresslevel=COMPRESSION),
            Middleware(EntityTags, api=API),
            Middleware(Memory, api=API, door=door),
            Middleware(BodyLimits),
        ],
    )
    app.state.platform = platform
    app.state.door = door
    app.state.provider = oidc.provider_of(platform, door)
    app.state.metrics = registry_of(platform, requests)
    app.state.declarations = Declarations(platform, HashKeys.from_environment())
    app.state.glance = Glance()
    explain_problems(app)
    serve_pages(app)
    app.include_router(metrics.router)
    for router in ROUTERS:
        app.include_router(router, prefix=API)
    refuse_open_routes(app, API)
    describe(app)
    app.router.default = Dashboard(app.router.not_found)
    return app

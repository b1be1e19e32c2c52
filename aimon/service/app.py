"""The application: routes, access, limits and answers put together around one open platform."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from starlette.middleware import Middleware

from aimon.intake.group_commit import GroupCommit
from aimon.live.monitor import LiveMonitor
from aimon.platform import Platform
from aimon.privacy.identity import HashKeys
from aimon.service import collector, health, live
from aimon.service.access import Access
from aimon.service.declarations import Declarations
from aimon.service.limits import BodyLimits
from aimon.service.live import LiveFeed
from aimon.service.pages import serve_pages
from aimon.service.problems import explain_problems, fault
from aimon.service.tracing import Tracing

API = "/api/v1"
ABOUT = "Watch machine-learning models in production: drift, performance, fairness, cost."


def create_app(platform: Platform, access: Access) -> FastAPI:
    """The ASGI application of the platform. Whoever opened the platform closes it."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.writer = GroupCommit(platform.store, LiveMonitor())
        app.state.live = LiveFeed(platform.store, app.state.declarations)
        try:
            yield
        finally:
            await app.state.live.close()
            app.state.writer.close()

    app = FastAPI(
        title="aimon",
        summary=ABOUT,
        version=version("aimon"),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        middleware=[Middleware(Tracing, fault=fault), Middleware(BodyLimits)],
    )
    app.state.platform = platform
    app.state.access = access
    app.state.declarations = Declarations(platform.project, HashKeys.from_environment())
    explain_problems(app)
    serve_pages(app)
    for router in (health.router, collector.router, live.router):
        app.include_router(router, prefix=API)
    return app

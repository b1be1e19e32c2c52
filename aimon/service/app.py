"""The application: routes, access, limits and answers put together around one open platform."""

from importlib.metadata import version

from fastapi import FastAPI
from starlette.middleware import Middleware

from aimon.platform import Platform
from aimon.service import health
from aimon.service.access import Access
from aimon.service.limits import BodyLimits
from aimon.service.pages import serve_pages
from aimon.service.problems import explain_problems, fault
from aimon.service.tracing import Tracing

API = "/api/v1"
ABOUT = "Watch machine-learning models in production: drift, performance, fairness, cost."


def create_app(platform: Platform, access: Access) -> FastAPI:
    """The ASGI application of the platform. Whoever opened the platform closes it."""
    app = FastAPI(
        title="aimon",
        summary=ABOUT,
        version=version("aimon"),
        docs_url=None,
        redoc_url=None,
        middleware=[Middleware(Tracing, fault=fault), Middleware(BodyLimits)],
    )
    app.state.platform = platform
    app.state.access = access
    explain_problems(app)
    serve_pages(app)
    app.include_router(health.router, prefix=API)
    return app

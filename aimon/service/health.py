"""`GET monitoring/health`: whether the service works, open to everybody, so it names nothing; and `GET about`."""

from importlib.metadata import version
from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from aimon.platform import Platform
from aimon.service.access import Reader
from aimon.service.answers import answer
from aimon.service.described import Plain, protected
from aimon.service.opened import platform_of

router = APIRouter(tags=["monitoring"])


class Health(BaseModel):
    """That the service answers and reaches its database."""

    status: Literal["ok"]
    version: str
    models: int


class About(Plain):
    """What the pages need to know of the installation."""

    version: str = Field(examples=["0.1.0"])
    dagster_url: str | None = Field(examples=["http://127.0.0.1:3000"], description="as aimon.yaml has it")


@router.get("/about", responses=protected(About))
def about(request: Request, _: Reader) -> Response:
    """The version, and where Dagster's pages are: a run is at `{dagster_url}/runs/{run_id}`."""
    settings = platform_of(request).project.settings
    return answer({"version": version("aimon"), "dagster_url": settings.dagster_url})


@router.get("/monitoring/health")
def health(request: Request) -> Health:
    """Whether the service works; 503 where its database cannot be reached."""
    platform: Platform = request.app.state.platform
    with platform.store.session():  # connects, or raises
        return Health(status="ok", version=version("aimon"), models=len(platform.project.models))

"""`GET monitoring/health`: whether the service works. Open to everybody, so it names nothing."""

from importlib.metadata import version
from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel

from aimon.platform import Platform

router = APIRouter(tags=["monitoring"])


class Health(BaseModel):
    """That the service answers and reaches its database."""

    status: Literal["ok"]
    version: str
    models: int


@router.get("/monitoring/health")
def health(request: Request) -> Health:
    """Whether the service works; 503 where its database cannot be reached."""
    platform: Platform = request.app.state.platform
    with platform.store.session():  # connects, or raises
        return Health(status="ok", version=version("aimon"), models=len(platform.project.models))

"""Baselines: what each model is or was compared with, who approved it, which one is active."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from aimon.service.access import Admin, Reader, door_of
from aimon.service.answers import answer
from aimon.service.described import Moment, Named, Page, Plain, protected
from aimon.service.naming import key_of
from aimon.service.opened import platform_of
from aimon.service.records import ModelName
from aimon.store import baselines
from aimon.store.baselines import Status, StoredBaseline

router = APIRouter(prefix="/monitoring/baselines", tags=["baselines"])


class BaselineShown(Plain):
    """One baseline. `sha256` pins its counts, `reference` says which rows they are of."""

    model: str
    id: str
    grid_id: str
    status: Status
    sha256: str
    rows: int
    reference: dict[str, Any] = Field(examples=[{"from": "2026-09-01", "to": "2026-09-30"}])
    created_by: str
    created_at: Moment
    approved_by: str | None
    approved_at: Moment | None
    activated_at: Moment | None
    archived_at: Moment | None


@router.get("", responses=protected(Page[BaselineShown], HTTPStatus.NOT_FOUND))
def list_baselines(request: Request, _: Reader, model: ModelName) -> Response:
    """Every baseline a model ever had, the oldest first."""
    platform = platform_of(request)
    with platform.store.session() as connection:
        found = baselines.of_model(connection, key_of(platform, connection, model))
    return answer({"items": [_shown(each) for each in found], "next": None})


@router.post("/{model}/{baseline}/approve", responses=protected(BaselineShown, HTTPStatus.NOT_FOUND))
def approve(request: Request, caller: Admin, model: Named, baseline: Named) -> Response:
    """Say that the model may be compared with it. The first approval stands."""
    with door_of(request).accounts.trail.change(caller.name) as change:
        key = key_of(platform_of(request), change.connection, model)
        baselines.get(change.connection, key, baseline)
        stored = baselines.approve(change.connection, key, baseline, by=caller.name)
        change.note("baselines.approve", f"baseline:{key}/{baseline}", sha256=stored.sha256)
    return answer(_shown(stored))


@router.post("/{model}/{baseline}/activate", responses=protected(BaselineShown, HTTPStatus.NOT_FOUND))
def activate(request: Request, caller: Admin, model: Named, baseline: Named) -> Response:
    """Compare the model with it from now on; the one before is archived."""
    with door_of(request).accounts.trail.change(caller.name) as change:
        key = key_of(platform_of(request), change.connection, model)
        stored = baselines.activate(change.connection, key, baseline)
        change.note("baselines.activate", f"baseline:{key}/{baseline}", sha256=stored.sha256)
    return answer(_shown(stored))


def _shown(each: StoredBaseline) -> dict[str, Any]:
    return {name: getattr(each, name) for name in BaselineShown.model_fields}

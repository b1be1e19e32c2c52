"""Baselines: what each model is or was compared with, who approved it, which one is active."""

from datetime import date
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from aimon.daily import baselines as acts
from aimon.errors import MissingError, UserError
from aimon.service.access import Admin, Reader, door_of
from aimon.service.answers import answer
from aimon.service.auth import Body
from aimon.service.described import NO_NUL, Moment, Named, Page, Plain, protected
from aimon.service.naming import key_of
from aimon.service.opened import platform_of
from aimon.service.records import LONGEST, ModelName
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


class Why(Body):
    """The reason, for the audit log."""

    reason: str = Field(min_length=1, max_length=1000, pattern=NO_NUL, examples=["the new scorecard is live"])


class NewBaseline(Why):
    """What to compare a model with: its days `from` to `to`, or the rows of a file."""

    model: str = Field(min_length=1, max_length=100, pattern=NO_NUL, examples=["loan-approval"])
    from_: date | None = Field(default=None, alias="from", examples=["2026-09-01"])
    to: date | None = Field(default=None, examples=["2026-09-30"])
    path: str | None = Field(
        default=None, min_length=1, max_length=500, pattern=NO_NUL, description="a Parquet or CSV file of the project"
    )


@router.get("", responses=protected(Page[BaselineShown], HTTPStatus.NOT_FOUND))
def list_baselines(request: Request, _: Reader, model: ModelName) -> Response:
    """Every baseline a model ever had, the oldest first."""
    platform = platform_of(request)
    with platform.store.session() as connection:
        found = baselines.of_model(connection, key_of(platform, connection, model))
    return answer({"items": [_shown(each) for each in found], "next": None})


@router.post("", status_code=201, responses=protected(BaselineShown, HTTPStatus.NOT_FOUND, success=HTTPStatus.CREATED))
def propose(request: Request, caller: Admin, wanted: NewBaseline) -> Response:
    """Propose a baseline of a model's own days, or of a file of the project.

    It changes nothing until it is approved and activated.
    """
    platform = platform_of(request)
    spec = platform.project.models.get(wanted.model)
    if spec is None:
        raise MissingError(f"there is no model {wanted.model}; GET models lists those there are")
    counts = acts.count_reference(platform, spec, _rows(platform.root, wanted))
    with door_of(request).accounts.trail.change(caller.name) as change:
        made = acts.propose(platform, spec, change, counts, wanted.reason)
    return answer(_shown(made), HTTPStatus.CREATED)


@router.post("/{model}/{baseline}/approve", responses=protected(BaselineShown, HTTPStatus.NOT_FOUND))
def approve(request: Request, caller: Admin, model: Named, baseline: Named, why: Why) -> Response:
    """Stand for a proposed baseline. The first approval stands."""
    with door_of(request).accounts.trail.change(caller.name) as change:
        key = key_of(platform_of(request), change.connection, model)
        approved = acts.approve(change, key, baseline, why.reason)
    return answer(_shown(approved))


@router.post("/{model}/{baseline}/activate", responses=protected(BaselineShown, HTTPStatus.NOT_FOUND))
def activate(request: Request, caller: Admin, model: Named, baseline: Named, why: Why) -> Response:
    """Compare the model with it from now on; the one before is archived. On a new grid, days are counted again."""
    platform = platform_of(request)
    spec = platform.project.models.get(model)
    if spec is None:
        raise MissingError(f"there is no model {model}; GET models lists those there are")
    acts.prepare(platform, spec, baseline)
    with door_of(request).accounts.trail.change(caller.name) as change:
        active = acts.activate(change, spec.model, baseline, why.reason)
    return answer(_shown(active))


def _rows(root: Path, wanted: NewBaseline) -> acts.Period | str:
    """Which rows are meant. A file lies in the project's folder: whoever may ask may not read the whole machine."""
    if wanted.path is not None:
        if wanted.from_ is not None or wanted.to is not None:
            raise UserError("name either path, or from and to")
        return _file_of_project(root, wanted.path)
    if wanted.from_ is None or wanted.to is None:
        raise UserError("name the days from and to, or the path of a file")
    if wanted.from_ > wanted.to or wanted.to - wanted.from_ > LONGEST:
        raise UserError("from lies behind to, or more than a year before it")
    return acts.Period(wanted.from_, wanted.to)


def _file_of_project(root: Path, path: str) -> str:
    try:
        file = (root / path).resolve()
        if "://" in path or not file.is_relative_to(root.resolve()):
            raise UserError("path: the file is not in the project's folder; copy it there, or declare it in the YAML")
        known = file.is_file()
    except (OSError, RuntimeError):  # a name that no file can have, a link to itself
        known = False
    if not known or Path(path).suffix not in (".parquet", ".csv"):
        raise UserError(f"path: {path} is no .parquet or .csv file of the project")
    return path


def _shown(each: StoredBaseline) -> dict[str, Any]:
    return {name: getattr(each, name) for name in BaselineShown.model_fields}

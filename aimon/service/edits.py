"""Editing limits, routes, silences and models over the API: checked as `aimon check` does, recorded, undoable.

Whoever edits says which state of the file they saw (`If-Match`), so nobody overwrites what they never read.
"""

import os
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Request
from pydantic import Field
from starlette.responses import Response

from aimon.errors import ConfigError, MissingError
from aimon.inspection import edit
from aimon.inspection.edit import Declared, StaleError, Wanted
from aimon.metrics.metric import Metric
from aimon.metrics.registry import METRICS
from aimon.service.access import Admin, Auditor, Reader, door_of
from aimon.service.answers import answer, cursor, page, place
from aimon.service.auth import Body
from aimon.service.described import NO_NUL, Cursor, Limit, Moment, Named, Number, Page, Plain, Words, protected
from aimon.service.opened import platform_of
from aimon.service.problems import Problem
from aimon.spec.model import ModelSpec
from aimon.spec.yamledit import entry
from aimon.store import edits
from aimon.store.edits import StoredEdit

router = APIRouter(tags=["declarations"])
Section = Literal["routes", "silences", "notices", "calendars"]
Match = Annotated[str | None, Header(alias="If-Match", max_length=200, description="the ETag of what was edited")]
LONGEST = 1_000_000
EMPTY: dict[str, Any] = {"routes": [], "silences": [], "notices": {}, "calendars": {}}


class Because(Body):
    """Why."""

    reason: str = Field(min_length=1, max_length=1000, pattern=NO_NUL, examples=["income moves with the season"])


class NewThresholds(Because):
    """The limits of a model, as its file has them; none takes them away."""

    thresholds: dict[str, Any] = Field(examples=[{"psi": {"warning": 0.2, "critical": 0.3}}])


class NewText(Because):
    """The text of a model's file."""

    text: str = Field(max_length=LONGEST, pattern=NO_NUL, examples=["model: loan-approval\ntask: binary\n"])


class NewSection(Because):
    """A part of aimon.yaml, in its shape."""

    value: list[Any] | dict[str, Any] = Field(examples=[[{"when": {"severity": "critical"}, "to": ["pager"]}]])


class Candidate(Body):
    """A text that may be written."""

    model: str | None = Field(default=None, max_length=100, pattern=NO_NUL, description="without: a new model")
    text: str = Field(max_length=LONGEST, pattern=NO_NUL, examples=["model: loan-approval\ntask: binary\n"])


class MistakeShown(Plain):
    """One mistake, where it is and what to do."""

    file: str
    key: str
    line: int | None
    message: str


class Checked(Plain):
    """Whether a text may be written."""

    ok: bool
    mistakes: list[MistakeShown]


class EffectiveLimit(Plain):
    """The limits of a metric: the model's own, or the default."""

    metric: str = Field(examples=["psi"])
    family: str
    unit: str
    direction: str = Field(examples=["higher is worse"])
    bounds: str = Field(examples=["the value"])
    warning: float | None
    critical: float | None
    declared: bool


class ThresholdsShown(Plain):
    """The limits of a model."""

    file: str = Field(examples=["models/loan-approval.yaml"])
    sha256: str
    declared: dict[str, Any]
    effective: list[EffectiveLimit]


class FileShown(Plain):
    """A model's file."""

    file: str
    sha256: str
    text: str


class SectionShown(Plain):
    """A part of aimon.yaml."""

    file: str
    sha256: str
    value: list[Any] | dict[str, Any]
    text: str | None = Field(description="as it is written; null where it is not")


class EditShown(Plain):
    """An edit."""

    id: int
    file: str = Field(examples=["models/loan-approval.yaml"])
    section: str | None = Field(examples=["thresholds"])
    at: Moment
    by: str = Field(examples=["user:ann"])
    reason: str
    before_sha256: str | None
    after_sha256: str | None
    undoes: int | None
    undone_by: int | None


class EditDetail(EditShown):
    """An edit with what it changed."""

    diff: str


class Edited(Plain):
    """What was edited, and the digest of the file as it is now."""

    change: EditShown
    file: str
    sha256: str


REFUSALS = (
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.PRECONDITION_FAILED,
    HTTPStatus.PRECONDITION_REQUIRED,
)


@router.get("/models/{model}/thresholds", responses=protected(ThresholdsShown, HTTPStatus.NOT_FOUND))
def show_thresholds(request: Request, _: Reader, model: Named) -> Response:
    """The limits of a model: those of its file, and those that hold."""
    platform = platform_of(request)
    spec, file = platform.project.models.get(model), edit.model_file(platform, model)
    declared = file.data.get(edit.THRESHOLDS) or {}
    effective = [] if spec is None else [_effective(spec, metric) for metric in METRICS.values()]
    told = {"file": file.name, "sha256": file.sha256, "declared": declared, "effective": effective}
    return _tagged(answer(told), file.sha256)


@router.put("/models/{model}/thresholds", responses=protected(Edited, *REFUSALS))
def put_thresholds(request: Request, caller: Admin, model: Named, new: NewThresholds, match: Match = None) -> Response:
    """Give a model other limits; the rest of its file stays as it is written."""
    file = edit.model_file(platform_of(request), model)
    return _edited(request, _put_section(request, caller.name, file, edit.THRESHOLDS, new.thresholds, new, match))


@router.get("/models/{model}/file", responses=protected(FileShown, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT))
def show_file(request: Request, _: Admin, model: Named) -> Response:
    """The file that declares a model; 409 where it holds a password."""
    file = edit.model_file(platform_of(request), model)
    edit.refuse_password(file)
    return _tagged(answer({"file": file.name, "sha256": file.sha256, "text": file.text or ""}), file.sha256)


@router.put("/models/{model}/file", responses=protected(Edited, *REFUSALS))
def put_file(request: Request, caller: Admin, model: Named, new: NewText, match: Match = None) -> Response:
    """Give a model's file another text. Its name and its source stay."""
    platform = platform_of(request)
    wanted = Wanted(caller.name, new.reason, _seen(match))
    file = edit.model_file(platform, model)
    try:
        kept = edit.put_model(platform, door_of(request).accounts.trail, file, new.text, wanted, os.environ)
    except StaleError as error:
        raise _stale(error) from None
    return _edited(request, kept)


@router.post(
    "/models",
    status_code=201,
    responses=protected(Edited, HTTPStatus.CONFLICT, success=HTTPStatus.CREATED),
)
def add_model(request: Request, caller: Admin, new: NewText) -> Response:
    """Declare a model whose predictions are collected."""
    platform = platform_of(request)
    file = edit.new_model_file(platform, new.text)
    wanted = Wanted(caller.name, new.reason)
    kept = edit.put_model(platform, door_of(request).accounts.trail, file, new.text, wanted, os.environ)
    return _edited(request, kept, HTTPStatus.CREATED)


@router.post("/declarations/check", responses=protected(Checked, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT))
def check(request: Request, _: Admin, candidate: Candidate) -> Response:
    """What is wrong with a text that may be written; nothing is changed."""
    platform = platform_of(request)
    known = candidate.model is not None
    file = edit.model_file(platform, candidate.model or "") if known else edit.new_model_file(platform, candidate.text)
    try:
        edit.check_model(platform, file, candidate.text, os.environ)
    except ConfigError as error:
        names = ("file", "key", "line", "message")
        shown = [{name: getattr(mistake, name) for name in names} for mistake in error.mistakes]
        return answer({"ok": False, "mistakes": shown})
    return answer({"ok": True, "mistakes": []})


@router.get("/settings/{section}", responses=protected(SectionShown, HTTPStatus.NOT_FOUND))
def show_section(request: Request, _: Reader, section: Section) -> Response:
    """A part of aimon.yaml: routes, silences, notices or calendars."""
    file = edit.settings_file(platform_of(request))
    told = {
        "file": file.name,
        "sha256": file.sha256,
        "value": file.data.get(section) or EMPTY[section],
        "text": entry(file.text or "", section),
    }
    return _tagged(answer(told), file.sha256)


@router.put("/settings/{section}", responses=protected(Edited, *REFUSALS))
def put_section(request: Request, caller: Admin, section: Section, new: NewSection, match: Match = None) -> Response:
    """Give a part of aimon.yaml another value; the rest of the file stays as it is written."""
    file = edit.settings_file(platform_of(request))
    return _edited(request, _put_section(request, caller.name, file, section, new.value, new, match))


@router.get("/declarations/changes", responses=protected(Page[EditShown]))
def list_edits(request: Request, _: Auditor, file: Words = None, limit: Limit = 50, cursor_: Cursor = None) -> Response:
    """What was edited over the API, the newest first."""
    (before,) = place(cursor_, (int,)) if cursor_ is not None else (None,)
    with platform_of(request).store.session() as connection:
        found = edits.query(connection, file=file, before=before, limit=limit + 1)
    following = cursor(found[limit - 1].id) if len(found) > limit else None
    return page([_shown(each) for each in found[:limit]], following)


@router.get("/declarations/changes/{number}", responses=protected(EditDetail, HTTPStatus.NOT_FOUND))
def show_edit(request: Request, _: Auditor, number: Number) -> Response:
    """One edit with what it changed, line by line."""
    with platform_of(request).store.session() as connection:
        found = edits.get(connection, number)
    if found is None:
        raise MissingError(f"there is no edit {number}; GET declarations/changes lists them")
    return answer({**_shown(found), "diff": edit.diff(found)})


@router.post(
    "/declarations/changes/{number}/undo",
    responses=protected(Edited, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED),
)
def undo(request: Request, caller: Admin, number: Number, why: Because) -> Response:
    """Put back what stood there before an edit; 409 where it was changed since."""
    wanted = Wanted(caller.name, why.reason, undoes=number)
    try:
        kept = edit.undo(platform_of(request), door_of(request).accounts.trail, number, wanted, os.environ)
    except StaleError as error:
        raise _stale(error) from None
    return _edited(request, kept)


def _put_section(
    request: Request, by: str, file: Declared, section: str, value: Any, why: Because, match: str | None
) -> StoredEdit:
    wanted = Wanted(by, why.reason, _seen(match))
    trail = door_of(request).accounts.trail
    try:
        return edit.put_section(platform_of(request), trail, file, section, value, wanted, os.environ)
    except StaleError as error:
        raise _stale(error) from None


def _seen(match: str | None) -> str:
    """The digest that the caller saw."""
    if match is None:
        said = "say which state you edited: send the ETag of the GET as If-Match"
        raise Problem(HTTPStatus.PRECONDITION_REQUIRED, said)
    return match.strip().removeprefix("W/").strip('"')


def _stale(error: StaleError) -> Problem:
    return Problem(HTTPStatus.PRECONDITION_FAILED, str(error))


def _edited(request: Request, kept: StoredEdit, status: HTTPStatus = HTTPStatus.OK) -> Response:
    request.app.state.declarations.renew()
    told = {"change": _shown(kept), "file": kept.file, "sha256": kept.after_sha256}
    return _tagged(answer(told, status), kept.after_sha256)


def _tagged(made: Response, sha256: str | None) -> Response:
    if sha256 is not None:
        made.headers["ETag"] = f'"{sha256}"'
    return made


def _shown(each: StoredEdit) -> dict[str, Any]:
    told = {name: getattr(each, name) for name in EditShown.model_fields if name != "by"}
    return {**told, "by": each.author}


def _effective(spec: ModelSpec, metric: Metric) -> dict[str, Any]:
    own = spec.thresholds.get(metric.name)
    declared = own is not None and (own.warning is not None or own.critical is not None)
    limit = own if own is not None and declared else metric.limit
    return {
        "metric": metric.name,
        "family": metric.family.value,
        "unit": metric.unit,
        "direction": metric.direction.value,
        "bounds": "the value" if declared else metric.basis.value,
        "warning": limit.warning,
        "critical": limit.critical,
        "declared": declared,
    }

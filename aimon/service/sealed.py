"""Sealed counts over HTTP: hosts bring envelopes, the owner's agent fetches sums and brings answers. No key is here."""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from aimon.access.rights import Principal, Right
from aimon.daily.sealed_answers import Answer, keep_answer, read_answer
from aimon.errors import MissingError
from aimon.sealed import reception, sums
from aimon.sealed.day_scores import read_day_scores
from aimon.sealed.day_trend import read_trend
from aimon.sealed.joins import read_joins
from aimon.service.access import needs
from aimon.service.answers import answer
from aimon.service.declarations import Declarations
from aimon.service.described import Day, Named, Page, Plain, nothing, protected
from aimon.service.opened import platform_of, recorded
from aimon.spec.model import ModelSpec
from aimon.spec.sealed import SealedSource
from aimon.store import sealed

BYTES = "application/octet-stream"
FILE: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
Sender = Annotated[Principal, Depends(needs(Right.INGEST))]
Agent = Annotated[Principal, Depends(needs(Right.AGENT))]
EnvelopeId = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]

router = APIRouter(prefix="/sealed", tags=["sealed"])


def _file(*statuses: HTTPStatus) -> dict[int | str, Any]:
    """The answers of a route that gives bytes."""
    return {**nothing(*statuses), HTTPStatus.OK.value: {"description": "the file", "content": {BYTES: FILE}}}


class Receipt(Plain):
    """What became of an envelope."""

    id: str = Field(description="its digest; the same envelope again has the same one")
    rows: int
    known: bool = Field(description="whether it had been taken before")


class SumShown(Plain):
    """A day's sum that waits for its owner."""

    model: str
    day: Day
    manifest_id: str
    envelopes: int
    rows: int


class Kept(Plain):
    """Whether an answer was news."""

    known: bool


@router.post(
    "/envelopes",
    responses=protected(Receipt, HTTPStatus.CONFLICT),
    openapi_extra={"requestBody": {"required": True, "content": {BYTES: FILE}}},
)
async def take_envelope(request: Request, _: Sender) -> Response:
    """Keep an envelope of encrypted counts. Sent again it is harmless; another one under its number is refused."""
    content = await request.body()
    declarations: Declarations = request.app.state.declarations
    platform = platform_of(request)
    kept = platform.project.settings.retention.predictions
    taken = await run_in_threadpool(reception.take, platform.store, platform.lake, declarations.models, content, kept)
    return answer({"id": taken.envelope.id, "rows": taken.envelope.header.rows, "known": not taken.is_new})


@router.get("/envelopes/{envelope}", response_class=Response, responses=_file(HTTPStatus.NOT_FOUND))
def give_envelope(request: Request, _: Agent, envelope: EnvelopeId) -> Response:
    """An envelope of counts as it was sent, for the owner of the key and for auditors; none of single records."""
    platform = platform_of(request)
    with platform.store.session() as connection:
        found = sealed.envelope(connection, envelope)
    if found is None or found.kind != "cube":  # whoever has the key could read single records
        raise MissingError(f"there is no envelope of counts {envelope[:16]}")
    return Response(sums.content_of(platform.lake, found), media_type=BYTES)


@router.get("/sums", responses=protected(Page[SumShown]))
def pending_sums(request: Request, _: Agent) -> Response:
    """The sums that wait for their owner, by model and day."""
    with platform_of(request).store.session() as connection:
        found = sealed.pending(connection)
    return answer({"items": [_shown(each) for each in found], "next": None})


@router.get("/sums/{model}/{day}", response_class=Response, responses=_file(HTTPStatus.NOT_FOUND))
def give_sum(request: Request, _: Agent, model: Named, day: date) -> Response:
    """A day's sum, still sealed, with the manifest of what went into it."""
    platform = platform_of(request)
    stored = sums.day_sum(platform.store, _spec(request, model).model, day)
    return Response(sums.read_sum(platform.lake, stored).to_bytes(), media_type=BYTES)


@router.get("/joins/{model}/{day}", response_class=Response, responses=_file(HTTPStatus.NOT_FOUND))
def give_join(request: Request, _: Agent, model: Named, day: date) -> Response:
    """A day's labels, joined with their records and still sealed, with the manifest of what went into it."""
    platform = platform_of(request)
    name = _spec(request, model).model
    stored = sums.day_sum(platform.store, name, day)
    if stored.joined_id is None:
        raise MissingError(f"there are no joined labels of {model} {day}")
    return Response(read_joins(platform.lake, name, day, stored.joined_id).to_bytes(), media_type=BYTES)


@router.get("/scores/{model}/{day}", response_class=Response, responses=_file(HTTPStatus.NOT_FOUND))
def give_scores(request: Request, _: Agent, model: Named, day: date) -> Response:
    """The scores of the windows that end with a day, still sealed, with the manifest of what went into each."""
    platform, spec = platform_of(request), _spec(request, model)
    stored = sums.day_sum(platform.store, spec.model, day)
    if not isinstance(spec.source, SealedSource) or spec.source.release != "scores":
        raise MissingError(f"{model} is not scored; GET sums/{model}/{day} gives its sum")
    return Response(read_day_scores(platform.lake, spec.model, day, stored.counts_id).to_bytes(), media_type=BYTES)


@router.get("/trends/{model}/{day}", response_class=Response, responses=_file(HTTPStatus.NOT_FOUND))
def give_trend(request: Request, _: Agent, model: Named, day: date) -> Response:
    """The weighted sum of the days up to a day, still sealed, with the manifest of what went into it."""
    platform = platform_of(request)
    return Response(read_trend(platform.lake, _spec(request, model).model, day).to_bytes(), media_type=BYTES)


@router.post(
    "/sums/{model}/{day}/answer",
    responses=protected(Kept, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT),
    openapi_extra={
        "requestBody": {"required": True, "content": {"application/json": {"schema": Answer.model_json_schema()}}}
    },
)
async def take_answer(request: Request, caller: Agent, model: Named, day: date) -> Response:
    """What the owner hands back for a sum: counts, verdicts, or why neither. The first answer to a sum stands."""
    content = await request.body()
    return await run_in_threadpool(_answered, request, caller, model, day, content)


def _answered(request: Request, caller: Principal, model: str, day: date, content: bytes) -> Response:
    handed, spec = read_answer(content), _spec(request, model)
    told = {"release": handed.release, "manifest": handed.manifest_id, "sigma": handed.sigma}
    store = recorded(request, caller, "sealed.answer", spec.model, day=day.isoformat(), **told)
    is_new = keep_answer(platform_of(request), spec, day, handed, caller.name, store)
    return answer({"known": not is_new})


def _spec(request: Request, model: str) -> ModelSpec:
    declarations: Declarations = request.app.state.declarations
    spec = declarations.models.get(model)
    if spec is None:
        raise MissingError(f"there is no model {model}; GET models lists those there are")
    return spec


def _shown(each: sealed.StoredSum) -> dict[str, Any]:
    return {name: getattr(each, name) for name in SumShown.model_fields}

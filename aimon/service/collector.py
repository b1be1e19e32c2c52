"""`POST predictions`, `labels`, `feedback`: rows in, an account of them out, once they are on disk."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from http import HTTPStatus
from typing import Annotated, Any

import orjson
import structlog
from fastapi import APIRouter, Depends, Request
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field
from starlette.responses import Response

from aimon import tracing
from aimon.access.rights import Principal, Right
from aimon.intake.columns import read_table
from aimon.intake.delivery import Delivery
from aimon.intake.group_commit import FullError, GroupCommit
from aimon.intake.hearing import KINDS, Heard, hear_feedback, hear_labels
from aimon.live.sources import Sources
from aimon.service.access import needs
from aimon.service.bodies import ARROW, media_type, rows_of, table_of
from aimon.service.declarations import Declarations
from aimon.service.logs import PRIVACY
from aimon.service.problems import later
from aimon.spec.model import ModelSpec

INGEST = needs(Right.INGEST)


class LeanRoute(APIRoute):
    """A route that asks who may, and calls its function with the request, without the machinery between the two.

    It is described like any other. What the machinery costs counts only where there are thousands of requests a second.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What answers a request."""
        endpoint: Callable[[Request], Coroutine[Any, Any, Response]] = self.endpoint

        async def handle(request: Request) -> Response:
            request.state.caller = await INGEST(request)
            return await endpoint(request)

        return handle


router = APIRouter(tags=["intake"], dependencies=[Depends(INGEST)])
often = APIRouter(tags=["intake"], dependencies=[Depends(INGEST)], route_class=LeanRoute)
INLINE_BYTES = 128 << 10
"""A body up to this size is read at once; a larger one in a thread, so that it holds up nobody."""
COMMIT_SECONDS = 10.0
MOST_NAMED = 20
_log = structlog.get_logger(part=PRIVACY)


class RefusedRow(BaseModel):
    """A row that was not kept."""

    index: int = Field(description="where it stood in the request, from 0")
    field: str | None = Field(description="which field; null where it is about the whole row")
    reason: str


class Account(BaseModel):
    """What became of the rows of a request."""

    accepted: int = Field(description="rows that are on disk now and were not before")
    duplicates: int = Field(description="rows that were there already, by their id")
    rejected: list[RefusedRow]
    ignored: list[str] = Field(description="fields that nothing is known of; they were left out")


ROW: dict[str, Any] = {
    "type": "object",
    "required": ["model", "id", "prediction"],
    "properties": {
        "model": {"type": "string"},
        "id": {"type": "string", "description": "unique within the model and day; sending it again is harmless"},
        "timestamp": {"type": "string", "format": "date-time", "description": "with an offset; default: now"},
        "version": {"type": "string"},
        "prediction": {"description": "a text, a number or a truth value"},
        "score": {"type": "number"},
        "label": {},
        "lower": {"type": "number", "description": "of the prediction's interval"},
        "upper": {"type": "number", "description": "of the prediction's interval"},
        "latency": {"type": "number", "description": "seconds"},
        "error": {"description": "true, or a text, where the call failed"},
        "tokens": {"description": "a whole number, or input, output, cached and reasoning"},
        "cost": {"description": "US dollars"},
        "query": {"type": "string"},
        "judge": {"type": "number"},
        "user": {"type": "string", "description": "kept as a keyed hash only"},
        "session": {"type": "string", "description": "kept as a keyed hash only"},
        "input": {"type": "string", "description": "kept as a keyed hash only"},
        "text": {"type": "string", "description": "kept without personal data and secrets"},
        "features": {"type": "object", "description": "all other columns, under the model's own names"},
    },
}
ABOUT: dict[str, Any] = {
    "model": {"type": "string"},
    "id": {"type": "string", "description": "of the prediction"},
    "timestamp": {"type": "string", "format": "date-time", "description": "when it was said; default: now"},
    "source": {"type": "string", "description": "who says so; default: the caller"},
}
LABEL: dict[str, Any] = {
    "type": "object",
    "required": ["model", "id", "label"],
    "properties": {**ABOUT, "label": {"description": "what turned out to be true"}},
}
FEEDBACK: dict[str, Any] = {
    "type": "object",
    "required": ["model", "id", "correct"],
    "properties": {
        **ABOUT,
        "correct": {"type": "boolean"},
        "kind": {"enum": list(KINDS), "description": "sample: drawn at random; dispute: somebody objected"},
    },
}


def _body(row: dict[str, Any], **others: Any) -> dict[str, Any]:
    """The description of a body of such rows."""
    content = {
        "application/json": {"schema": {"oneOf": [row, {"type": "array", "items": row}]}},
        "application/x-ndjson": {"schema": {"type": "string", "description": "one such object a line"}},
        **others,
    }
    return {"requestBody": {"required": True, "content": content}}


COLUMNS: dict[str, Any] = {"schema": {"type": "string", "format": "binary", "description": "columns of the same names"}}


@often.post("/predictions", response_model=Account, openapi_extra=_body(ROW, **{ARROW: COLUMNS}))
async def predictions(request: Request) -> Response:
    """Keep predictions, one or many. Good rows are kept whatever stands beside them; the answer follows the disk."""
    body, kind = await request.body(), media_type(request)
    if len(body) <= INLINE_BYTES:
        delivery = _read(request, body, kind)
    else:
        delivery = await asyncio.to_thread(_read, request, body, kind)
    if delivery.rows:
        delivery.trace = tracing.current()
        delivery = await _kept(request, delivery)
        _tell_of_finds(request, delivery)
    return _told(delivery)


@router.post("/labels", response_model=Account, openapi_extra=_body(LABEL))
async def labels(request: Request, caller: Annotated[Principal, Depends(INGEST)]) -> Response:
    """Keep what turned out to be true of predictions, whenever it is known; sources may disagree."""
    return await _heard(request, hear_labels, caller)


@router.post("/feedback", response_model=Account, openapi_extra=_body(FEEDBACK))
async def feedback(request: Request, caller: Annotated[Principal, Depends(INGEST)]) -> Response:
    """Keep whether people found predictions right, and why they looked."""
    return await _heard(request, hear_feedback, caller)


async def _heard(
    request: Request, hear: Callable[[Iterable[Any], Mapping[str, ModelSpec], str], Heard], caller: Principal
) -> Response:
    declarations: Declarations = request.app.state.declarations
    lines = rows_of(await request.body(), media_type(request))
    heard = hear(lines, declarations.models, caller.name)
    delivery = Delivery(labels=heard.labels, feedback=heard.feedback, refused=heard.refused)
    return _told(await _kept(request, delivery) if delivery.rows else delivery)


def _read(request: Request, body: bytes, kind: str) -> Delivery:
    declarations: Declarations = request.app.state.declarations
    if kind == ARROW:
        return read_table(declarations.reception, table_of(body))
    return declarations.reception.read(rows_of(body, kind))


async def _kept(request: Request, delivery: Delivery) -> Delivery:
    """Wait for the commit that holds the delivery."""
    writer: GroupCommit = request.app.state.writer
    try:
        async with asyncio.timeout(COMMIT_SECONDS):
            return await writer.kept(delivery)
    except FullError:
        said = "more rows are waiting for the disk than may wait; send the same again later"
        raise later(HTTPStatus.TOO_MANY_REQUESTS, said) from None
    except TimeoutError:  # whatever comes of it now, sending it again is harmless
        said = f"the database did not take the rows within {COMMIT_SECONDS:g} s; send the same again later"
        raise later(HTTPStatus.SERVICE_UNAVAILABLE, said) from None


def _tell_of_finds(request: Request, delivery: Delivery) -> None:
    """Note in how many rows of which source personal data was found and taken out; never what.

    Rows that were all kept before tell nothing new.
    """
    if delivery.known == delivery.rows:
        return
    caller: Principal = request.state.caller
    sources: Sources = request.app.state.sources
    for part in delivery.parts:
        weights = [facts.gravity for facts in part.facts if facts.gravity is not None]
        sources.note(part.parcel.model, caller.name, weights)
        found = sum(1 for weight in weights if weight)
        if found:
            _log.info("personal data was taken out", model=part.parcel.model, source=caller.name, rows=found)


def _told(delivery: Delivery) -> Response:
    told = {
        "accepted": delivery.rows - delivery.known,
        "duplicates": delivery.repeated + delivery.known,
        "rejected": [refused.as_json() for refused in delivery.refused],
        "ignored": sorted(delivery.ignored)[:MOST_NAMED],
    }
    return Response(orjson.dumps(told), media_type="application/json")

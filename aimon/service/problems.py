"""Every answer that is no success, as problem details (RFC 9457): what went wrong, where, and what to do."""

from dataclasses import asdict
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from aimon.errors import ConfigError, ConflictError, MissingError, StoreError, UserError
from aimon.service.tracing import request_id

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 1
_log = structlog.get_logger(part="aimon.service")


class Problem(Exception):  # noqa: N818 - the word of the standard
    """A refusal with its status and one sentence; `more` is added to the answer's object as it is."""

    def __init__(self, status: HTTPStatus, detail: str, *, headers: dict[str, str] | None = None, **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}
        self.more = more

    def response(self) -> Response:
        """The problem as it goes out."""
        told = {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": self.status.value,
            "detail": self.detail,
            "request_id": request_id(),
            **self.more,
        }
        return Response(orjson.dumps(told), self.status.value, self.headers, MEDIA_TYPE)


def later(status: HTTPStatus, detail: str, seconds: int = RETRY_SECONDS) -> Problem:
    """A refusal that does not hold for long: the same request is welcome again in some seconds."""
    return Problem(status, detail, headers={"Retry-After": str(seconds)})


def fault() -> Response:
    """The answer to a request that met a programming error: the log has more under its id."""
    said = "this is a fault of aimon; its log has more under the request_id"
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, said).response()


def explain_problems(app: FastAPI) -> None:
    """Turn every exception of the application into problem details."""
    app.add_exception_handler(Problem, _own)
    app.add_exception_handler(HTTPException, _standard)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(UserError, _mistake)


async def _own(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 - the handler is registered for nothing else
    return error.response()


async def _standard(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    status, headers = HTTPStatus(error.status_code), dict(error.headers or {})
    return Problem(status, _said(request, status, error.detail, headers), headers=headers).response()


def _said(request: Request, status: HTTPStatus, detail: str, headers: dict[str, str]) -> str:
    """The framework's refusals have a name only; what to do about it is told here."""
    if detail != status.phrase:
        return detail
    if status is HTTPStatus.NOT_FOUND:
        return "there is nothing at this address; /docs lists what there is"
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        return f"this address does not take {request.method}; it takes {headers.get('Allow', 'another method')}"
    return detail


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind and not kind.endswith("json") and any(tuple(fault["loc"]) == ("body",) for fault in error.errors()):
        said = f"the body is {kind}; send application/json, and say so in Content-Type"
        return Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, said).response()
    faults = [{"field": _place(fault["loc"]), "reason": fault["msg"]} for fault in error.errors()]
    said = "; ".join(f"{fault['field']}: {fault['reason']}" for fault in faults)
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, said, errors=faults).response()


async def _mistake(_: Request, error: Exception) -> Response:
    if isinstance(error, StoreError):
        _log.warning("the operations database cannot be used", reason=str(error))
        return later(HTTPStatus.SERVICE_UNAVAILABLE, "the operations database cannot be used now").response()
    if isinstance(error, MissingError):
        return Problem(HTTPStatus.NOT_FOUND, str(error)).response()
    if isinstance(error, ConflictError):
        return Problem(HTTPStatus.CONFLICT, str(error)).response()
    if isinstance(error, ConfigError):
        mistakes = [asdict(mistake) for mistake in error.mistakes]
        return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error), mistakes=mistakes).response()
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)).response()


def _place(where: tuple[Any, ...]) -> str:
    """A fault's place: ("query", "range") is `range`, ("body", "to", 0) is `to.0`."""
    return ".".join(str(part) for part in where[1:]) or str(where[0])

"""What the OpenAPI document says of answers: their shape, and the problems that may come instead."""

from collections.abc import Mapping
from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Any, Generic, TypeVar

from fastapi import FastAPI, Path, Query
from pydantic import BaseModel, ConfigDict

from aimon.service.access import COOKIE, PUBLIC
from aimon.service.answers import LONGEST_PAGE
from aimon.service.problems import MEDIA_TYPE

Item = TypeVar("Item")


class Plain(BaseModel):
    """The shape of an answer."""

    model_config = ConfigDict(extra="forbid")


class Page(Plain, Generic[Item]):
    """A part of a list. `next` is the cursor of the following part, null at the end."""

    items: list[Item]
    next: str | None


class ProblemDetails(BaseModel):
    """Problem details (RFC 9457): what went wrong and what to do about it."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str | None = None


def problem_of(status: HTTPStatus) -> dict[str, Any]:
    """How the description names a problem with this status."""
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    return {"description": status.phrase, "content": {MEDIA_TYPE: {"schema": schema}}}


DENIED: Mapping[int | str, dict[str, Any]] = {
    status.value: problem_of(status) for status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
}
SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "an API key, or an access token"},
    "browser": {"type": "apiKey", "in": "cookie", "name": COOKIE},
}
ANYWHERE = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE)


def described(
    shape: Any, *statuses: int | str | HTTPStatus, success: HTTPStatus = HTTPStatus.OK
) -> dict[int | str, Any]:
    """The answers of a route: the shape where it succeeds, problems where it does not."""
    problems = {HTTPStatus(int(status)) for status in (*statuses, *ANYWHERE)}
    return {success.value: {"model": shape}, **{each.value: problem_of(each) for each in sorted(problems)}}


def protected(shape: Any, *statuses: HTTPStatus, success: HTTPStatus = HTTPStatus.OK) -> dict[int | str, Any]:
    """The answers of a route that needs a right."""
    return described(shape, *DENIED, *statuses, success=success)


def nothing(*statuses: HTTPStatus) -> dict[int | str, Any]:
    """The answers of a route that has nothing to say where it succeeds."""
    return {**DENIED, **{status.value: problem_of(status) for status in statuses}}


NO_NUL = r"^[^\x00]*$"
Named = Annotated[str, Path(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._@+-]*$")]
Number = Annotated[int, Path(ge=1, le=2**53)]
Limit = Annotated[int, Query(ge=1, le=LONGEST_PAGE, description="how many at most")]
Cursor = Annotated[
    str | None,
    Query(alias="cursor", max_length=500, pattern=r"^[A-Za-z0-9_-]+$", description="`next` of the page before"),
]
Words = Annotated[str | None, Query(max_length=200, pattern=NO_NUL)]
Day = date
Moment = datetime


def describe(app: FastAPI) -> None:
    """Complete the OpenAPI document: how callers show who they are, and what problems look like."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = made()
            parts = schema.setdefault("components", {})
            shapes = parts.setdefault("schemas", {})
            shapes["ProblemDetails"] = ProblemDetails.model_json_schema()
            parts["securitySchemes"] = SECURITY
            for path, operations in schema["paths"].items():
                for operation in operations.values():
                    _complete(operation, public=path.partition("/v1")[2] in PUBLIC)
        return app.openapi_schema or {}

    app.openapi = openapi  # type: ignore[method-assign]


def _complete(operation: dict[str, Any], *, public: bool) -> None:
    """What holds of every operation: who may call it, and the problems that may always come."""
    operation["security"] = [] if public else [{scheme: []} for scheme in SECURITY]
    expected = ANYWHERE if public else (*ANYWHERE, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
    if "requestBody" in operation:
        expected = (*expected, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    for status in expected:
        operation["responses"][str(status.value)] = problem_of(status)

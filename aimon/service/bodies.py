"""The rows of a request's body. In: bytes and their media type. Out: JSON rows, or an Arrow table."""

from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any

import orjson
import pyarrow as pa
from starlette.requests import Request

from aimon.intake.checks import RefusedError
from aimon.intake.reception import MOST_ROWS
from aimon.service.inflation import unpacked_bytes, written_out_bytes
from aimon.service.problems import Problem

JSON = "application/json"
NDJSON = ("application/x-ndjson", "application/ndjson", "application/jsonl")
ARROW = "application/vnd.apache.arrow.stream"
MOST_UNPACKED = 128 << 20
"""Bytes of an Arrow stream in memory, whatever it was packed into."""


def media_type(request: Request) -> str:
    """What the body is said to be."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def rows_of(body: bytes, kind: str) -> Sequence[Any] | Iterator[Any]:
    """The JSON rows of a body: one object, a list of them, or one a line. A line that is no JSON is refused alone."""
    if kind == JSON:
        return _bounded(_parsed(body))
    if kind in NDJSON:
        if body.count(b"\n") > MOST_ROWS:
            raise _too_many()
        return _lines(body)
    said = f"the body is {kind or 'of no type'}; send {JSON}, {NDJSON[0]} or {ARROW}, and say so in Content-Type"
    raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, said)


def table_of(body: bytes) -> pa.Table:
    """The rows of an Arrow stream."""
    try:
        if unpacked_bytes(body) > MOST_UNPACKED:
            raise _too_large()
        with pa.ipc.open_stream(body) as reader:
            table = reader.read_all()
            table.validate(full=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        said = f"the body is not an Arrow IPC stream: {' '.join(str(error).split())[:200]}"
        raise Problem(HTTPStatus.BAD_REQUEST, said) from None
    if table.num_rows > MOST_ROWS:
        raise _too_many()
    if written_out_bytes(table) > MOST_UNPACKED:
        raise _too_large()
    return table


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Problem(HTTPStatus.BAD_REQUEST, f"the body is not JSON: {error}") from None


def _bounded(found: Any) -> Sequence[Any]:
    rows: Sequence[Any] = found if isinstance(found, list) else [found]
    if len(rows) > MOST_ROWS:
        raise _too_many()
    return rows


def _lines(body: bytes) -> Iterator[Any]:
    for line in body.split(b"\n"):
        if line.strip():
            try:
                yield orjson.loads(line)
            except orjson.JSONDecodeError as error:
                yield RefusedError(None, f"is not JSON: {error}")


def _too_large() -> Problem:
    said = f"the body holds more than {MOST_UNPACKED >> 20} MiB once it is unpacked; send fewer rows at a time"
    return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, said)


def _too_many() -> Problem:
    return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body has more than {MOST_ROWS:,} rows; send fewer")

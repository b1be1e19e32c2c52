"""Around every request: an id that its answer and every line of the log have, and one line when it is answered.

The log has the path without its query, the status, sizes and times; never a header, a body or an address.
"""

import re
import secrets
import time
from collections.abc import Callable
from contextvars import ContextVar
from http import HTTPStatus
from itertools import count

import structlog
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "X-Request-ID"
_WIRE_HEADER = HEADER.lower().encode()
LONGEST_PATH = 200
_SANE = re.compile(r"[A-Za-z0-9._-]{8,64}")
_PROCESS = secrets.token_hex(4)
_numbers = count(1)
"""An id tells requests apart and is no secret; asking the system for randomness each time would cost more than it."""
_id: ContextVar[str | None] = ContextVar("request_id", default=None)
_log = structlog.get_logger(part="aimon.access")


def request_id() -> str | None:
    """The id of the request that is being answered."""
    return _id.get()


class Tracing:
    """The outermost layer of the application; `fault` is the answer where the application failed without one."""

    def __init__(self, app: ASGIApp, *, fault: Callable[[], Response]) -> None:
        self._app = app
        self._fault = fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; a WebSocket gets an id only."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        sent = Headers(scope=scope).get(HEADER, "")
        own = sent if _SANE.fullmatch(sent) else f"{_PROCESS}{next(_numbers) & 0xFFFFFFFF:08x}"
        _id.set(own)
        if scope["type"] == "http":
            await self._traced(scope, receive, send, own)
        else:
            await self._app(scope, receive, send)

    async def _traced(self, scope: Scope, receive: Receive, send: Send, own: str) -> None:
        began, status, answered = time.perf_counter(), 0, 0

        async def sending(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (_WIRE_HEADER, own.encode())]
            else:
                answered += len(message.get("body", b""))
            await send(message)

        told = {"request_id": own, "method": scope["method"], "path": scope["path"][:LONGEST_PATH]}
        try:
            await self._app(scope, receive, sending)
        except Exception:  # a programming error: its traceback is in the log, under the id that the caller gets
            _log.exception("a request failed", **told)
            if not status:
                await self._fault()(scope, receive, sending)
        finally:
            took = round(1e3 * (time.perf_counter() - began), 1)
            ended = status or HTTPStatus.INTERNAL_SERVER_ERROR.value
            _log.info("request", **told, status=ended, bytes=answered, ms=took)

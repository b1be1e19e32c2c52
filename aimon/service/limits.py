"""How much of a body is taken, and how long it may take to arrive. Memory holds no more of it than may be taken.

A body that is somewhat too large is read to its end and thrown away, because a client that is still writing when the
connection closes would not see the answer.
"""

import asyncio
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aimon.service.problems import Problem

BODY_BYTES = 16 << 20
BODY_SECONDS = 30.0
THROWN_AWAY = 16
"""How many times the largest body is read for nothing."""


class BodyLimits:
    """Raises a Problem from where the body is read: 413 beyond `most` bytes, 408 beyond `seconds`."""

    def __init__(self, app: ASGIApp, *, most: int = BODY_BYTES, seconds: float = BODY_SECONDS) -> None:
        self._app = app
        self._most = most
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request with a body that is watched."""
        watched = self._watched(scope, receive) if scope["type"] == "http" else receive
        await self._app(scope, watched, send)

    def _watched(self, scope: Scope, receive: Receive) -> Receive:
        length = Headers(scope=scope).get("content-length", "0")
        announced = int(length) if length.isdigit() else 0
        deadline = asyncio.get_running_loop().time() + self._seconds
        read, more = 0, True

        async def receiving() -> Message:
            nonlocal read, more
            if not more:  # from here on it is about the client going away
                return await receive()
            while True:
                if max(read, announced) > self._most * THROWN_AWAY:
                    raise _too_large(self._most)
                message = await self._in_time(receive, deadline)
                read += len(message.get("body", b""))
                more = message.get("more_body", False)
                if max(read, announced) <= self._most:
                    return message
                if not more:
                    raise _too_large(self._most)

        return receiving

    async def _in_time(self, receive: Receive, deadline: float) -> Message:
        try:
            async with asyncio.timeout_at(deadline):
                return await receive()
        except TimeoutError:
            said = f"the body did not arrive within {self._seconds:g} s; send less at a time"
            raise Problem(HTTPStatus.REQUEST_TIMEOUT, said, headers={"Connection": "close"}) from None


def _too_large(most: int) -> Problem:
    said = f"the body is larger than {most >> 20} MiB; send fewer rows at a time"
    return Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, said, headers={"Connection": "close"})

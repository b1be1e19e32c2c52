"""Answers that are still true: given again, without a thread or a query, for as long as nothing was committed.

Many people look at the same pages. An answer is remembered with the number of the last commit, and for a second, since
some of it depends on the time; who asks for what is being found out already waits for that.
"""

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aimon import clock
from aimon.access.rights import Right
from aimon.service.access import Door

CONTEXT = "effective_route_context"
SECONDS = 1.0
MOST_ANSWERS = 1_000
MOST_BYTES = 64 << 20
LARGEST = 4 << 20
REMEMBERED = (
    "/models",
    *(f"/monitoring/{name}" for name in ("overview", "incidents", "records", "trends", "drift-snapshots", "status")),
    *(f"/monitoring/{name}" for name in ("distributions", "calibration", "summary")),
)
"""What is read from the database and counts alone, and is the same for everybody who may read."""

Key = tuple[str, bytes, int, int, str]
"""What is asked, the number of the last commit, how often the project was read, the minute."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """An answer, and until when it may be given again."""

    until: float
    start: Message
    body: bytes
    route: Any


class Memory:
    """Remembers answers to GET that need the right to read and no other, for those who were found to have it."""

    def __init__(self, app: ASGIApp, *, api: str, door: Door) -> None:
        self._app = app
        self._paths = tuple(api + path for path in REMEMBERED)
        self._door = door
        self._answers: OrderedDict[Key, Remembered] = OrderedDict()
        self._coming: dict[Key, asyncio.Future[Remembered | None]] = {}
        self._bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        key = self._key(scope)
        if key is None:
            await self._app(scope, receive, send)
            return
        caller = self._door.lately(HTTPConnection(scope))
        if caller is not None and caller.may(Right.READ) and (known := await self._known(key)) is not None:
            scope["fastapi"] = {CONTEXT: known.route}  # which route it is, for those who count
            await send({**known.start, "headers": list(known.start["headers"])})
            await send({"type": "http.response.body", "body": known.body})
            return
        await self._learn(key, scope, receive, send)

    def _key(self, scope: Scope) -> Key | None:
        """What the answer depends on; None where it is not to be remembered."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(self._paths):
            return None
        version = self._door.version()
        if version is None:
            return None
        read = scope["app"].state.declarations.generation
        return scope["path"], scope["query_string"], version, read, clock.iso(clock.now())[:16]

    async def _known(self, key: Key) -> Remembered | None:
        coming = self._coming.get(key)
        if coming is not None:
            return await asyncio.shield(coming)
        found = self._answers.get(key)
        return found if found is not None and time.monotonic() < found.until else None

    async def _learn(self, key: Key, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, remember what was answered with success, and tell it to those who wait."""
        held: list[Message] = []

        async def sending(message: Message) -> None:
            held.append(message)
            await send({**message, "headers": list(message["headers"])} if "headers" in message else message)

        until, answer = time.monotonic() + SECONDS, None
        mine = None if key in self._coming else asyncio.get_running_loop().create_future()
        if mine is not None:
            self._coming[key] = mine
        try:
            await self._app(scope, receive, sending)
            if self._is_kept(scope, held):
                answer = Remembered(until, held[0], held[1]["body"], scope.get("fastapi", {}).get(CONTEXT))
                self._keep(key, answer)
        finally:
            if mine is not None:
                del self._coming[key]
                mine.set_result(answer)

    def _is_kept(self, scope: Scope, held: list[Message]) -> bool:
        """Whether it is a whole answer, which whoever may read may have."""
        whole = len(held) == 2 and held[0]["status"] == 200 and len(held[1].get("body", b"")) <= LARGEST
        return whole and scope.get("state", {}).get("admitted_by") is Right.READ

    def _keep(self, key: Key, answer: Remembered) -> None:
        before = self._answers.pop(key, None)
        self._bytes += len(answer.body) - (0 if before is None else len(before.body))
        self._answers[key] = answer
        while len(self._answers) > MOST_ANSWERS or self._bytes > MOST_BYTES:
            self._bytes -= len(self._answers.popitem(last=False)[1].body)

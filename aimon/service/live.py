"""`WS live` and `GET live`: what models are doing now, pushed to whoever listens.

Each worker stores its counts beside the predictions, and reads those of all workers while somebody listens to it, so
it does not matter which worker a prediction or a listener came to. A slow listener gets the newest state, not a queue.
"""

import asyncio
from collections.abc import Awaitable
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from fastapi import APIRouter, Depends, Request, WebSocket
from starlette.responses import Response
from starlette.websockets import WebSocketDisconnect, WebSocketState

from aimon.access.rights import Right
from aimon.errors import UserError
from aimon.live.board import Board, Key
from aimon.service.access import Door, needs
from aimon.service.declarations import Declarations
from aimon.service.problems import Problem
from aimon.store.store import Store

router = APIRouter(tags=["monitoring"])
LOOK_SECONDS = 0.05
CALM_SECONDS = 5.0
"""Health and the last minutes change by themselves: what was not told for so long is told again."""
MOST_LISTENERS = 200
SEND_SECONDS = 10.0
_log = structlog.get_logger(part="aimon.live")


class Listener:
    """One WebSocket: the newest message of each model and version that it has not got yet."""

    def __init__(self, model: str | None) -> None:
        self._model = model
        self._news: dict[Key, bytes] = {}
        self._some = asyncio.Event()

    def tell(self, key: Key, message: bytes) -> None:
        """Leave a message in the place of an older one."""
        if self._model in (None, key[0]):
            self._news[key] = message
            self._some.set()

    async def next(self) -> list[bytes]:
        """Wait for news; all there are."""
        await self._some.wait()
        self._some.clear()
        news, self._news = self._news, {}
        return list(news.values())


class LiveFeed:
    """Reads the board while there are listeners, and tells them."""

    def __init__(self, store: Store, declarations: Declarations) -> None:
        self._board = Board(store)
        self._declarations = declarations
        self._listeners: set[Listener] = set()
        self._looking = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def join(self, listener: Listener) -> None:
        """Tell everything there is, and from now on what changes."""
        if len(self._listeners) >= MOST_LISTENERS:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, f"{MOST_LISTENERS} listeners are as many as a worker has")
        self._listeners.add(listener)
        for key, message in (await self.messages()).items():
            listener.tell(key, message)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    def leave(self, listener: Listener) -> None:
        """Tell no more."""
        self._listeners.discard(listener)

    async def messages(self) -> dict[Key, bytes]:
        """The state of all models and versions now."""
        async with self._looking:
            return await asyncio.to_thread(self._look, everything=True)

    async def close(self) -> None:
        """Stop reading."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        told = asyncio.get_running_loop().time()
        while self._listeners:
            await asyncio.sleep(LOOK_SECONDS)
            now = asyncio.get_running_loop().time()
            everything = now - told > CALM_SECONDS
            told = now if everything else told
            try:
                async with self._looking:
                    news = await asyncio.to_thread(self._look, everything=everything)
            except UserError as error:  # the database is away; it may come back
                _log.warning("the live counts cannot be read", reason=str(error))
                await asyncio.sleep(CALM_SECONDS)
                continue
            for listener in self._listeners:
                for key, message in news.items():
                    listener.tell(key, message)

    def _look(self, *, everything: bool) -> dict[Key, bytes]:
        changed = self._board.look()
        models = self._declarations.models
        wanted = self._board.keys() if everything else sorted(changed)
        return {key: orjson.dumps(self._board.message(key, models.get(key[0]))) for key in wanted}


@router.get("/live", dependencies=[Depends(needs(Right.READ))])
async def live(request: Request, model: str | None = None) -> Response:
    """What models are doing now: the last minutes, health, budgets; the same objects that the WebSocket sends."""
    feed: LiveFeed = request.app.state.live
    found = await feed.messages()
    own = [message for key, message in found.items() if model in (None, key[0])]
    return Response(b"[" + b",".join(own) + b"]", media_type="application/json")


@router.websocket("/live")
async def listen(socket: WebSocket, model: str | None = None) -> None:
    """One JSON object for each model and version at first, then for each that changes."""
    door: Door = socket.app.state.door
    feed: LiveFeed = socket.app.state.live
    listener = Listener(model)
    try:
        await door.admit(socket, Right.READ)
        await feed.join(listener)
    except Problem as problem:
        feed.leave(listener)
        await socket.send_denial_response(problem.response())
        return
    await socket.accept()
    gone = asyncio.create_task(_until_gone(socket))
    try:
        while not gone.done():
            await _first(listener.next(), gone, socket)
    finally:
        feed.leave(listener)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)


async def _first(news: Awaitable[list[bytes]], gone: asyncio.Task[Any], socket: WebSocket) -> None:
    """Send the next news, unless the listener goes first."""
    waiting = asyncio.ensure_future(news)
    await asyncio.wait({waiting, gone}, return_when=asyncio.FIRST_COMPLETED)
    if not waiting.done():
        waiting.cancel()
        return
    for message in waiting.result():
        if socket.application_state is WebSocketState.CONNECTED:
            async with asyncio.timeout(SEND_SECONDS):
                await socket.send_text(message.decode())


async def _until_gone(socket: WebSocket) -> None:
    """What a listener says is read and thrown away, until it goes."""
    try:
        while True:
            await socket.receive()
            if socket.client_state is WebSocketState.DISCONNECTED:
                return
    except (WebSocketDisconnect, RuntimeError):
        return

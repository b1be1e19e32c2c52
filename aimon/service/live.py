"""`WS live` and `GET live`: what models are doing now, pushed to whoever listens.

Each worker stores its counts beside the predictions, and reads those of all workers while somebody listens to it, so
it does not matter which worker a prediction or a listener came to. A message is made once, for all who listen. A slow
listener gets the newest state, not a queue.
"""

import asyncio
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from fastapi import APIRouter, Depends, Request, WebSocket
from starlette.responses import Response
from starlette.websockets import WebSocketDisconnect, WebSocketState

from aimon import clock
from aimon.access.rights import Right
from aimon.errors import UserError
from aimon.live.board import Board, Key
from aimon.service.access import Door, needs
from aimon.service.declarations import Declarations
from aimon.service.problems import Problem
from aimon.store.store import Store
from aimon.store.version import DataVersion

router = APIRouter(tags=["monitoring"])
LOOK_SECONDS = 0.05
AWAY_SECONDS = 5.0
"""How long a database that is away is left alone."""
MOST_LISTENERS = 200
SEND_SECONDS = 10.0
MOMENT = "at"
"""What differs between two messages that say the same."""
_log = structlog.get_logger(part="aimon.live")


class Listener:
    """One WebSocket: the newest message of each model and version that it has not got yet."""

    def __init__(self, model: str | None) -> None:
        self._model = model
        self._news: dict[Key, str] = {}
        self._some = asyncio.Event()

    def tell(self, news: dict[Key, str]) -> None:
        """Leave messages in the place of older ones."""
        if self._model is not None:
            news = {key: message for key, message in news.items() if key[0] == self._model}
        if news:
            self._news |= news
            self._some.set()

    async def next(self) -> list[str]:
        """Wait for news; all there are."""
        await self._some.wait()
        self._some.clear()
        news, self._news = self._news, {}
        return list(news.values())


class LiveFeed:
    """Reads the board while there are listeners, and tells them what became of it."""

    def __init__(self, store: Store, declarations: Declarations, version: DataVersion) -> None:
        self._board = Board(store)
        self._declarations = declarations
        self._version = version
        self._seen: tuple[int | None, str, int] | None = None
        self._told: dict[Key, tuple[dict[str, Any], str]] = {}
        self._listeners: set[Listener] = set()
        self._looking = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def join(self, listener: Listener) -> None:
        """Tell everything there is, and from now on what changes."""
        if len(self._listeners) >= MOST_LISTENERS:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, f"{MOST_LISTENERS} listeners are as many as a worker has")
        listener.tell(await self.messages())
        self._listeners.add(listener)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    def leave(self, listener: Listener) -> None:
        """Tell no more."""
        self._listeners.discard(listener)

    async def messages(self) -> dict[Key, str]:
        """The state of all models and versions now."""
        await self._refresh()
        return {key: message for key, (_, message) in self._told.items()}

    async def close(self) -> None:
        """Stop reading."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while self._listeners:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self._refresh()
            except UserError as error:  # the database is away; it may come back
                _log.warning("the live counts cannot be read", reason=str(error))
                await asyncio.sleep(AWAY_SECONDS)

    async def _refresh(self) -> None:
        """Look where anything may be new, and tell all listeners what is."""
        async with self._looking:
            state = self._version(), clock.iso(clock.now())[:16], self._declarations.generation
            if state == self._seen and state[0] is not None:
                return
            timely = self._seen is None or state[1:] != self._seen[1:]
            news = await asyncio.to_thread(self._look, everything=timely)
            self._seen = state
            for listener in self._listeners:
                listener.tell(news)

    def _look(self, *, everything: bool) -> dict[Key, str]:
        """What is to be told. Health and the last minutes change by themselves, with the minute."""
        changed, known = self._board.look(), list(self._board.keys())
        models, news = self._declarations.models, {}
        for key in known if everything else changed:
            message = self._board.message(key, models.get(key[0]))
            moment = message.pop(MOMENT)
            if key not in self._told or self._told[key][0] != message:
                news[key] = orjson.dumps({**message, MOMENT: moment}).decode()
                self._told[key] = message, news[key]
        for key in self._told.keys() - known:
            del self._told[key]
        return news


@router.get("/live", dependencies=[Depends(needs(Right.READ))])
async def live(request: Request, model: str | None = None) -> Response:
    """What models are doing now: the last minutes, health, budgets; the same objects that the WebSocket sends."""
    feed: LiveFeed = request.app.state.live
    found = await feed.messages()
    own = [message for key, message in found.items() if model in (None, key[0])]
    return Response(f"[{','.join(own)}]", media_type="application/json")


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
    both = asyncio.create_task(_tell(socket, listener)), asyncio.create_task(_until_gone(socket))
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        feed.leave(listener)
        for each in both:
            each.cancel()
        await asyncio.gather(*both, return_exceptions=True)


async def _tell(socket: WebSocket, listener: Listener) -> None:
    """Send what is new, until the listener does not take it any more."""
    while True:
        news = await listener.next()
        async with asyncio.timeout(SEND_SECONDS):
            for message in news:
                await socket.send({"type": "websocket.send", "text": message})


async def _until_gone(socket: WebSocket) -> None:
    """What a listener says is read and thrown away, until it goes."""
    try:
        while True:
            await socket.receive()
            if socket.client_state is WebSocketState.DISCONNECTED:
                return
    except (WebSocketDisconnect, RuntimeError):
        return

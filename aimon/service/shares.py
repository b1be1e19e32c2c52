"""Each worker takes its share of the connections. In: one listening socket of all workers. Out: connections, spread.

The system wakes every worker for a new connection, and the first to come takes all that wait: with the usual loop one
worker often serves everybody while the others idle. Here a worker takes one at a time, and comes later the more it has.
"""

import asyncio
import errno
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import uvloop

LATER_SECONDS = 0.0005
"""For each connection that a worker has already."""
LATEST_SECONDS = 0.025
AT_ONCE = 16
"""A worker with many connections takes one for each so many, as its turn comes late."""
FULL_SECONDS = 1.0
"""Until the next try where the system has no more sockets to give."""
FULL = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class Listening:
    """One worker's ear on the socket that all listen to."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        make_protocol: Callable[[], asyncio.BaseProtocol],
        sock: socket.socket,
        ssl: Any,
    ) -> None:
        self._loop = loop
        self._make_protocol = make_protocol
        self._sock = sock
        self._ssl = ssl
        self._open: set[asyncio.BaseTransport] = set()
        self._greetings: set[asyncio.Task[None]] = set()
        self._turn: asyncio.TimerHandle | None = None
        sock.setblocking(False)
        self._listen()

    def close(self) -> None:
        """Take no more connections; those that were taken go on."""
        self._loop.remove_reader(self._sock)
        if self._turn is not None:
            self._turn.cancel()

    def _listen(self) -> None:
        self._turn = None
        self._loop.add_reader(self._sock, self._called)

    def _called(self) -> None:
        """Somebody knocks: take them at once, or when those with fewer connections had their chance."""
        self._open = {transport for transport in self._open if not transport.is_closing()}
        have = len(self._open) + len(self._greetings)
        if have:
            self._loop.remove_reader(self._sock)
            wait = min(have * LATER_SECONDS, LATEST_SECONDS)
            self._turn = self._loop.call_later(wait, self._take_turn, 1 + have // AT_ONCE)
        else:
            self._take(1)

    def _take_turn(self, most: int) -> None:
        self._listen()
        self._take(most)

    def _take(self, most: int) -> None:
        for _ in range(most):
            try:
                connection, _ = self._sock.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in FULL:
                    raise
                self._loop.remove_reader(self._sock)
                self._turn = self._loop.call_later(FULL_SECONDS, self._listen)
                return
            connection.setblocking(False)
            greeting = self._loop.create_task(self._greet(connection))
            self._greetings.add(greeting)
            greeting.add_done_callback(self._greetings.discard)

    async def _greet(self, connection: socket.socket) -> None:
        with suppress(OSError):  # they went away, or their TLS is none
            transport, _ = await self._loop.connect_accepted_socket(self._make_protocol, connection, ssl=self._ssl)
            self._open.add(transport)


class SharingLoop(uvloop.Loop):
    """The event loop of one worker among several."""

    async def create_server(self, protocol_factory: Any, *_: Any, sock: Any = None, ssl: Any = None, **__: Any) -> Any:
        """Listen to the socket of all workers."""
        return Listening(self, protocol_factory, sock, ssl)

"""HTTP as the web server speaks it, with an end to patience: a request's head that drips or does not end is cut off."""

import asyncio
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from aimon.service.problems import Problem

HEAD_SECONDS = 10.0
HEAD_BYTES = 64 << 10
NO_HTTP = "this is no request of HTTP: its method is unknown, or its first lines are malformed"


class ImpatientProtocol(HttpToolsProtocol):
    """Closes a connection whose next request has no complete head in time, or a longer one than anybody needs."""

    _timer: asyncio.TimerHandle | None = None
    _head = 0

    def connection_made(self, transport: Any) -> None:
        """Somebody connected, and is expected to ask."""
        super().connection_made(transport)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is expected any more."""
        self._expected()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what comes before the head is complete."""
        super().data_received(data)
        if self._timer is not None:
            self._head += len(data)
            if self._head > HEAD_BYTES:
                self.transport.close()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - what the parser says helps nobody
        """What is no HTTP, or has a method that nobody knows, is refused as everything else is."""
        refusal = Problem(HTTPStatus.BAD_REQUEST, NO_HTTP, headers={"Connection": "close"}).response()
        lines = [b"HTTP/1.1 400 Bad Request", *(name + b": " + value for name, value in refusal.raw_headers)]
        self.transport.write(b"\r\n".join([*lines, b"", bytes(refusal.body)]))
        self.transport.close()

    def on_message_begin(self) -> None:
        """A request begins, perhaps on a connection that served others."""
        super().on_message_begin()
        if self._timer is None:
            self._expect()

    def on_headers_complete(self) -> None:
        """The head is there; the body has limits of its own."""
        self._expected()
        super().on_headers_complete()

    def _expect(self) -> None:
        self._head = 0
        self._timer = asyncio.get_running_loop().call_later(HEAD_SECONDS, self.transport.close)

    def _expected(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

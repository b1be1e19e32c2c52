"""Around every answer: the headers that say what a browser may do with it, the tag that spares it, compression."""

import hashlib
from collections.abc import Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_TAGGED = 4 << 20
NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
PAGES = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
)
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
POLICY = "Content-Security-Policy"

Pairs = tuple[tuple[bytes, bytes], ...]


def _pairs(headers: Mapping[str, str]) -> Pairs:
    """Headers as they go over the wire."""
    return tuple((name.lower().encode(), value.encode()) for name, value in headers.items())


OF_PAGES = _pairs({**ALWAYS, POLICY: PAGES})
OF_API = _pairs({**ALWAYS, POLICY: NOTHING, "Cache-Control": "no-store"})
SECURE = _pairs({"Strict-Transport-Security": "max-age=31536000"})


class SecurityHeaders:
    """Adds the headers that are missing. Answers of the API may load nothing; pages only what is ours."""

    def __init__(self, app: ASGIApp, *, api: str) -> None:
        self._app = app
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        wanted = OF_API if scope["path"].startswith((self._api, "/metrics")) else OF_PAGES
        if scope["scheme"] == "https":
            wanted += SECURE

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message["headers"])
                present = {name.lower() for name, _ in headers}
                message["headers"] = [*headers, *(pair for pair in wanted if pair[0] not in present)]
            await send(message)

        await self._app(scope, receive, sending)


class Compressed(GZipMiddleware):
    """Compresses long answers to GET. Other answers are short, and looking at each costs more than it could spare."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        serve = super().__call__ if scope.get("method") == "GET" else self.app
        await serve(scope, receive, send)


class EntityTags:
    """Tags whole answers to GET that have no tag with a hash of their bytes; 304 to whoever has them already."""

    def __init__(self, app: ASGIApp, *, api: str) -> None:
        self._app = app
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(self._api):
            await self._app(scope, receive, send)
            return
        held: list[Message] = []

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                held.append(message)
                return
            if not held:
                await send(message)
                return
            body, more = message.get("body", b""), message.get("more_body", False)
            start = held.pop()
            if not more and len(body) <= LARGEST_TAGGED:
                start, body = _tagged(scope, start, body)
            await send(start)
            await send({"type": "http.response.body", "body": body, "more_body": more})

        await self._app(scope, receive, sending)


def _tagged(scope: Scope, start: Message, body: bytes) -> tuple[Message, bytes]:
    headers = MutableHeaders(scope=start)
    tag = headers.get("ETag") or f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers["ETag"] = tag
    headers["Cache-Control"] = "private, no-cache"
    headers["Vary"] = "Authorization, Cookie"
    asked = Headers(scope=scope).get("if-none-match", "")
    if tag not in {each.strip().removeprefix("W/") for each in asked.split(",")} and asked.strip() != "*":
        return start, body
    kept = [(name, value) for name, value in start["headers"] if name not in (b"content-length", b"content-type")]
    return {**start, "status": 304, "headers": kept}, b""

"""Who may do what. Every route asks here, through `needs(Right...)`, and nowhere else; what asks nobody is `PUBLIC`.

A caller shows a key or a token in the Authorization header, or a browser's cookie. Whoever is refused is recorded.
"""

import hashlib
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, FastAPI, Request
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from aimon.access import tokens
from aimon.access.accounts import Accounts
from aimon.access.denied import DeniedError
from aimon.access.rights import Principal, Right
from aimon.service.denials import Denials
from aimon.service.problems import Problem
from aimon.store.version import DataVersion

COOKIE = "aimon_session"
CSRF_COOKIE = "aimon_csrf"
CSRF_HEADER = "X-CSRF-Token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FROM_PROVIDER = frozenset({"/auth/oidc", "/auth/oidc/callback"})
PUBLIC = frozenset({"/monitoring/health", "/auth/token", "/auth/refresh", "/auth/login", "/auth/ways"} | FROM_PROVIDER)
"""What needs nobody: whether the service lives, and the ways to become somebody."""

SENDER_SECONDS = 5.0
"""How long a key that was revoked may still report: asking the database costs more than taking a prediction."""
MOST_SENDERS = 1_000

Admitted = Callable[[HTTPConnection], Awaitable[Principal]]


class Door:
    """Decides each request by its headers. Raises a Problem: 401 for nobody we know, 403 for somebody who may not."""

    def __init__(self, accounts: Accounts) -> None:
        self.accounts = accounts
        self.denials = Denials(accounts.trail)
        self.version = DataVersion(accounts.store.engine)
        self._senders: dict[bytes, tuple[float, Principal]] = {}
        self._readers: dict[bytes, tuple[int, float, Principal]] = {}

    async def admit(self, connection: HTTPConnection, right: Right) -> Principal:
        """The caller, who has the right. Who may report is asked again after some seconds, not for every report."""
        if right is not Right.INGEST:
            return await self._admitted(connection, right)
        shown = hashlib.sha256((bearer_token(connection) or "").encode()).digest()
        until, sender = self._senders.get(shown, (0.0, None))
        if sender is None or time.monotonic() > until:
            sender = await self._admitted(connection, right)
            if bearer_token(connection) is not None:
                if len(self._senders) >= MOST_SENDERS:
                    self._senders.clear()
                self._senders[shown] = time.monotonic() + SENDER_SECONDS, sender
        return sender

    async def _admitted(self, connection: HTTPConnection, right: Right) -> Principal:
        caller = self.lately(connection)
        if caller is None:
            caller = await self._asked(connection)
        if not caller.may(right):
            await run_in_threadpool(self.deny, connection, caller.name, f"lacks the right {right.value}")
            raise _not_allowed(caller, right)
        connection.state.admitted_by = right
        return caller

    def lately(self, connection: HTTPConnection) -> Principal | None:
        """Who reads, if they were recognised some seconds ago and nothing at all was committed since.

        So whoever is locked out is so at once, and a browser's page of another site is never among them.
        """
        known = None if (shown := _shown(connection)) is None else self._readers.get(shown)
        if known is None or time.monotonic() > known[1] or known[0] != self.version():
            return None
        return known[2]

    async def _asked(self, connection: HTTPConnection) -> Principal:
        version = self.version()
        try:
            caller = await run_in_threadpool(self._recognised, connection)
        except DeniedError as error:
            await run_in_threadpool(self.deny, connection, error.about or "nobody", error.reason)
            raise unknown_caller() from None
        shown = _shown(connection)
        if shown is not None and version is not None:
            if len(self._readers) >= MOST_SENDERS:
                self._readers.clear()
            self._readers[shown] = version, time.monotonic() + SENDER_SECONDS, caller
        return caller

    def deny(self, connection: HTTPConnection, who: str, reason: str) -> None:
        """Record a refusal."""
        self.denials.note(who, address_of(connection), method_of(connection), connection.url.path, reason)

    def _recognised(self, connection: HTTPConnection) -> Principal:
        shown = bearer_token(connection)
        if shown is not None:
            return self.accounts.of_bearer(shown)
        cookie = connection.cookies.get(COOKIE)
        if cookie is None:
            raise DeniedError("nothing was shown")
        caller = self.accounts.of_cookie(cookie)
        self._refuse_other_sites(connection, caller)
        return caller

    def _refuse_other_sites(self, connection: HTTPConnection, caller: Principal) -> None:
        """A browser sends its cookie whoever made it ask; only our own pages know the token beside it."""
        origin = connection.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != connection.headers.get("host"):
            raise DeniedError("another site", about=caller.name)
        if method_of(connection) in SAFE and connection.scope["type"] == "http":
            return
        shown = connection.headers.get(CSRF_HEADER, "")
        if connection.scope["type"] == "websocket":
            if origin is None:
                raise DeniedError("a browser names its origin", about=caller.name)
            return
        if not tokens.is_csrf_token(self.accounts.keyring, caller.session_id or "", shown):
            raise DeniedError("no CSRF token", about=caller.name)


def needs(right: Right) -> Admitted:
    """The dependency of a route, HTTP or WebSocket: the caller, who has the right."""

    async def admitted(connection: HTTPConnection) -> Principal:
        door: Door = connection.app.state.door
        return await door.admit(connection, right)

    admitted.right = right  # type: ignore[attr-defined]
    return admitted


Self = Annotated[Principal, Depends(needs(Right.SELF))]
Reader = Annotated[Principal, Depends(needs(Right.READ))]
Auditor = Annotated[Principal, Depends(needs(Right.AUDIT))]
Admin = Annotated[Principal, Depends(needs(Right.ADMIN))]


def door_of(request: Request) -> Door:
    """The door of the application that answers."""
    door: Door = request.app.state.door
    return door


def _shown(connection: HTTPConnection) -> bytes | None:
    """What a reader shows, as a digest; None for whoever changes something, or comes from a page of anybody's."""
    if connection.scope["type"] != "http" or method_of(connection) not in SAFE or "origin" in connection.headers:
        return None
    shown = (connection.headers.get("authorization", ""), connection.cookies.get(COOKIE, ""))
    return hashlib.sha256("\0".join(shown).encode()).digest() if any(shown) else None


def bearer_token(connection: HTTPConnection) -> str | None:
    """What the Authorization header shows, if it is a bearer token."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def address_of(connection: HTTPConnection) -> str:
    """Where the caller is, as far as the web server knows."""
    return connection.client.host if connection.client is not None else "unknown"


def method_of(connection: HTTPConnection) -> str:
    """The method; a WebSocket has none."""
    return str(connection.scope.get("method", "WEBSOCKET"))


def unknown_caller() -> Problem:
    """The answer to a request without a valid key."""
    said = "this needs a valid API key or token; send it as `Authorization: Bearer KEY`"
    return Problem(HTTPStatus.UNAUTHORIZED, said, headers={"WWW-Authenticate": "Bearer"})


def rights_of(app: FastAPI, prefix: str) -> dict[tuple[str, str], Right | None]:
    """Which right each route of the API needs, by method and path below the prefix; None where it asks nobody."""
    found: dict[tuple[str, str], Right | None] = {}
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        path = context.path or ""
        if isinstance(route, APIRoute) and path.startswith(prefix):
            asked = {getattr(each.call, "right", None) for each in route.dependant.dependencies} - {None}
            right = next(iter(asked), None)
            found |= {(method, path.removeprefix(prefix)): right for method in sorted(route.methods or ())}
    return found


def refuse_open_routes(app: FastAPI, prefix: str) -> None:
    """Stop an application that has a route of the API which asks nobody and is not meant to."""
    open_routes = [f"{method} {path}" for (method, path), right in rights_of(app, prefix).items() if right is None]
    unmeant = [each for each in open_routes if each.partition(" ")[2] not in PUBLIC]
    if unmeant:
        raise RuntimeError(f"these routes ask nobody who may use them: {', '.join(unmeant)}")


def _not_allowed(caller: Principal, right: Right) -> Problem:
    if caller.must_change:
        return Problem(HTTPStatus.FORBIDDEN, "the password was given out once; choose your own at auth/password first")
    return Problem(HTTPStatus.FORBIDDEN, f"this needs the right {right.value}, which you do not have")

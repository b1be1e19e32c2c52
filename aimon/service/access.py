"""Who may do what. Every route asks here, through `needs(Right...)`, and nowhere else.

`Access` is what an answer is asked of; `SecretAccess` is the simplest one: whoever has the secret may do everything.
"""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Protocol

from starlette.requests import HTTPConnection

from aimon.service.problems import Problem

SECRET_VARIABLE = "AIMON_API_KEY"  # noqa: S105 - the name of a variable


class Right(StrEnum):
    """What can be allowed."""

    INGEST = "ingest"
    READ = "read"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, by a name that may be logged."""

    name: str


class Access(Protocol):
    """Decides each request by its headers. Raises a Problem: 401 for nobody we know, 403 for somebody who may not."""

    async def admit(self, connection: HTTPConnection, right: Right) -> Caller:
        """The caller, who may do this."""


class SecretAccess:
    """One secret that every caller shows as a bearer token; without a secret everybody is let in.

    The server listens on loopback only where there is no secret.
    """

    def __init__(self, secret: str | None) -> None:
        self._secret = secret

    async def admit(self, connection: HTTPConnection, right: Right) -> Caller:  # noqa: ARG002 - one secret, all rights
        """Compare the secret, in a time that tells nothing about it."""
        if self._secret is None:
            return Caller("local")
        shown = bearer_token(connection)
        if shown is None or not hmac.compare_digest(shown.encode(), self._secret.encode()):
            raise unknown_caller()
        return Caller("api key")


def bearer_token(connection: HTTPConnection) -> str | None:
    """What the Authorization header shows, if it is a bearer token."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def unknown_caller() -> Problem:
    """The answer to a request without a valid key."""
    said = "this needs a valid API key; send it as `Authorization: Bearer KEY`"
    return Problem(HTTPStatus.UNAUTHORIZED, said, headers={"WWW-Authenticate": "Bearer"})


def needs(right: Right) -> Callable[[HTTPConnection], Awaitable[Caller]]:
    """The dependency of a route, HTTP or WebSocket: the caller, who has the right."""

    async def admitted(connection: HTTPConnection) -> Caller:
        access: Access = connection.app.state.access
        return await access.admit(connection, right)

    return admitted

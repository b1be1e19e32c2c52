"""Becoming somebody: a password for tokens or for a browser's cookie. Refreshing, logging out, another password."""

from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from aimon.access import passwords, tokens, users
from aimon.access.accounts import LASTS, Tokens
from aimon.access.denied import DeniedError, LockedOutError
from aimon.access.oidc import Provider
from aimon.service.access import COOKIE, CSRF_COOKIE, Door, Self, address_of, door_of
from aimon.service.answers import answer
from aimon.service.described import DENIED, Plain, described
from aimon.service.problems import Problem
from aimon.spec.oidc import CALLBACK
from aimon.store import users as stored_users
from aimon.store.sessions import Kind

router = APIRouter(prefix="/auth", tags=["auth"])


class Body(BaseModel):
    """What a request may hold: what is declared and nothing else."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Credentials(Body):
    """A name and a password."""

    name: str = Field(max_length=200, examples=["ann"])
    password: str = Field(max_length=passwords.LONGEST, examples=["correct horse battery staple"])


class RefreshToken(Body):
    """The refresh token that was given out last."""

    refresh_token: str = Field(max_length=500, examples=["f3kT0pQ.1.9c1d0a"])


class NewPassword(Body):
    """The password as it is, and as it shall be."""

    old: str = Field(max_length=passwords.LONGEST, examples=["correct horse battery staple"])
    new: str = Field(max_length=passwords.LONGEST, examples=["another good password"])


class TokenPair(Plain):
    """Tokens as OAuth names them. The access token is sent as `Authorization: Bearer TOKEN`."""

    access_token: str
    refresh_token: str
    token_type: str = Field(examples=["Bearer"])
    expires_in: int = Field(examples=[600], description="seconds")


class Me(Plain):
    """Who is asking."""

    name: str = Field(examples=["user:ann"])
    rights: list[str] = Field(examples=[["read", "self"]])
    must_change_password: bool


class ProviderShown(Plain):
    """The identity provider that people may log in by."""

    host: str = Field(examples=["login.example.org"])
    begin: str = Field(examples=["/api/v1/auth/oidc"], description="where a browser goes to log in by it")


class Ways(Plain):
    """How people log in here, besides by name and password."""

    provider: ProviderShown | None


class Left(Plain):
    """The session is over here; the person is still logged in at the provider until they go there."""

    provider_logout: str = Field(examples=["https://login.example.org/logout?client_id=aimon"])


class Entered(Me):
    """Who logged in, and the token that requests of the page carry in `X-CSRF-Token`."""

    csrf_token: str


@router.get("/ways", responses=described(Ways))
def ways(request: Request) -> Response:
    """How people log in: whether an identity provider is declared, and where a browser begins with it."""
    provider: Provider | None = request.app.state.provider
    if provider is None:
        return answer({"provider": None})
    host = urlsplit(provider.spec.issuer).netloc
    return answer({"provider": {"host": host, "begin": CALLBACK.removesuffix("/callback")}})


@router.post("/token", responses=described(TokenPair, HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS))
def token(request: Request, credentials: Credentials) -> Response:
    """Exchange name and password for an access token and a refresh token."""
    door = door_of(request)
    user_id, session_id, _ = _log_in(door, request, credentials, Kind.TOKEN)
    return _pair(door.accounts.tokens(user_id, session_id))


@router.post("/refresh", responses=described(TokenPair, HTTPStatus.UNAUTHORIZED))
def refresh(request: Request, shown: RefreshToken) -> Response:
    """Exchange a refresh token for the next pair. One that comes a second time ends the session."""
    door = door_of(request)
    try:
        return _pair(door.accounts.refresh(shown.refresh_token))
    except DeniedError as error:
        door.deny(request, error.about or "nobody", error.reason)
        raise _refused("this refresh token is not valid; log in again") from None


@router.post("/login", responses=described(Entered, HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS))
def login(request: Request, credentials: Credentials) -> Response:
    """Log a browser in: sets a cookie that no script reads, and one with the CSRF token."""
    door = door_of(request)
    _, session_id, _ = _log_in(door, request, credentials, Kind.BROWSER)
    shown = tokens.cookie(door.accounts.keyring, session_id)
    caller, csrf = door.accounts.of_cookie(shown), tokens.csrf_token(door.accounts.keyring, session_id)
    entered = answer({**_me(caller), "csrf_token": csrf})
    browser_cookies(request, entered, door, session_id)
    return entered


def browser_cookies(request: Request, entered: Response, door: Door, session_id: str) -> None:
    """Give a browser the cookie of its session, and beside it the token that its pages show."""
    shown, csrf = tokens.cookie(door.accounts.keyring, session_id), tokens.csrf_token(door.accounts.keyring, session_id)
    lasts, secure = int(LASTS[Kind.BROWSER].total_seconds()), request.url.scheme == "https"
    for name, value, hidden in ((COOKIE, shown, True), (CSRF_COOKIE, csrf, False)):
        entered.set_cookie(name, value, max_age=lasts, path="/", secure=secure, httponly=hidden, samesite="strict")


@router.post(
    "/logout",
    status_code=204,
    responses={**DENIED, HTTPStatus.OK.value: {"model": Left, "description": "There is a logout at the provider too"}},
)
def logout(request: Request, caller: Self) -> Response:
    """End the session that asks. Whoever came by an identity provider is told where to log out of it too."""
    door = door_of(request)
    if caller.session_id is not None:
        door.accounts.end(caller, caller.session_id)
    address = _leaving(request, caller)
    left = Response(status_code=HTTPStatus.NO_CONTENT) if address is None else answer({"provider_logout": address})
    for name in (COOKIE, CSRF_COOKIE):
        left.delete_cookie(name, path="/")
    return left


def _leaving(request: Request, caller: Self) -> str | None:
    """Where the caller logs out of the provider that they came by."""
    provider: Provider | None = request.app.state.provider
    if provider is None or caller.user_id is None:
        return None
    with door_of(request).accounts.store.session() as connection:
        user = stored_users.get(connection, caller.user_id)
    return provider.leaving() if user is not None and provider.is_of(user.identity) else None


@router.get("/me", responses=described(Me, *DENIED))
def me(caller: Self) -> Response:
    """Who is asking, and what they may do."""
    return answer(_me(caller))


@router.post("/password", status_code=204, responses=dict(DENIED))
def password(request: Request, caller: Self, chosen: NewPassword) -> Response:
    """Choose another password. Every other session of the caller ends."""
    door, address = door_of(request), address_of(request)
    if caller.user_id is None:
        raise Problem(HTTPStatus.FORBIDDEN, "a key has no password")
    try:
        with door.accounts.trail.change(caller.name) as change:
            users.choose_password(change, caller.user_id, chosen.old, chosen.new, session_id=caller.session_id)
    except DeniedError as error:
        door.denials.note(caller.name, address, "POST", request.url.path, error.reason)
        raise Problem(HTTPStatus.FORBIDDEN, "the old password is another one") from None
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _log_in(door: Door, request: Request, credentials: Credentials, kind: Kind) -> tuple[int, str, str]:
    try:
        user, session_id = door.accounts.log_in(
            credentials.name, credentials.password, address=address_of(request), kind=kind
        )
    except LockedOutError as error:
        door.deny(request, error.about or "nobody", error.reason)
        said = f"too many wrong passwords; come back in {error.seconds} s"
        waits = {"Retry-After": str(error.seconds)}
        raise Problem(HTTPStatus.TOO_MANY_REQUESTS, said, headers=waits) from None
    except DeniedError as error:
        door.deny(request, error.about or "nobody", error.reason)
        raise _refused("no such name and password") from None
    return user.id, session_id, user.name


def _refused(said: str) -> Problem:
    return Problem(HTTPStatus.UNAUTHORIZED, said, headers={"WWW-Authenticate": "Bearer"})


def _pair(given: Tokens) -> Response:
    told = {"access_token": given.access, "refresh_token": given.refresh, "token_type": "Bearer"}
    return answer({**told, "expires_in": given.expires_in})


def _me(caller: Self) -> dict[str, object]:
    rights = sorted(right.value for right in caller.rights if caller.may(right))
    return {"name": caller.name, "rights": rights, "must_change_password": caller.must_change}

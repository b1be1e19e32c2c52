"""Logging in by an identity provider: away with the browser, and back with a session."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from starlette.responses import RedirectResponse, Response

from aimon.access.denied import DeniedError
from aimon.access.oidc import LASTS, Provider, ProviderError
from aimon.access.oidc_people import recognised
from aimon.platform import Platform
from aimon.service.access import Door, door_of
from aimon.service.auth import browser_cookies
from aimon.service.described import ANYWHERE, problem_of
from aimon.service.problems import Problem
from aimon.store.sessions import Kind

router = APIRouter(prefix="/auth", tags=["auth"])
COOKIE = "aimon_login"
PATH = "/api/v1/auth/oidc"
BACK = """\
<!doctype html><meta charset="utf-8"><title>aimon</title>
<meta http-equiv="refresh" content="0;url=/"><a href="/">aimon</a>
"""
"""A browser sends the cookie of a session only from pages of ours, so the way on is from this page, not a redirect."""
REFUSED: dict[int | str, Any] = {status.value: problem_of(status) for status in (*ANYWHERE, HTTPStatus.NOT_FOUND)}

Part = Annotated[str, Query(description="as the provider sends it; how long it may be, the head of a request decides")]


def provider_of(platform: Platform, door: Door) -> Provider | None:
    """The provider that the project declares."""
    spec = platform.project.settings.oidc
    return None if spec is None else Provider(spec, door.accounts.keyring)


@router.get("/oidc", status_code=303, response_class=RedirectResponse, responses=REFUSED)
def begin(request: Request) -> Response:
    """Send a browser to the identity provider, from where it comes back to `auth/oidc/callback`."""
    provider = _provider(request)
    try:
        address, kept = provider.begin()
    except ProviderError as error:
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error)) from None
    away = RedirectResponse(address, HTTPStatus.SEE_OTHER)
    away.set_cookie(
        COOKIE,
        kept,
        max_age=int(LASTS.total_seconds()),
        path=PATH,
        secure=provider.spec.redirect_url.startswith("https:"),
        httponly=True,
        samesite="lax",  # it must come along when the provider sends the browser back
    )
    return away


@router.get(
    "/oidc/callback",
    response_class=HTMLResponse,
    responses={**REFUSED, HTTPStatus.UNAUTHORIZED.value: problem_of(HTTPStatus.UNAUTHORIZED)},
)
def callback(
    request: Request,
    state: Part = "",
    code: Part = "",
    error: Part | None = None,
    iss: Part | None = None,
) -> Response:
    """Take a browser back from the identity provider, and begin its session."""
    provider, door = _provider(request), door_of(request)
    given = {"state": state, "code": code, "error": error, "iss": iss}
    brought = {name: value for name, value in given.items() if value is not None}
    try:
        user = recognised(door.accounts, provider.spec, provider.finish(request.cookies.get(COOKIE), brought))
    except ProviderError as failed:
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, str(failed)) from None
    except DeniedError as denied:
        door.deny(request, denied.about or "nobody", denied.reason)
        raise Problem(
            HTTPStatus.UNAUTHORIZED, "this login was refused; an administrator sees why in the audit log"
        ) from None
    entered = HTMLResponse(BACK)
    browser_cookies(request, entered, door, door.accounts.begin(user, Kind.BROWSER))
    entered.delete_cookie(COOKIE, path=PATH)
    return entered


def _provider(request: Request) -> Provider:
    provider: Provider | None = request.app.state.provider
    if provider is None:
        raise Problem(HTTPStatus.NOT_FOUND, "no identity provider is declared; log in with name and password")
    return provider

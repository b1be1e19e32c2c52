"""Where notices go and what holds them back: routes as they are declared, silences, the outbox, the channels."""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, Field
from starlette.responses import Response

from aimon import clock
from aimon.errors import MissingError
from aimon.incident.silences import add_silence, end_silence, list_silences
from aimon.service.access import Admin, Reader, door_of
from aimon.service.answers import answer
from aimon.service.auth import Body
from aimon.service.described import NO_NUL, Limit, Moment, Named, Number, Page, Plain, Words, nothing, protected
from aimon.service.opened import platform_of, recorded
from aimon.store import channels, notices
from aimon.store.notices import Status
from aimon.store.silences import StoredSilence

router = APIRouter(tags=["notices"])


class SilenceShown(Plain):
    """What is held back, until when, by whom and why."""

    id: int
    when: dict[str, list[str]] = Field(examples=[{"model": ["loan-approval"]}])
    starts_at: Moment
    ends_at: Moment
    reason: str
    author: str
    ended_at: Moment | None
    ended_by: str | None


class NewSilence(Body):
    """What to hold back. `when` has the keys severity, family, model, owner, segment: a value or a list each."""

    when: dict[str, str | list[str]] = Field(min_length=1, examples=[{"model": "loan-approval"}])
    until: AwareDatetime = Field(examples=["2026-12-01T08:00:00Z"])
    starts: AwareDatetime | None = None
    reason: str = Field(min_length=1, max_length=1000, pattern=NO_NUL, examples=["planned migration"])


class RouteShown(Plain):
    """A route as it is declared in aimon.yaml."""

    when: dict[str, Any]
    to: list[str]
    digest: bool
    continues: bool


class NoticeShown(Plain):
    """A message and what became of it."""

    id: str
    incident_id: int
    channel: str
    severity: str
    subject: str
    status: Status
    attempts: int
    next_attempt_at: Moment
    last_error: str | None
    created_at: Moment
    delivered_at: Moment | None


class ChannelShown(Plain):
    """How a channel is doing."""

    channel: str
    failures: int = Field(description="in a row")
    rests_until_at: Moment | None
    delivered_at: Moment | None
    failed_at: Moment | None
    last_error: str | None


@router.get("/routes", responses=protected(Page[RouteShown]))
def list_routes(request: Request, _: Reader) -> Response:
    """Which notices go where, as aimon.yaml says; without any, they go by severity."""
    declared = platform_of(request).project.settings.routes
    shown = [
        {
            "when": route.when.model_dump(mode="json", exclude_defaults=True),
            "to": list(route.to),
            "digest": route.digest,
            "continues": route.continue_,
        }
        for route in declared
    ]
    return answer({"items": shown, "next": None})


@router.get("/silences", responses=protected(Page[SilenceShown]))
def list_all(request: Request, _: Reader, ended: bool = False) -> Response:
    """The silences that hold or are to come; with `ended` every one there ever was."""
    found = list_silences(platform_of(request).store, ended=ended)
    return answer({"items": [_silence(each) for each in found], "next": None})


@router.post("/silences", status_code=201, responses=protected(SilenceShown, success=HTTPStatus.CREATED))
def add(request: Request, caller: Admin, new: NewSilence) -> Response:
    """Hold notices back for a while."""
    store = recorded(request, caller, "silences.create", "silences", when=new.when, until=clock.iso(new.until))
    starts: datetime | None = new.starts
    number = add_silence(store, new.when, until=new.until, reason=new.reason, author=caller.name, starts=starts)
    made = next(each for each in list_silences(store, ended=True) if each.id == number)
    return answer(_silence(made), HTTPStatus.CREATED)


@router.delete(
    "/silences/{number}",
    status_code=204,
    responses=nothing(HTTPStatus.NOT_FOUND),
)
def end(request: Request, caller: Admin, number: Number) -> Response:
    """End a silence before its time."""
    end_silence(recorded(request, caller, "silences.end", f"silence:{number}"), number, by=caller.name)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.get("/notices", responses=protected(Page[NoticeShown]))
def list_notices(
    request: Request, _: Reader, status: Status | None = None, channel: Words = None, limit: Limit = 50
) -> Response:
    """Messages, the newest first, and what became of them."""
    with platform_of(request).store.session() as connection:
        found = notices.query(connection, status=status, channel=channel, limit=limit)
    shown = [{name: getattr(each, name) for name in NoticeShown.model_fields} for each in found]
    return answer({"items": shown, "next": None})


@router.post(
    "/notices/{notice}/retry",
    status_code=204,
    responses=nothing(HTTPStatus.NOT_FOUND),
)
def retry(request: Request, caller: Admin, notice: Named) -> Response:
    """Try a message again that was given up."""
    with door_of(request).accounts.trail.change(caller.name) as change:
        if not notices.revive(change.connection, notice, at=clock.now()):
            raise MissingError(f"no notice {notice} was given up")
        change.note("notices.retry", f"notice:{notice}")
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.get("/channels", responses=protected(Page[ChannelShown]))
def list_channels(request: Request, _: Reader) -> Response:
    """How each channel is doing."""
    with platform_of(request).store.session() as connection:
        found = channels.query(connection)
    shown = [{name: getattr(each, name) for name in ChannelShown.model_fields} for each in found]
    return answer({"items": shown, "next": None})


def _silence(each: StoredSilence) -> dict[str, Any]:
    names = ("id", "starts_at", "ends_at", "reason", "author", "ended_at", "ended_by")
    when = {key: [value] if isinstance(value, str) else list(value) for key, value in each.matchers.items()}
    return {**{name: getattr(each, name) for name in names}, "when": when}

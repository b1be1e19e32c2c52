"""Where notices go and what holds them back: routes as they are declared, silences, the outbox, the channels."""

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, Field
from starlette.responses import Response

from aimon import clock
from aimon.errors import MissingError, UserError
from aimon.incident.explain import explain
from aimon.incident.health import Health, State, health_of
from aimon.incident.routes import Facts
from aimon.incident.silences import add_silence, end_silence, list_silences, standing
from aimon.service.access import Admin, Reader, door_of
from aimon.service.answers import answer, cursor, page, place
from aimon.service.auth import Body
from aimon.service.described import NO_NUL, Cursor, Limit, Moment, Named, Number, Page, Plain, Words, nothing, protected
from aimon.service.naming import key_of
from aimon.service.opened import platform_of, recorded
from aimon.service.records import ModelName
from aimon.spec.routes import RouteSpec, Severity, SilenceSpec, Topic
from aimon.store import channels, notices
from aimon.store.notices import Status
from aimon.store.silences import StoredSilence

router = APIRouter(tags=["notices"])
FIRST_YEAR, LAST_YEAR = 2000, 2200


class SilenceShown(Plain):
    """What is held back, until when, by whom and why. One of aimon.yaml has no number, and is ended there."""

    id: int | None
    declared: bool = Field(description="whether it stands in aimon.yaml")
    when: dict[str, list[str]] = Field(examples=[{"model": ["loan-approval"]}])
    starts_at: Moment | None
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
    """How a channel is doing; `undeclared` ones were used once and are not in aimon.yaml any more."""

    channel: str
    kind: str | None = Field(examples=["slack"])
    state: State
    failures: int = Field(description="in a row")
    rests_until_at: Moment | None
    delivered_at: Moment | None
    failed_at: Moment | None
    last_error: str | None


@router.get("/routes", responses=protected(Page[RouteShown]))
def list_routes(request: Request, _: Reader) -> Response:
    """Which notices go where, as aimon.yaml says; without any, they go by severity."""
    declared = platform_of(request).project.settings.routes
    return answer({"items": [_route(route) for route in declared], "next": None})


class RouteRead(RouteShown):
    """A route beside a notice."""

    number: int
    fits: bool
    taken: bool = Field(description="whether it decides where the notice goes")
    because: str = Field(examples=["severity is warning, not critical"])


class Recipient(Plain):
    """A channel that would hear of a notice."""

    channel: str
    kind: str
    digest: bool
    goes_at: Moment
    resting_until: Moment | None


class HoldingSilence(Plain):
    """The silence that would hold a notice back."""

    id: int | None
    ends_at: Moment
    author: str
    reason: str


class Explained(Plain):
    """Who would be told."""

    at: Moment
    severity: str
    model: str
    owner: str | None
    sentence: str = Field(examples=["A notice of severity critical about loan-approval would go to pager at once."])
    routes: list[RouteRead]
    channels: list[Recipient]
    silenced: HoldingSilence | None


@router.get("/routes/explain", responses=protected(Explained, HTTPStatus.NOT_FOUND))
def explain_routes(
    request: Request,
    _: Reader,
    model: ModelName,
    severity: Severity = Severity.CRITICAL,
    family: Annotated[list[Topic] | None, Query()] = None,
    segment: Words = None,
    cause: Words = None,
    at: Annotated[AwareDatetime | None, Query(description="default: now", examples=["2026-12-01T08:00:00Z"])] = None,
) -> Response:
    """Who would be told of such a notice at an instant, route by route; nothing is sent."""
    platform = platform_of(request)
    routing = platform.routing
    moment = _bounded(at)
    with platform.store.session() as connection:
        key = key_of(platform, connection, model)
        holding = standing(connection, routing.silences, at=moment)
        states = {each.channel: each for each in channels.query(connection)}
    facts = Facts(
        severity=severity,
        model=key,
        owner=routing.owners.get(key),
        families=frozenset(family or ()),
        segments=frozenset([segment] if segment else ()),
        cause=cause or "",
    )
    found = explain(routing, facts, moment, silences=holding, states=states)
    told = {
        "at": moment,
        "severity": severity,
        "model": model,
        "owner": facts.owner,
        "sentence": found.sentence,
        "routes": [
            {
                **_route(each.route),
                "number": each.number,
                "fits": each.fits,
                "taken": each.taken,
                "because": each.because,
            }
            for each in found.routes
        ],
        "channels": [{name: getattr(each, name) for name in Recipient.model_fields} for each in found.recipients],
        "silenced": None
        if found.silence is None
        else {name: getattr(found.silence, name) for name in HoldingSilence.model_fields},
    }
    return answer(told)


@router.get("/silences", responses=protected(Page[SilenceShown]))
def list_all(request: Request, _: Reader, ended: bool = False) -> Response:
    """The silences that hold or are to come, those of aimon.yaml too; with `ended` every one there ever was."""
    platform = platform_of(request)
    found = list_silences(platform.store, ended=ended)
    now = clock.now()
    written = [each for each in platform.project.settings.silences if ended or each.until > now]
    return answer({"items": [*map(_declared, written), *map(_silence, found)], "next": None})


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
    request: Request,
    _: Reader,
    status: Status | None = None,
    channel: Words = None,
    incident: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    limit: Limit = 50,
    cursor_: Cursor = None,
) -> Response:
    """Messages, the newest first, and what became of them; those with the status `dead` were given up."""
    before = None if cursor_ is None else place(cursor_, (int, str))
    with platform_of(request).store.session() as connection:
        found = notices.query(
            connection,
            status=status,
            channel=channel,
            incident_id=incident,
            before=None if before is None else (before[0], before[1]),
            limit=limit + 1,
        )
    last = found[limit - 1] if len(found) > limit else None
    shown = [{name: getattr(each, name) for name in NoticeShown.model_fields} for each in found[:limit]]
    return page(shown, None if last is None else cursor(last.event_id, last.channel))


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
    """How each channel is doing, those too that were never used."""
    platform = platform_of(request)
    with platform.store.session() as connection:
        shown = [_channel(each) for each in health_of(connection, platform.routing.channels)]
    return answer({"items": shown, "next": None})


def _silence(each: StoredSilence) -> dict[str, Any]:
    names = ("id", "starts_at", "ends_at", "reason", "author", "ended_at", "ended_by")
    told = {name: getattr(each, name) for name in names}
    return {**told, "when": _lists(each.matchers), "declared": False}


def _declared(each: SilenceSpec) -> dict[str, Any]:
    told = {"starts_at": each.from_, "ends_at": each.until, "reason": each.reason, "author": each.author}
    when = _lists(each.when.model_dump(mode="json", exclude_defaults=True))
    return {**told, "id": None, "declared": True, "when": when, "ended_at": None, "ended_by": None}


def _lists(matchers: Mapping[str, Any]) -> dict[str, list[str]]:
    return {key: [value] if isinstance(value, str) else list(value) for key, value in matchers.items()}


def _route(route: RouteSpec) -> dict[str, Any]:
    return {
        "when": route.when.model_dump(mode="json", exclude_defaults=True),
        "to": list(route.to),
        "digest": route.digest,
        "continues": route.continue_,
    }


def _channel(each: Health) -> dict[str, Any]:
    names = ("channel", "failures", "rests_until_at", "delivered_at", "failed_at", "last_error")
    return {**{name: getattr(each.told, name) for name in names}, "kind": each.kind, "state": each.state}


def _bounded(at: datetime | None) -> datetime:
    """The instant, of a year that calendars can be asked about."""
    if at is None:
        return clock.now()
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise UserError(f"at: ask about the years {FIRST_YEAR} to {LAST_YEAR}")
    return at.astimezone(UTC)

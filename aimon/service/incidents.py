"""Incidents: listed, shown, and what people do with them. Who does it is who asks; every change is recorded."""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field
from starlette.responses import Response

from aimon.incident import lifecycle, lifecycle_view
from aimon.incident.alert import LONGEST_TITLE, raise_alert
from aimon.incident.lifecycle_view import Shown
from aimon.lake.reports import Form
from aimon.platform import Platform
from aimon.service.access import Admin, Reader
from aimon.service.answers import answer, cursor, page, place
from aimon.service.auth import Body
from aimon.service.described import NO_NUL, Cursor, Limit, Moment, Number, Page, Plain, Words, protected
from aimon.service.naming import key_of
from aimon.service.opened import platform_of, recorded
from aimon.service.reports import url_of
from aimon.store import evaluations
from aimon.store.incidents import Status

router = APIRouter(tags=["incidents"])
Severity = Literal["warning", "critical"]
MOST_EXPORTED = 100_000


class IncidentShown(Plain):
    """One cause of trouble."""

    id: int
    cause: str = Field(examples=["drift|loan-approval|income"])
    kind: str
    model: str
    subject: str
    historic: bool = Field(description="about the past only, so nobody was told")
    status: Status
    severity: str
    title: str
    assignee: str | None = None
    first_day: date | None
    last_day: date | None
    opened_at: Moment
    updated_at: Moment
    acknowledged_at: Moment | None
    resolved_at: Moment | None


class Evidence(Plain):
    """A record that alarmed. `cleared_at` is set once its day was judged again without it."""

    id: int
    incident_id: int
    fingerprint: str
    window: str = Field(examples=["1d"])
    day: date
    model: str
    version: str
    family: str = Field(examples=["drift"])
    metric: str = Field(examples=["psi"])
    verdict: str = Field(examples=["critical"])
    column: Any = Field(examples=["income"], description="a column, or an array for an intersection")
    segment: Any
    group: Any
    groups: Any = Field(description="the pair that decides")
    value: float | None
    low: float | None
    high: float | None
    threshold: float | None
    n_reference: int | None
    n_current: int | None
    note: str | None
    rule: str | None = Field(description="the rule of the user's own that found it")
    evaluation_key: str | None
    found_at: Moment
    cleared_at: Moment | None


class EventShown(Plain):
    """A line of an incident's history. What `detail` holds depends on the kind."""

    id: int
    incident_id: int
    kind: str = Field(examples=["acknowledged"])
    at: Moment
    actor: str = Field(examples=["user:ann"])
    evaluation_key: str | None
    detail: dict[str, Any] = Field(examples=[{"note": "a known release"}])


class NoticeGiven(Plain):
    """What people were told about an incident, without its text."""

    id: str
    channel: str = Field(examples=["slack"], description="empty where the channels are not chosen yet")
    status: Literal["pending", "digest", "delivered", "withheld", "dead"]
    subject: str
    created_at: Moment


class IncidentDetail(IncidentShown):
    """An incident with its evidence, its history and what people were told."""

    findings: list[Evidence]
    events: list[EventShown]
    notices: list[NoticeGiven]
    data_versions: dict[str, str] = Field(description="the digest of the rows that were judged, by day")
    words: str = Field(description="what happened, and where to look next")
    run_id: str | None = Field(description="the Dagster run that found it last")
    runbook: str | None
    reports: dict[str, str] = Field(examples=[{"html": "/api/v1/reports/loan-approval/2026-11-19/html"}])


class Said(Body):
    """Words for the history."""

    text: str = Field(default="", max_length=lifecycle.LONGEST_TEXT, pattern=NO_NUL, examples=["a known release"])


class Comment(Body):
    """A comment."""

    text: str = Field(
        min_length=1,
        max_length=lifecycle.LONGEST_TEXT,
        pattern=r"^[^\x00]*[^\s\x00][^\x00]*$",
        examples=["asked the owners of the feature store"],
    )


class Assignment(Body):
    """Whose it shall be."""

    to: str = Field(
        min_length=1, max_length=lifecycle.LONGEST_NAME, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$", examples=["ann"]
    )


class Done(Plain):
    """The incident as it is now, and whether the request changed it."""

    changed: bool
    incident: IncidentShown


class Alert(Body):
    """Something that people should look at."""

    model: str = Field(min_length=1, max_length=100, pattern=NO_NUL, examples=["loan-approval"])
    title: str = Field(
        min_length=1,
        max_length=LONGEST_TITLE,
        pattern=r"^[^\x00]*[^\s\x00][^\x00]*$",
        examples=["approvals doubled since noon"],
    )
    severity: Severity = "warning"
    text: str = Field(default="", max_length=10_000, pattern=NO_NUL)


class Alerted(Plain):
    """The incident that the alert opened, or was added to."""

    incident: int
    opened: bool


Deed = Literal["acknowledge", "resolve", "reopen"]
_DEEDS = {
    "acknowledge": lambda store, number, by, said: lifecycle.acknowledge(store, number, by=by, note=said),
    "resolve": lambda store, number, by, said: lifecycle.resolve(store, number, by=by, reason=said),
    "reopen": lambda store, number, by, said: lifecycle.reopen(store, number, by=by, reason=said),
}


@router.get("/monitoring/incidents", responses=protected(Page[IncidentShown]))
def list_incidents(
    request: Request,
    _: Reader,
    severity: Severity | None = None,
    status: Status | None = None,
    model: Words = None,
    historic: Annotated[bool | None, Query(description="those of the past only, or those of now only")] = None,
    standing: Annotated[bool, Query(description="only those that are not resolved")] = False,
    limit: Limit = 50,
    cursor_: Cursor = None,
) -> Response:
    """Incidents, the newest first; each argument narrows."""
    (before,) = place(cursor_, (int,)) if cursor_ is not None else (None,)
    found = lifecycle_view.list_incidents(
        platform_of(request).store,
        model=model,
        severity=severity,
        status=status,
        historic=historic,
        standing=standing,
        before=before,
        limit=limit + 1,
    )
    following = cursor(found[limit - 1].id) if len(found) > limit else None
    return page([lifecycle_view.as_json(each) for each in found[:limit]], following)


@router.get(
    "/monitoring/incidents.csv",
    responses={
        **protected(Plain),
        200: {"description": "A table", "content": {"text/csv": {"schema": {"type": "string"}}}},
    },
)
def export_incidents(
    request: Request, _: Reader, severity: Severity | None = None, status: Status | None = None, model: Words = None
) -> Response:
    """Incidents as a table for a spreadsheet."""
    found = lifecycle_view.list_incidents(
        platform_of(request).store, model=model, severity=severity, status=status, limit=MOST_EXPORTED
    )
    named = {"Content-Disposition": 'attachment; filename="incidents.csv"'}
    return Response(lifecycle_view.as_csv(found), media_type="text/csv; charset=utf-8", headers=named)


@router.get("/monitoring/incidents/{number}", responses=protected(IncidentDetail, HTTPStatus.NOT_FOUND))
def show_incident(request: Request, _: Reader, number: Number) -> Response:
    """One incident with its evidence, its history and what people were told."""
    platform = platform_of(request)
    shown = lifecycle_view.show_incident(platform.store, number)
    incident = shown.incident
    forms = lifecycle_view.reports_of(platform.lake, incident) if incident.last_day is not None else {}
    run_id = _run_of(platform, shown)
    beyond = {
        "words": lifecycle_view.words_of(shown, run_id),
        "run_id": run_id,
        "runbook": lifecycle_view.runbook_of(platform.routing, shown),
        "reports": {form: url_of(incident.model, incident.last_day, Form(form)) for form in forms if incident.last_day},
    }
    return answer({**shown.as_json(), **beyond})


@router.post(
    "/monitoring/incidents/{number}/comment",
    status_code=201,
    responses=protected(Done, HTTPStatus.NOT_FOUND, success=HTTPStatus.CREATED),
)
def comment(request: Request, caller: Admin, number: Number, said: Comment) -> Response:
    """Write into an incident's history."""
    store = recorded(request, caller, "incidents.comment", f"incident:{number}")
    lifecycle.comment(store, number, by=caller.name, text=said.text)
    return _done(request, number, changed=True, status=HTTPStatus.CREATED)


@router.post(
    "/monitoring/incidents/{number}/assign", responses=protected(Done, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
)
def assign(request: Request, caller: Admin, number: Number, to: Assignment) -> Response:
    """Make an incident somebody's."""
    store = recorded(request, caller, "incidents.assign", f"incident:{number}", to=to.to)
    return _done(request, number, changed=lifecycle.assign(store, number, to=to.to, by=caller.name))


@router.post(
    "/monitoring/incidents/{number}/{deed}", responses=protected(Done, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)
)
def act(request: Request, caller: Admin, number: Number, deed: Deed, said: Said | None = None) -> Response:
    """Acknowledge, resolve or reopen an incident. Doing what is done already changes nothing."""
    text = "" if said is None else said.text
    store = recorded(request, caller, f"incidents.{deed}", f"incident:{number}")
    return _done(request, number, changed=_DEEDS[deed](store, number, caller.name, text))


@router.post(
    "/alerts/trigger",
    status_code=201,
    responses=protected(Alerted, HTTPStatus.NOT_FOUND, success=HTTPStatus.CREATED),
)
def trigger(request: Request, caller: Admin, alert: Alert) -> Response:
    """Raise an alert by hand: opens an incident and tells people, as if a check had found it."""
    platform = platform_of(request)
    with platform.store.session() as connection:
        key = key_of(platform, connection, alert.model)
    store = recorded(request, caller, "alerts.trigger", f"model:{key}", title=alert.title, severity=alert.severity)
    raised = raise_alert(store, model=key, title=alert.title, severity=alert.severity, text=alert.text, by=caller.name)
    return answer({"incident": raised.incident_id, "opened": raised.opened}, HTTPStatus.CREATED)


def _run_of(platform: Platform, shown: Shown) -> str | None:
    """The run of the last evaluation that the history names."""
    keys = [event.evaluation_key for event in shown.events if event.evaluation_key is not None]
    if not keys:
        return None
    with platform.store.session() as connection:
        found = evaluations.get(connection, keys[-1:])
    return found[keys[-1]].run_id if keys[-1] in found else None


def _done(request: Request, number: int, *, changed: bool, status: HTTPStatus = HTTPStatus.OK) -> Response:
    incident = lifecycle_view.show_incident(platform_of(request).store, number).incident
    return answer({"changed": changed, "incident": lifecycle_view.as_json(incident)}, status)

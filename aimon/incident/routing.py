"""Routing the outbox: each new notice is held back, given its channels, or withheld; the row says which and why.

Routing is its own transaction after the incident's, so that time, silences and routes count as they are when a
notice could go out, and a change of aimon.yaml takes effect on what still waits.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from aimon import clock
from aimon.incident import routes_time, silences
from aimon.incident.cause import Kind
from aimon.incident.event_kinds import ACKNOWLEDGED, REPEATS, RESOLVED
from aimon.incident.lasting import lasts
from aimon.incident.routes import FOLLOWS, Facts, Route, Routing, facts_of
from aimon.incident.silences import Silence
from aimon.spec.routes import Severity
from aimon.store import Store, incidents, notices
from aimon.store import routing as outbox
from aimon.store.locks import lock
from aimon.store.notices import HELD_UNTIL, UNROUTED, Notice, Status
from aimon.store.routing import Told

TO = "to"
"""Where a payload names its channels itself, as an escalation does."""

BATCH = 200
LOOK_AGAIN = timedelta(minutes=30)
_RANK = {severity.value: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """One notice on its way through routing."""

    connection: Connection
    routing: Routing
    notice: Notice
    kind: str
    now: datetime

    @property
    def facts(self) -> Facts:
        return facts_of(self.notice.severity, self.notice.payload, self.routing.owners)

    @property
    def was_held(self) -> bool:
        return HELD_UNTIL in self.notice.payload


def route_pending(store: Store, routing: Routing) -> int:
    """Route what waits for it; says how many notices were looked at."""
    looked_at = 0
    while True:
        with store.transaction() as connection:
            lock(connection, "routing")
            now = clock.now()
            batch = outbox.unrouted(connection, now=now, limit=BATCH)
            holding = silences.standing(connection, routing.silences, at=now) if batch else []
            for notice in batch:
                kind = outbox.event_kind(connection, notice.event_id)
                _route(_Step(connection=connection, routing=routing, notice=notice, kind=kind, now=now), holding)
        looked_at += len(batch)
        if len(batch) < BATCH:
            return looked_at


def _route(step: _Step, holding: list[Silence]) -> None:
    told = outbox.told_of_incident(step.connection, step.notice.incident_id)
    if step.kind in (RESOLVED, ACKNOWLEDGED):
        _assign(step, _followers(step, told), reasons={})
        return
    if step.was_held and (why := _is_past(step, told)):
        _withhold(step, why)
        return
    silence = _longest(holding, step)
    if silence is not None:
        _hold(step, silence)
        return
    if _must_last(step):
        _wait(step)
        return
    chosen = _escalated(step) or step.routing.choose(step.facts, step.now)
    reasons = {route.channel: why for route in chosen if (why := _repeated(step, route.channel))}
    _assign(step, chosen, reasons)


def _must_last(step: _Step) -> bool:
    """Whether it is a warning of drift that may be over tomorrow; what a user's own rule found is told at once."""
    found = step.notice.payload.get("findings", ())
    if step.notice.severity != Severity.WARNING or step.kind not in REPEATS or any(each.get("rule") for each in found):
        return False
    incident = incidents.get(step.connection, step.notice.incident_id)
    if incident is None or incident.kind != Kind.DRIFT:
        return False
    return not lasts(step.connection, incident, step.routing.rules.warn_after)


def _wait(step: _Step) -> None:
    """Look again soon: it goes out once it lasted, and is withheld if it was over before."""
    again = step.now + LOOK_AGAIN
    outbox.assign(
        step.connection,
        step.notice.id,
        payload={**step.notice.payload, HELD_UNTIL: again.isoformat()},
        next_attempt_at=again,
        last_error="a warning of drift is told once it lasts",
    )


def _escalated(step: _Step) -> list[Route]:
    """The channels that an escalation names."""
    return [Route(name) for name in step.notice.payload.get(TO, ()) if name in step.routing.channels]


def _evidence(step: _Step) -> dict[str, str]:
    """Where to read on: what only the declarations know."""
    worst = next(iter(step.notice.payload.get("findings", ())), None)
    seen = worst is not None and worst.get("note") is None
    links = {
        "runbook": step.routing.runbook(step.facts),
        "report": step.routing.report(step.facts.model, date.fromisoformat(worst["day"])) if worst and seen else None,
    }
    return {name: link for name, link in links.items() if link is not None}


def _is_past(step: _Step, told: list[Told]) -> str:
    """Why a notice that was held back need not go out any more; an empty text if it must."""
    incident = incidents.get(step.connection, step.notice.incident_id)
    if incident is not None and incident.resolved_at is not None:
        return "the incident was resolved before the notice could go out"
    later = [other for other in told if other.event_id > step.notice.event_id and other.kind not in _CALM]
    return "a later notice of the incident takes its place" if later else ""


_REACHES = (Status.PENDING, Status.DIGEST, Status.DELIVERED)
_CALM = frozenset({RESOLVED, ACKNOWLEDGED})


def _longest(holding: list[Silence], step: _Step) -> Silence | None:
    fitting = [silence for silence in holding if silence.holds(step.facts, step.now)]
    return max(fitting, key=lambda silence: silence.ends_at, default=None)


def _followers(step: _Step, told: list[Told]) -> list[Route]:
    """Who heard of the incident hears of its end; who keeps its state hears of the acknowledgement too."""
    heard: dict[str, Route] = {}
    for each in told:
        if each.channel not in step.routing.channels or each.status not in _REACHES or each.kind == ACKNOWLEDGED:
            continue
        if each.kind == RESOLVED:
            heard.pop(each.channel, None)
        else:
            heard[each.channel] = Route(each.channel, digest=each.status is Status.DIGEST)
    kinds = {name: spec.kind for name, spec in step.routing.channels.items()}
    return [route for name, route in heard.items() if step.kind == RESOLVED or kinds[name] in FOLLOWS]


def _repeated(step: _Step, channel: str) -> str:
    """Why the channel need not hear of this cause again; an empty text if it must.

    It must where the severity rose, where the event is no repetition, and where it was told that all is well.
    """
    if step.kind not in REPEATS:
        return ""
    since = step.notice.created_at - step.routing.rules.repeat_after
    payload = step.notice.payload
    before = outbox.told_of_cause(
        step.connection, cause=str(payload["cause"]), model=str(payload["model"]), channel=channel, since=since
    )
    reached = [
        each
        for each in before
        if each.id != step.notice.id and each.kind != ACKNOWLEDGED and each.status is not Status.WITHHELD
    ]
    if not reached or reached[-1].kind == RESOLVED:
        return ""
    if _RANK[step.notice.severity] > max(_RANK[each.severity] for each in reached):
        return ""
    return f"the same cause was told at {clock.iso(reached[-1].created_at)}"


def _assign(step: _Step, chosen: list[Route], reasons: Mapping[str, str]) -> None:
    """The first channel gets the notice's own row, each other one a row with an id of its own."""
    if not chosen:
        _withhold(step, "no channel was to hear of it")
        return
    for place, route in enumerate(chosen):
        values = _values(step, route, reasons.get(route.channel))
        payload = {**step.notice.payload, **_evidence(step), **_held(values, step)}
        if place == 0:
            outbox.assign(step.connection, step.notice.id, payload=payload, **values)
            continue
        notice_id = f"{step.notice.id.rpartition('-')[0]}-{secrets.token_hex(6)}"
        notices.add(
            step.connection,
            id=notice_id,
            incident_id=step.notice.incident_id,
            event_id=step.notice.event_id,
            severity=step.notice.severity,
            subject=step.notice.subject,
            body=step.notice.body,
            payload={**payload, "id": notice_id},
            at=step.notice.created_at,
            **values,
        )


def _values(step: _Step, route: Route, why_not: str | None) -> dict[str, Any]:
    """The columns of one channel's notice."""
    if why_not:
        return {"channel": route.channel, "status": Status.WITHHELD, "last_error": why_not}
    rules, due = step.routing.rules, step.now
    if rules.quiet is not None and step.notice.severity != Severity.CRITICAL:
        due = routes_time.over(rules.quiet, step.routing.calendars, due)
    if route.digest:
        due = routes_time.next_at(rules.digest_at, rules.timezone, due)
    status = Status.DIGEST if route.digest else Status.PENDING
    return {"channel": route.channel, "status": status, "next_attempt_at": due, "last_error": None}


def _held(values: Mapping[str, Any], step: _Step) -> dict[str, str]:
    due = values.get("next_attempt_at", step.now)
    return {HELD_UNTIL: due.isoformat()} if due > step.now else {}


def _hold(step: _Step, silence: Silence) -> None:
    payload = {**step.notice.payload, HELD_UNTIL: silence.ends_at.isoformat()}
    outbox.assign(
        step.connection,
        step.notice.id,
        payload=payload,
        next_attempt_at=silence.ends_at,
        last_error=str(silence),
    )


def _withhold(step: _Step, why: str) -> None:
    outbox.assign(
        step.connection,
        step.notice.id,
        payload=step.notice.payload,
        channel=UNROUTED,
        status=Status.WITHHELD,
        last_error=why,
    )

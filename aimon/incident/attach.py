"""Attaching findings to the incident of their cause: opened, reopened, continued, worsened, confirmed or cleared."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from aimon.incident import outbox, words
from aimon.incident.cause import Cause, Kind
from aimon.incident.found import are_past, severity_of, worst_first
from aimon.incident.joining import join
from aimon.incident.nearness import ECHOES_FOR, echoes, is_recent, reaches
from aimon.store import findings, incidents
from aimon.store.findings import Finding, StoredFinding
from aimon.store.incidents import Incident
from aimon.verdict.record import Verdict

ACTOR = "aimon"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where findings come from: the evaluation and run that made them, and when they are written down.

    `label_horizon` is how long the model's labels take, `data_version` the digest of the day's rows.
    """

    at: datetime
    evaluation_key: str | None = None
    run_id: str | None = None
    label_horizon: timedelta = timedelta(0)
    data_version: str | None = None


@dataclass(slots=True)
class Difference:
    """What is found now, beside what was found of the same days before."""

    fresh: list[Finding] = field(default_factory=list)
    returned: list[tuple[StoredFinding, Finding]] = field(default_factory=list)
    known: list[tuple[StoredFinding, Finding]] = field(default_factory=list)
    gone: list[StoredFinding] = field(default_factory=list)

    @property
    def news(self) -> list[Finding]:
        """What nobody has been told of yet, the worst first."""
        return worst_first([*self.fresh, *(new for _, new in self.returned)])


@dataclass(frozen=True, slots=True)
class Attached:
    """What became of the findings: the incident they opened, if any, and how many notices were put."""

    opened: int | None = None
    notices: int = 0


def compare(found: Iterable[Finding], before: Iterable[StoredFinding]) -> Difference:
    """Tell news from what is known. A finding returns when it had been cleared or when its severity rose."""
    earlier = {finding.key: finding for finding in before}
    difference = Difference()
    for finding in found:
        old = earlier.pop(finding.key, None)
        if old is None:
            difference.fresh.append(finding)
        elif old.cleared_at is not None or _rises(old.verdict, finding.verdict):
            difference.returned.append((old, finding))
        else:
            difference.known.append((old, finding))
    difference.gone = [old for old in earlier.values() if old.cleared_at is None]
    return difference


def attach(connection: Connection, cause: Cause, difference: Difference, origin: Origin) -> Attached:
    """Write the difference down. The caller holds the lock of the cause, and all findings are about one day."""
    settle(connection, difference, origin)
    return attach_news(connection, cause, difference, origin)


def settle(connection: Connection, difference: Difference, origin: Origin) -> None:
    """Write down what is no news: found again, and no longer found."""
    _confirm(connection, difference, origin)
    clear(connection, difference.gone, origin)


def attach_news(connection: Connection, cause: Cause, difference: Difference, origin: Origin) -> Attached:
    """Open, reopen or continue the incident of the cause with what is new."""
    news = difference.news
    if not news:
        return Attached()
    past = are_past(news, origin.label_horizon)
    join(connection, cause, news[0].day, at=origin.at, evaluation_key=origin.evaluation_key)
    incident = _standing(connection, cause, news[0].day, past=past)
    if incident is not None:
        attached = _surface if incident.historic and not past else _continue
        return attached(connection, cause, incident, difference, origin)
    over = _resolved_lately(connection, cause, origin.at, historic=past)
    if over is not None and all(echoes(over, finding) for finding in news):
        return _echo(connection, over, difference, origin)
    if over is not None and is_recent(over, origin.at):
        return _reopen(connection, cause, over, difference, origin)
    return _open(connection, cause, difference, origin, historic=past)


def _standing(connection: Connection, cause: Cause, day: date, *, past: bool) -> Incident | None:
    """The unresolved incident that the day's findings belong to: that of their time, or one that reaches to them."""
    for historic in (False, True):
        incident = incidents.unresolved(connection, cause=str(cause), historic=historic)
        if incident is not None and (historic == past or reaches(incident, day)):
            return incident
    return None


def _resolved_lately(connection: Connection, cause: Cause, at: datetime, *, historic: bool) -> Incident | None:
    if cause.kind is Kind.SILENCE:
        return None
    since = at - ECHOES_FOR
    recent = incidents.recent(connection, model=cause.model, kind=cause.kind, historic=historic, resolved_since=since)
    return next((incident for incident in reversed(recent) if incident.cause == str(cause)), None)


def _echo(connection: Connection, incident: Incident, difference: Difference, origin: Origin) -> Attached:
    """A longer window looks back on what is over: kept, and told to nobody."""
    _keep(connection, incident.id, difference, origin)
    _event(connection, incident.id, "echoed", difference.news, origin)
    return Attached()


def clear(connection: Connection, gone: Sequence[StoredFinding], origin: Origin) -> None:
    """Note that findings are no longer found, in the history of each incident that they belong to."""
    findings.clear(connection, [old.id for old in gone], at=origin.at)
    for incident_id in sorted({old.incident_id for old in gone}):
        own = [old for old in gone if old.incident_id == incident_id]
        _event(connection, incident_id, "cleared", own, origin)


def _confirm(connection: Connection, difference: Difference, origin: Origin) -> None:
    """The same findings again, as from a rerun: their numbers are renewed and nobody is told."""
    if not difference.known:
        return
    findings.renew(connection, difference.known, incident_id=None, evaluation_key=origin.evaluation_key)
    for incident_id in sorted({old.incident_id for old, _ in difference.known}):
        own = [new for old, new in difference.known if old.incident_id == incident_id]
        _event(connection, incident_id, "confirmed", own, origin)


def _open(connection: Connection, cause: Cause, difference: Difference, origin: Origin, *, historic: bool) -> Attached:
    news = difference.news
    day, severity = news[0].day, severity_of(news)
    incident_id = incidents.add(
        connection,
        cause=str(cause),
        kind=cause.kind,
        model=cause.model,
        subject=cause.subject,
        historic=historic,
        severity=severity,
        title=words.title(cause, news[0]),
        first_day=day,
        last_day=day,
        at=origin.at,
    )
    _keep(connection, incident_id, difference, origin)
    event_id = _event(connection, incident_id, "opened", news, origin)
    told = 0 if historic else _tell(connection, cause, (incident_id, event_id), news, (day, day), origin)
    return Attached(opened=incident_id, notices=told)


def _reopen(
    connection: Connection, cause: Cause, incident: Incident, difference: Difference, origin: Origin
) -> Attached:
    news = difference.news
    severity, days = severity_of(news), _span(incident, news)
    changes = {"severity": severity, "title": words.title(cause, news[0]), "first_day": days[0], "last_day": days[1]}
    incidents.reopen(connection, incident.id, at=origin.at, **changes)
    _keep(connection, incident.id, difference, origin)
    event_id = _event(connection, incident.id, "reopened", news, origin)
    if incident.historic:
        return Attached()
    return Attached(notices=_tell(connection, cause, (incident.id, event_id), news, days, origin))


def _surface(
    connection: Connection, cause: Cause, incident: Incident, difference: Difference, origin: Origin
) -> Attached:
    """What was found of the past goes on today, so its incident is about now, and is told."""
    news = difference.news
    severity, days = severity_of(news), _span(incident, news)
    changes = {"severity": severity, "title": words.title(cause, news[0]), "first_day": days[0], "last_day": days[1]}
    incidents.change(connection, incident.id, historic=False, updated_at=origin.at, **changes)
    _keep(connection, incident.id, difference, origin)
    event_id = _event(connection, incident.id, "surfaced", news, origin)
    return Attached(notices=_tell(connection, cause, (incident.id, event_id), news, days, origin))


def _continue(
    connection: Connection, cause: Cause, incident: Incident, difference: Difference, origin: Origin
) -> Attached:
    """Add to an incident that stands. What is found of the past makes one of today no worse."""
    news = difference.news
    severity, days = severity_of(news), _span(incident, news)
    backfilled = not incident.historic and are_past(news, origin.label_horizon)
    worsened = not backfilled and _rises(incident.severity, severity)
    changes: dict[str, object] = {"first_day": days[0], "last_day": days[1], "updated_at": origin.at}
    if worsened:
        changes |= {"severity": severity, "title": words.title(cause, news[0])}
    incidents.change(connection, incident.id, **changes)
    _keep(connection, incident.id, difference, origin)
    kind = "backfilled" if backfilled else "worsened" if worsened else "continued"
    event_id = _event(connection, incident.id, kind, news, origin)
    if not worsened or incident.historic:
        return Attached()
    return Attached(notices=_tell(connection, cause, (incident.id, event_id), news, days, origin))


def explain(connection: Connection, incident: Incident, difference: Difference, origin: Origin) -> Attached:
    """Keep what an incident explains as its evidence. People are told only where that makes it worse."""
    severity = severity_of(difference.news)
    if incident.resolved_at is None and _rises(incident.severity, severity):
        cause = Cause(Kind(incident.kind), incident.model, incident.subject)
        return _continue(connection, cause, incident, difference, origin)
    incidents.change(connection, incident.id, updated_at=origin.at)
    _keep(connection, incident.id, difference, origin)
    _event(connection, incident.id, "explained", difference.news, origin)
    return Attached()


def _span(incident: Incident, news: Sequence[Finding]) -> tuple[date, date]:
    """The incident's first and last day once the news belongs to it."""
    day = news[0].day
    return min(day, incident.first_day or day), max(day, incident.last_day or day)


def _tell(
    connection: Connection,
    cause: Cause,
    numbers: tuple[int, int],
    news: Sequence[Finding],
    days: tuple[date, date],
    origin: Origin,
) -> int:
    """Put a notice of the event; `numbers` are the incident's and the event's."""
    incident_id, event_id = numbers
    return outbox.put(
        connection,
        cause=cause,
        incident_id=incident_id,
        event_id=event_id,
        severity=severity_of(news),
        found=news,
        days=days,
        run_id=origin.run_id,
        at=origin.at,
        data_version=origin.data_version,
    )


def _keep(connection: Connection, incident_id: int, difference: Difference, origin: Origin) -> None:
    key = origin.evaluation_key
    findings.add(connection, difference.fresh, incident_id=incident_id, evaluation_key=key, at=origin.at)
    findings.renew(connection, difference.returned, incident_id=incident_id, evaluation_key=key)


def _event(connection: Connection, incident_id: int, kind: str, about: Sequence[Finding], origin: Origin) -> int:
    worst = worst_first(about)[0]
    detail = {
        "day": worst.day.isoformat(),
        "findings": len(about),
        "severity": severity_of(about),
        "worst": words.described(worst),
        **({} if origin.data_version is None else {"data_version": origin.data_version}),
    }
    return incidents.add_event(
        connection,
        incident_id,
        kind,
        at=origin.at,
        actor=ACTOR,
        evaluation_key=origin.evaluation_key,
        detail=detail,
    )


def _rises(old: str, new: str) -> bool:
    return new == Verdict.CRITICAL and old != Verdict.CRITICAL

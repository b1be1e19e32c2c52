"""Silence: a step that should have been done by now and is not. One incident a model; it closes when the steps come.

Whoever knows what is materialised says so here: what is awaited, until when, and whether it is done.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import Connection

from aimon import clock
from aimon.incident import found
from aimon.incident.attach import Origin, attach_news, clear, compare, explain, settle
from aimon.incident.cause import Cause, Kind
from aimon.incident.lifecycle_clean import end
from aimon.store import Store, findings, incidents
from aimon.store.findings import StoredFinding
from aimon.store.incidents import Incident
from aimon.store.locks import lock

SUBJECT = "analysis"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One step of one model's day: when it is due, and whether it is done."""

    model: str
    day: date
    step: str
    deadline: datetime
    done: bool

    @property
    def key(self) -> tuple[str, date, str]:
        return self.model, self.day, self.step


@dataclass(frozen=True, slots=True)
class Watched:
    """What the watch changed: incidents it opened and closed; and the models that are silent now."""

    opened: tuple[int, ...] = ()
    closed: tuple[int, ...] = ()
    silent: tuple[str, ...] = ()


def awaited(store: Store) -> list[tuple[str, date, str]]:
    """The (model, day, step) that are reported missing: a watcher asks for these too, however old they are."""
    with store.session() as connection:
        return [_key(finding) for finding in findings.standing(connection, family=found.SILENCE)]


def watch(store: Store, expectations: Iterable[Expectation]) -> Watched:
    """Open, continue or close the silence of each model. Saying the same again changes nothing."""
    now = clock.now()
    told = sorted(expectations, key=lambda each: each.key)
    with store.session() as connection:
        standing = {_key(finding) for finding in findings.standing(connection, family=found.SILENCE)}
        retired = {finding.model for finding in findings.standing(connection, family=found.SILENCE, retired=True)}
    changed = {
        each.model for each in told if (each.key in standing) is each.done and (each.done or each.deadline < now)
    }
    opened: list[int] = []
    closed: list[int] = []
    for model in sorted(changed | retired):
        with store.transaction() as connection:
            cause = Cause(Kind.SILENCE, model, SUBJECT)
            lock(connection, "cause", cause.model)
            if model in retired:
                clear(connection, findings.standing(connection, family=found.SILENCE, model=model), Origin(at=now))
            else:
                opened += _compare_days(connection, cause, [each for each in told if each.model == model], now)
            closed += _close(connection, cause, now)
    silent = {each.model for each in told if not each.done and each.deadline < now} - retired
    return Watched(tuple(opened), tuple(closed), tuple(sorted(silent)))


def _compare_days(connection: Connection, cause: Cause, told: list[Expectation], now: datetime) -> list[int]:
    opened = []
    for day, of_day in groupby(told, key=lambda each: each.day):
        expected = {each.step: each for each in of_day}
        earlier = findings.of_day(connection, model=cause.model, day=day, families=[found.SILENCE])
        asked = [finding for finding in earlier if finding.metric in expected]
        overdue = [
            found.of_silence(each.model, each.step, day, _note(each))
            for each in expected.values()
            if not each.done and each.deadline < now
        ]
        difference = compare(overdue, asked)
        difference.known = []  # still silent is no news, not even for the history
        origin = Origin(at=now)
        settle(connection, difference, origin)
        known = _known_reason(connection, cause.model) if difference.news else None
        if known is None:
            attached = attach_news(connection, cause, difference, origin)
        else:
            attached = explain(connection, known, difference, origin)
        opened += [] if attached.opened is None else [attached.opened]
    return opened


def _known_reason(connection: Connection, model: str) -> Incident | None:
    """The incident that says already why nothing comes: a step that failed, or rows that cannot be used."""
    standing = incidents.query(connection, model=model, historic=False, standing=True)
    return next((each for each in standing if each.kind in (Kind.FAILURE, Kind.FINDINGS)), None)


def _close(connection: Connection, cause: Cause, now: datetime) -> list[int]:
    """Resolve the model's silences in which nothing is missing any more."""
    missing = {
        finding.incident_id for finding in findings.standing(connection, family=found.SILENCE, model=cause.model)
    }
    closed = []
    for historic in (False, True):
        incident = incidents.unresolved(connection, cause=str(cause), historic=historic)
        if incident is not None and incident.id not in missing:
            end(connection, incident, "nothing is missing any more", Origin(at=now))
            closed.append(incident.id)
    return closed


def _note(expectation: Expectation) -> str:
    due = clock.iso(expectation.deadline)
    return f"The step {expectation.step} of {expectation.day} was due at {due} and is not done."


def _key(finding: StoredFinding) -> tuple[str, date, str]:
    return finding.model, finding.day, finding.metric

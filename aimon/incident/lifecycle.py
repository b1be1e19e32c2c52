"""What people do with an incident: acknowledge, resolve, reopen, assign, silence, comment.

Each is a transaction and a line of history. Doing what is done already changes nothing and says so, because a request
may arrive twice.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from aimon import clock
from aimon.errors import ConflictError, MissingError, UserError
from aimon.incident import outbox, silences
from aimon.incident.event_kinds import ACKNOWLEDGED, RESOLVED
from aimon.incident.words import plain
from aimon.store import Store, incidents
from aimon.store.incidents import Incident, Status
from aimon.store.locks import lock

LONGEST_TEXT = 10_000
LONGEST_NAME = 200


def acknowledge(store: Store, incident_id: int, *, by: str, note: str = "") -> bool:
    """Somebody looks after it. False where somebody did already; a resolved incident is refused."""
    actor, said = _name(by), _text(note)
    with store.transaction() as connection:
        incident = _held(connection, incident_id)
        if incident.status is Status.RESOLVED:
            raise ConflictError(f"incident {incident_id} is resolved; reopen it before it is acknowledged")
        if incident.status is Status.ACKNOWLEDGED:
            return False
        now = clock.now()
        values = {"status": Status.ACKNOWLEDGED, "acknowledged_at": now, "updated_at": now}
        incidents.change(connection, incident_id, **values)
        _tell(connection, incident, ACKNOWLEDGED, actor, said)
    return True


def resolve(store: Store, incident_id: int, *, by: str, reason: str = "") -> bool:
    """It is over. False where it was over already. It is reopened if its cause comes back soon."""
    actor, said = _name(by), _text(reason)
    with store.transaction() as connection:
        incident = _held(connection, incident_id)
        if incident.status is Status.RESOLVED:
            return False
        incidents.resolve(connection, incident_id, at=clock.now())
        _tell(connection, incident, RESOLVED, actor, said)
    return True


def reopen(store: Store, incident_id: int, *, by: str, reason: str = "") -> bool:
    """It is not over. False where nobody said it was; refused where a later incident has the same cause."""
    actor, said = _name(by), _text(reason)
    with store.transaction() as connection:
        incident = _held(connection, incident_id)
        if incident.status is not Status.RESOLVED:
            return False
        other = incidents.unresolved(connection, cause=incident.cause, historic=incident.historic)
        if other is not None:
            said = f"incident {other.id} is about the same cause as {incident_id} and is not resolved; use it"
            raise ConflictError(said)
        incidents.reopen(connection, incident_id, at=clock.now())
        _tell(connection, incident, "reopened", actor, said)
    return True


def assign(store: Store, incident_id: int, *, to: str, by: str) -> bool:
    """Somebody is to look after it. False where it is theirs already."""
    actor, assignee = _name(by), _name(to)
    with store.transaction() as connection:
        incident = _held(connection, incident_id)
        if incident.assignee == assignee:
            return False
        now = clock.now()
        incidents.change(connection, incident_id, assignee=assignee, updated_at=now)
        detail = {"text": f"to {assignee}", "to": assignee}
        incidents.add_event(
            connection, incident_id, "assigned", at=now, actor=actor, evaluation_key=None, detail=detail
        )
    return True


def silence(store: Store, incident_id: int, *, until: datetime, reason: str, by: str) -> int:
    """Hold back what there is to say of its cause for a while; gives the silence's number."""
    actor = _name(by)
    with store.session() as connection:
        incident = _existing(connection, incident_id)
    when = {"model": incident.model, "cause": incident.cause}
    number = silences.add_silence(store, when, until=until, reason=reason, author=actor)
    with store.transaction() as connection:
        _held(connection, incident_id)
        said = {"text": f"until {clock.iso(until)}: {reason.strip()}", "silence": number}
        incidents.add_event(
            connection, incident_id, "silenced", at=clock.now(), actor=actor, evaluation_key=None, detail=said
        )
    return number


def comment(store: Store, incident_id: int, *, by: str, text: str) -> int:
    """Add a line to the history, whatever the state; gives the line's number."""
    actor, said = _name(by), _text(text)
    if not said:
        raise UserError("a comment needs words")
    with store.transaction() as connection:
        _held(connection, incident_id)
        now = clock.now()
        incidents.change(connection, incident_id, updated_at=now)
        return incidents.add_event(
            connection, incident_id, "commented", at=now, actor=actor, evaluation_key=None, detail={"text": said}
        )


def _tell(connection: Connection, incident: Incident, kind: str, actor: str, said: str) -> None:
    """The line of history, and the notice unless the incident is about the past."""
    now = clock.now()
    detail: dict[str, Any] = {"text": said} if said else {}
    event_id = incidents.add_event(
        connection, incident.id, kind, at=now, actor=actor, evaluation_key=None, detail=detail
    )
    if not incident.historic:
        words = f"{incident.title}\n{kind.capitalize()} by {actor} at {clock.iso(now)}{f': {said}' if said else '.'}"
        outbox.put_event(connection, incident, event_id=event_id, said=words, at=now)


def _held(connection: Connection, incident_id: int) -> Incident:
    """The incident as it is, and as it stays until the transaction ends."""
    incident = _existing(connection, incident_id)
    lock(connection, "cause", incident.model)
    return _existing(connection, incident_id)


def _existing(connection: Connection, incident_id: int) -> Incident:
    incident = incidents.get(connection, incident_id)
    if incident is None:
        raise MissingError(f"there is no incident {incident_id}; list them to see which there are")
    return incident


def _name(by: str) -> str:
    actor = " ".join(plain(by).split())
    if not actor or len(actor) > LONGEST_NAME:
        raise UserError(f"an incident's history names who did it, in 1 to {LONGEST_NAME} characters")
    return actor


def _text(said: str) -> str:
    text = plain(said).strip()
    if len(text) > LONGEST_TEXT:
        raise UserError(f"the text has {len(text):,} characters; the history takes {LONGEST_TEXT:,}")
    return text

"""Alerts that people and programs raise by hand: an incident with a notice, as if a check had found it.

The same title about the same model while its incident stands is a further line of that incident.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from aimon import clock
from aimon.errors import UserError
from aimon.incident import outbox
from aimon.incident.cause import Cause, Kind
from aimon.incident.words import plain
from aimon.store import Store, incidents
from aimon.store.locks import lock

LONGEST_TITLE = 200
LONGEST_TEXT = 10_000
SEVERITIES = ("warning", "critical")


@dataclass(frozen=True, slots=True)
class Alerted:
    """The incident, and whether the alert opened it."""

    incident_id: int
    opened: bool


def raise_alert(store: Store, *, model: str, title: str, severity: str, by: str, text: str = "") -> Alerted:
    """Open an incident about the model, or add to the one that stands; people are told either way."""
    said = " ".join(plain(title).split())
    words = plain(text).strip()
    if not said or len(said) > LONGEST_TITLE or len(words) > LONGEST_TEXT:
        raise UserError(f"an alert has a title of 1 to {LONGEST_TITLE} characters and a text of up to {LONGEST_TEXT:,}")
    if severity not in SEVERITIES:
        raise UserError(f"the severity of an alert is {' or '.join(SEVERITIES)}")
    cause = Cause(Kind.ALERT, model, _subject(said))
    with store.transaction() as connection:
        lock(connection, "cause", model)
        standing = incidents.unresolved(connection, cause=str(cause), historic=False)
        known = None if standing is None else standing.id
        number = known or _opened(connection, cause, f"{model}: {said}", severity)
        if standing is not None:
            worse = "critical" if "critical" in (standing.severity, severity) else severity
            incidents.change(connection, number, severity=worse, updated_at=clock.now())
        _tell(connection, number, "continued" if known else "opened", by, words)
    return Alerted(number, known is None)


def _opened(connection: Connection, cause: Cause, title: str, severity: str) -> int:
    return incidents.add(
        connection,
        cause=str(cause),
        kind=cause.kind,
        model=cause.model,
        subject=cause.subject,
        historic=False,
        severity=severity,
        title=title,
        first_day=clock.today(),
        last_day=clock.today(),
        at=clock.now(),
    )


def _tell(connection: Connection, number: int, kind: str, by: str, words: str) -> None:
    now, incident = clock.now(), incidents.get(connection, number)
    if incident is None:
        return
    detail = {"text": words} if words else {}
    event = incidents.add_event(connection, number, kind, at=now, actor=by, evaluation_key=None, detail=detail)
    said = f"{incident.title}\nAlert by {by} at {clock.iso(now)}{f': {words}' if words else '.'}"
    outbox.put_event(connection, incident, event_id=event, said=said, at=now)


def _subject(title: str) -> str:
    """What alerts of one title have in common.

    >>> _subject("Scores look OFF")
    'scores look off'
    """
    return title.casefold()

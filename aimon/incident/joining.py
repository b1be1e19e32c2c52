"""Joining: a day that lies near both the incident of the past and the one of now shows that they are one trouble.

What was found of the past moves to the one of now. Nobody is told: who had to hear of it has heard.
"""

from datetime import date, datetime

from sqlalchemy import Connection

from aimon.incident.cause import Cause
from aimon.incident.nearness import reaches
from aimon.store import findings, incidents
from aimon.store.incidents import Incident

ACTOR = "aimon"


def join(connection: Connection, cause: Cause, day: date, *, at: datetime, evaluation_key: str | None) -> None:
    """Let the incident of now take over the one of the past, where both stand and both reach to the day."""
    live, past = (incidents.unresolved(connection, cause=str(cause), historic=historic) for historic in (False, True))
    if live is None or past is None or not (reaches(live, day) and reaches(past, day)):
        return
    findings.move(connection, past.id, live.id)
    first, last = _span(live, past)
    incidents.change(connection, live.id, first_day=first, last_day=last, updated_at=at)
    incidents.resolve(connection, past.id, at=at)
    for incident, detail in ((live, {"from": past.id}), (past, {"into": live.id})):
        incidents.add_event(
            connection, incident.id, "joined", at=at, actor=ACTOR, evaluation_key=evaluation_key, detail=detail
        )


def _span(*both: Incident) -> tuple[date | None, date | None]:
    """The days of both."""
    firsts = [incident.first_day for incident in both if incident.first_day is not None]
    lasts = [incident.last_day for incident in both if incident.last_day is not None]
    return min(firsts, default=None), max(lasts, default=None)

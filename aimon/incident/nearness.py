"""How near in time findings and incidents have to be to belong together. Pure: days in, yes or no out."""

from datetime import date, datetime, timedelta

from aimon.clock import DAY
from aimon.incident.found import window_length
from aimon.store.findings import Finding
from aimon.store.incidents import Incident

REOPEN_WITHIN = timedelta(days=7)
"""A cause that comes back this soon after its incident was resolved is the same trouble."""

ECHOES_FOR = timedelta(days=30)
"""How long after its end an incident may be heard in the longest windows."""

JOINS_WITHIN = timedelta(days=7)
"""Findings of the past and of now, of one cause, are one trouble where no more than this lies between them."""


def reaches(incident: Incident, day: date) -> bool:
    """Whether the day lies within the incident's days, or near them."""
    if incident.first_day is None or incident.last_day is None:
        return False
    return incident.first_day - JOINS_WITHIN <= day <= incident.last_day + JOINS_WITHIN


def is_recent(incident: Incident, at: datetime) -> bool:
    """Whether the incident stands, or ended so lately that its cause would come back to it."""
    return incident.resolved_at is None or incident.resolved_at >= at - REOPEN_WITHIN


def echoes(incident: Incident, finding: Finding) -> bool:
    """Whether the finding is of a longer window that still holds days of the incident."""
    span = window_length(finding.window)
    return span > DAY and incident.last_day is not None and finding.day - span < incident.last_day <= finding.day

"""Writing notices: what people should be told of an incident, put into the outbox in the incident's transaction.

Which channels hear of it is decided afterwards, by routing.
"""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from aimon import clock
from aimon.incident import roots, words
from aimon.incident.cause import Cause
from aimon.store import notices
from aimon.store.findings import Finding, fields_of
from aimon.store.incidents import Incident
from aimon.store.routing import event_kind, told_of_incident

FINDINGS_TOLD = 20
ABOUT = ("families", "segments", "findings", "findings_in_all", "data_version", "root")
"""What of a notice's payload a later one of the same incident may say again."""


def put(
    connection: Connection,
    *,
    cause: Cause,
    incident_id: int,
    event_id: int,
    severity: str,
    found: Sequence[Finding],
    days: tuple[date, date],
    run_id: str | None,
    at: datetime,
    data_version: str | None = None,
) -> int:
    """Put a notice that waits for its channels; says how many were put. `found` starts with the worst."""
    root = roots.likely(connection, cause, incident_id, found[0].day)
    _put(
        connection,
        incident_id=incident_id,
        event_id=event_id,
        severity=severity,
        subject=f"[{severity}] {words.title(cause, found[0])}",
        text=words.body(cause, found, days, run_id, root),
        at=at,
        told={
            "cause": str(cause),
            "model": cause.model,
            "run_id": run_id,
            "families": sorted({finding.family for finding in found}),
            "segments": sorted({finding.segment for finding in found if finding.segment is not None}),
            "findings": [_plain(finding) for finding in found[:FINDINGS_TOLD]],
            "findings_in_all": len(found),
            **({} if root is None else {"root": root}),
            **({} if data_version is None else {"data_version": data_version}),
        },
    )
    return 1


def put_event(
    connection: Connection,
    incident: Incident,
    *,
    event_id: int,
    said: str,
    at: datetime,
    told: Mapping[str, Any] | None = None,
) -> int:
    """Put a notice about an event that found nothing new, such as acknowledged or resolved; says how many were put."""
    kind = event_kind(connection, event_id)
    about: dict[str, Any] = {
        "cause": incident.cause,
        "model": incident.model,
        "run_id": None,
        "findings": [],
        "findings_in_all": 0,
        **(told or {}),
    }
    _put(
        connection,
        incident_id=incident.id,
        event_id=event_id,
        severity=incident.severity,
        subject=f"[{kind}] {incident.title}",
        text=said,
        at=at,
        told=about,
    )
    return 1


def _put(
    connection: Connection,
    *,
    incident_id: int,
    event_id: int,
    severity: str,
    subject: str,
    text: str,
    at: datetime,
    told: dict[str, Any],
) -> None:
    earlier = {told.severity for told in told_of_incident(connection, incident_id)}
    notice_id = f"{at:%Y%m%dT%H%M%S}-{secrets.token_hex(6)}"
    payload = {
        "id": notice_id,
        "incident": incident_id,
        "kind": event_kind(connection, event_id),
        "severity": severity,
        "severities": sorted({severity, *earlier}),
        "subject": subject,
        "text": text,
        "at": clock.iso(at),
        **told,
    }
    notices.add(
        connection,
        id=notice_id,
        incident_id=incident_id,
        event_id=event_id,
        channel=notices.UNROUTED,
        severity=severity,
        subject=subject,
        body=text,
        payload=payload,
        at=at,
    )


def _plain(finding: Finding) -> dict[str, Any]:
    return {**fields_of(finding), "day": finding.day.isoformat()}

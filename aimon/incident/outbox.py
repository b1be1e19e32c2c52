"""Writing notices: what people should be told of an incident, put into the outbox in the incident's transaction."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from aimon import clock
from aimon.incident import words
from aimon.incident.cause import Cause
from aimon.store import notices
from aimon.store.findings import Finding
from aimon.verdict.record import Verdict

ROUTES: dict[str, tuple[str, ...]] = {Verdict.WARNING: ("file",), Verdict.CRITICAL: ("file",)}
"""Which channels hear of which severity."""

FINDINGS_TOLD = 20


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
) -> int:
    """Put one notice for each channel that hears of the severity; says how many. `found` starts with the worst."""
    subject = f"[{severity}] {words.title(cause, found[0])}"
    text = words.body(cause, found, days, run_id)
    payload: dict[str, Any] = {
        "incident": incident_id,
        "cause": str(cause),
        "model": cause.model,
        "severity": severity,
        "subject": subject,
        "text": text,
        "at": clock.iso(at),
        "run_id": run_id,
        "findings": [_plain(finding) for finding in found[:FINDINGS_TOLD]],
        "findings_in_all": len(found),
    }
    for channel in ROUTES[severity]:
        notice_id = f"{at:%Y%m%dT%H%M%S}-{secrets.token_hex(6)}"
        notices.add(
            connection,
            id=notice_id,
            incident_id=incident_id,
            event_id=event_id,
            channel=channel,
            severity=severity,
            subject=subject,
            body=text,
            payload={"id": notice_id, **payload},
            at=at,
        )
    return len(ROUTES[severity])


def _plain(finding: Finding) -> dict[str, Any]:
    return {**asdict(finding), "day": finding.day.isoformat()}

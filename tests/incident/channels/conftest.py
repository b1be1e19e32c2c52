"""A notice to send, and a certificate to send it under."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from aimon.store.notices import Notice, Status
from tests.incident.channels.receivers import Certificate, make_certificate

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
FINDING = {
    "family": "drift",
    "metric": "psi",
    "column": "income",
    "segment": "channel=web",
    "group": None,
    "value": 0.3125,
    "threshold": 0.25,
    "day": "2026-11-19",
}
PAYLOAD: dict[str, Any] = {
    "id": "20261120T060000-1f3a9c2b0d4e",
    "incident": 42,
    "kind": "opened",
    "cause": "findings|loans|drift",
    "model": "loans",
    "severity": "critical",
    "families": ["drift"],
    "segments": ["channel=web"],
    "findings": [FINDING],
    "findings_in_all": 1,
    "at": "2026-11-20T06:00:00Z",
}
MakeNotice = Callable[..., Notice]


def make(**changes: Any) -> Notice:
    """A notice; `changes` are its fields, or keys of its payload."""
    notice = Notice(
        id=PAYLOAD["id"],
        incident_id=42,
        event_id=7,
        channel="team",
        severity="critical",
        subject="[critical] loans: income drifted (PSI 0.312, limit 0.25)",
        body="On 2026-11-19 the drift check of loans found 1 value beyond limits.\nNext: compare the distributions.",
        payload=PAYLOAD,
        status=Status.PENDING,
        attempts=1,
        next_attempt_at=NOW,
        last_error=None,
        created_at=NOW,
        delivered_at=None,
    )
    fields = {name: value for name, value in changes.items() if name in Notice.__dataclass_fields__}
    told = {name: value for name, value in changes.items() if name not in fields}
    payload = {**json.loads(json.dumps(PAYLOAD)), **told, "severity": fields.get("severity", "critical")}
    return replace(notice, **{"payload": payload, **fields})


@pytest.fixture(scope="session")
def notice() -> MakeNotice:
    return make


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))

"""Digests: several notices of one channel as one message, the worst first."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from aimon import clock
from aimon.spec.routes import Severity
from aimon.store.notices import Notice

DIGEST = "digest"
LARGEST = 100
_RANK = {severity.value: rank for rank, severity in enumerate(Severity)}


def combine(group: Sequence[Notice]) -> Notice:
    """One notice that says what all of them say. The same group has the same id."""
    ordered = sorted(group, key=lambda notice: (-_RANK[notice.severity], notice.event_id))
    worst = ordered[0]
    notice_id = f"digest-{sha256(' '.join(sorted(notice.id for notice in group)).encode()).hexdigest()[:24]}"
    subject = f"[digest] {_counted(group)}"
    body = "\n\n".join(f"{notice.subject}\n{notice.body}" for notice in ordered)
    payload: dict[str, Any] = {
        "id": notice_id,
        "kind": DIGEST,
        "incident": None,
        "severity": worst.severity,
        "subject": subject,
        "text": body,
        "at": clock.iso(max(notice.created_at for notice in group)),
        "notices": [dict(notice.payload) for notice in ordered],
    }
    return replace(worst, id=notice_id, subject=subject, body=body, payload=payload)


def _counted(group: Sequence[Notice]) -> str:
    """How many notices of which severity about how many models.

    >>> _counted([])
    'no notices'
    """
    if not group:
        return "no notices"
    severities = Counter(notice.severity for notice in group)
    by_severity = ", ".join(f"{severities[name]} {name}" for name in sorted(severities, key=lambda name: -_RANK[name]))
    models = sorted({str(notice.payload.get("model")) for notice in group})
    about = models[0] if len(models) == 1 else f"{len(models)} models"
    return f"{len(group)} notice{'s'[: len(group) - 1]} about {about}: {by_severity}"

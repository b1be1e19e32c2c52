"""What every message says, whatever its form: title, text, facts, link. Read from the payload of a notice."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aimon.incident.event_kinds import ACKNOWLEDGED, RESOLVED
from aimon.incident.words import plain
from aimon.metrics.names import figure
from aimon.store.notices import Notice

CRITICAL = "critical"
LONGEST_FACT = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A notice in parts. `facts` are in the order to show them; `severities` are all that the incident had."""

    id: str
    kind: str
    severity: str
    title: str
    text: str
    at: datetime
    incident: int | None
    cause: str
    model: str
    facts: tuple[tuple[str, str], ...]
    families: tuple[str, ...]
    severities: tuple[str, ...]
    link: str | None

    @property
    def calls_out(self) -> bool:
        """Whether somebody should look now."""
        return self.severity == CRITICAL and self.kind not in (RESOLVED, ACKNOWLEDGED)


def message_of(notice: Notice, dashboard: str | None = None) -> Message:
    """The parts of a notice; `dashboard` is the address that people reach the dashboard at."""
    told = notice.payload
    incident = told.get("incident")
    link = None if dashboard is None else dashboard.rstrip("/") + "/incidents" + (f"/{incident}" if incident else "")
    title = one_line(plain(notice.subject)) or "aimon"
    return Message(
        id=notice.id,
        kind=str(told.get("kind", "opened")),
        severity=notice.severity,
        title=title,
        text=plain(notice.body).strip() or title,
        at=notice.created_at,
        incident=incident,
        cause=str(told.get("cause", "")),
        model=str(told.get("model") or ""),
        facts=_facts(notice, told),
        families=tuple(told.get("families", ())),
        severities=tuple(told.get("severities", (notice.severity,))),
        link=link,
    )


def one_line(text: str) -> str:
    r"""The text without line breaks.

    >>> one_line("two\n  lines")
    'two lines'
    """
    return " ".join(text.split())


def cut(text: str, longest: int) -> str:
    """The text, or as much of it as may be there.

    >>> cut("a long sentence", 8)
    'a long …'
    """
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _facts(notice: Notice, told: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    worst: Mapping[str, Any] = next(iter(told.get("findings", ())), {})
    place = " x ".join(_labels(worst.get("column")))
    metric = f"{worst.get('metric', '')}{f' of {place}' if place else ''}"
    where = worst.get("segment")
    facts = (
        ("Model", str(told.get("model") or "")),
        ("Metric", f"{metric}{f' where {where}' if where else ''}"),
        ("Value and limit", _value(worst)),
        ("Severity", notice.severity),
        ("Day", str(worst.get("day", ""))),
        ("Incident", "" if told.get("incident") is None else f"#{told['incident']}"),
        ("Report", str(told.get("report", ""))),
        ("Runbook", str(told.get("runbook", ""))),
        ("Data", f"sha256 {told['data_version']}" if told.get("data_version") else ""),
    )
    return tuple((name, cut(one_line(plain(value)), LONGEST_FACT)) for name, value in facts if value)


def _value(worst: Mapping[str, Any]) -> str:
    if worst.get("value") is None:
        return ""
    metric, limit = str(worst.get("metric", "")), worst.get("threshold")
    return figure(metric, worst["value"]) + ("" if limit is None else f" (limit {figure(metric, limit)})")


def _labels(label: Any) -> list[str]:
    return [] if label is None else [str(label)] if isinstance(label, str) else [str(part) for part in label]

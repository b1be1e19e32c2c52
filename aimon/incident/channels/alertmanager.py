"""Prometheus Alertmanager: incidents as alerts of its API, version 2; it groups and notifies by its own rules."""

import json
from datetime import timedelta
from typing import Any

from aimon import clock
from aimon.incident.channels.http import post
from aimon.incident.channels.message import Message, cut, message_of
from aimon.incident.event_kinds import RESOLVED
from aimon.store.notices import Notice

ANNOTATION = 10_000


class AlertmanagerChannel:
    """Posts alerts. Alertmanager deduplicates by labels, which are the same for one incident and severity."""

    def __init__(
        self,
        url: str,
        *,
        fires_for: timedelta,
        token: str | None = None,
        allow_private: bool = False,
        dashboard: str | None = None,
    ) -> None:
        self.url = f"{url.rstrip('/')}/api/v2/alerts"
        self.fires_for = fires_for
        self.headers = {} if token is None else {"authorization": f"Bearer {token}"}
        self.allow_private = allow_private
        self.dashboard = dashboard

    def send(self, notice: Notice) -> None:
        alerts = alerts_of(message_of(notice, self.dashboard), self.fires_for)
        content = json.dumps(alerts, ensure_ascii=False).encode()
        post(self.url, content, headers=self.headers, allow_private=self.allow_private)


def alerts_of(message: Message, fires_for: timedelta) -> list[dict[str, Any]]:
    """The alert that fires, and the end of those of other severities that the incident had; if resolved, of all."""
    return [_alert(message, severity, fires_for) for severity in message.severities]


def _alert(message: Message, severity: str, fires_for: timedelta) -> dict[str, Any]:
    fires = message.kind != RESOLVED and severity == message.severity
    labels = {
        "alertname": "AimonIncident",
        "incident": str(message.incident or message.id),
        "cause": message.cause,
        "model": message.model,
        "severity": severity,
    }
    alert: dict[str, Any] = {
        "labels": {name: value for name, value in labels.items() if value},
        "annotations": {"summary": cut(message.title, ANNOTATION), "description": cut(message.text, ANNOTATION)},
        "startsAt": clock.iso(message.at),
        "endsAt": clock.iso(message.at + fires_for if fires else max(clock.now(), message.at)),
    }
    return alert if message.link is None else {**alert, "generatorURL": message.link}

"""PagerDuty: events of its API, version 2. One incident is one alert: triggered, acknowledged, resolved by one key."""

import json
from hashlib import sha256
from typing import Any

from aimon import clock
from aimon.incident.channels.http import post
from aimon.incident.channels.message import Message, cut, message_of
from aimon.incident.event_kinds import ACKNOWLEDGED, RESOLVED
from aimon.store.notices import Notice

SUMMARY = 1_024
DETAIL = 10_000
_ACTIONS = {RESOLVED: "resolve", ACKNOWLEDGED: "acknowledge"}
_SEVERITIES = {"critical": "critical", "warning": "warning"}


class PagerDutyChannel:
    """Enqueues events; PagerDuty deduplicates by the incident's key."""

    def __init__(
        self, routing_key: str, url: str, *, allow_private: bool = False, dashboard: str | None = None
    ) -> None:
        self.routing_key = routing_key
        self.url = f"{url.rstrip('/')}/v2/enqueue"
        self.allow_private = allow_private
        self.dashboard = dashboard

    def send(self, notice: Notice) -> None:
        event = event_of(message_of(notice, self.dashboard), self.routing_key)
        post(self.url, json.dumps(event, ensure_ascii=False).encode(), allow_private=self.allow_private)


def event_of(message: Message, routing_key: str) -> dict[str, Any]:
    """The event: what happened for a trigger, the key alone for the others."""
    action = _ACTIONS.get(message.kind, "trigger")
    event: dict[str, Any] = {"routing_key": routing_key, "event_action": action, "dedup_key": dedup_key(message)}
    if action != "trigger":
        return event
    event["payload"] = {
        "summary": cut(message.title, SUMMARY),
        "source": message.model or "aimon",
        "severity": _SEVERITIES.get(message.severity, "info"),
        "timestamp": clock.iso(message.at),
        "component": message.model or "aimon",
        "group": "aimon",
        "class": ", ".join(message.families) or message.kind,
        "custom_details": {
            "text": cut(message.text, DETAIL),
            "notice": message.id,
            **{name.lower().replace(" ", "_"): value for name, value in message.facts},
        },
    }
    event["client"] = "aimon"
    if message.link is not None:
        event |= {"client_url": message.link, "links": [{"href": message.link, "text": "The incident"}]}
    return event


def dedup_key(message: Message) -> str:
    """One key for one incident. The cause is in it, because another installation counts its incidents from 1 too."""
    about = message.id if message.incident is None else f"{message.incident}/{message.cause}"
    return f"aimon-{sha256(about.encode()).hexdigest()[:32]}"

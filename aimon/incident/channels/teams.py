"""Microsoft Teams: an Adaptive Card for a workflow that posts what a webhook request brings."""

import json
from typing import Any

from aimon import clock
from aimon.incident.channels.http import post
from aimon.incident.channels.message import Message, cut, message_of
from aimon.store.notices import Notice

LARGEST = 28 * 1024
TEXT = 6_000
_COLOURS = {"critical": "Attention", "warning": "Warning"}


class TeamsChannel:
    """Posts cards. Teams does not deduplicate, so a second delivery is a second card."""

    def __init__(self, url: str, *, allow_private: bool = False, dashboard: str | None = None) -> None:
        self.url = url
        self.allow_private = allow_private
        self.dashboard = dashboard

    def send(self, notice: Notice) -> None:
        message = message_of(notice, self.dashboard)
        content = json.dumps(card_of(message)).encode()
        if len(content) > LARGEST:
            content = json.dumps(card_of(message, longest=TEXT // 6)).encode()
        post(self.url, content, allow_private=self.allow_private)


def card_of(message: Message, *, longest: int = TEXT) -> dict[str, Any]:
    """The card: title, text, facts, a button."""
    colour = _COLOURS.get(message.severity, "Default")
    body: list[dict[str, Any]] = [
        _block(cut(message.title, 500), weight="Bolder", size="Medium", color=colour),
        _block(cut(message.text, longest).replace("\n", "\n\n")),
        {"type": "FactSet", "facts": [{"title": name, "value": cut(value, 500)} for name, value in message.facts]},
        _block(f"{clock.iso(message.at)}, notice {message.id}", isSubtle=True, size="Small"),
    ]
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [part for part in body if part.get("facts") != []],
    }
    if message.link is not None:
        card["actions"] = [{"type": "Action.OpenUrl", "title": "Open the dashboard", "url": message.link}]
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _block(text: str, **style: Any) -> dict[str, Any]:
    return {"type": "TextBlock", "text": text, "wrap": True, **style}

"""Microsoft Teams: an Adaptive Card for a workflow that posts what a webhook request brings."""

import json
from typing import Any

from aimon import clock
from aimon.incident.channels.http import post
from aimon.incident.channels.message import Message, cut, message_of
from aimon.store.notices import Notice

LARGEST = 28 * 1024
SIZES = ((6_000, 500), (2_000, 250), (600, 120), (150, 40))
"""How long the text and each fact may be; the first pair that makes the card fit is taken."""

_COLOURS = {"critical": "Attention", "warning": "Warning"}


class TeamsChannel:
    """Posts cards. Teams does not deduplicate, so a second delivery is a second card."""

    def __init__(self, url: str, *, allow_private: bool = False, dashboard: str | None = None) -> None:
        self.url = url
        self.allow_private = allow_private
        self.dashboard = dashboard

    def send(self, notice: Notice) -> None:
        message = message_of(notice, self.dashboard)
        post(self.url, fitting(message), allow_private=self.allow_private)


def fitting(message: Message) -> bytes:
    """As much of the message as a card may hold, in the form that takes most room."""
    written = [json.dumps(card_of(message, *size)).encode() for size in SIZES]
    return next((content for content in written if len(content) <= LARGEST), written[-1])


def card_of(message: Message, text: int = SIZES[0][0], fact: int = SIZES[0][1]) -> dict[str, Any]:
    """The card: title, text, facts, a button; the text and each fact at most so long."""
    colour = _COLOURS.get(message.severity, "Default")
    body: list[dict[str, Any]] = [
        _block(_literal(message.title, fact), weight="Bolder", size="Medium", color=colour),
        _block(_literal(message.text, text).replace("\n", "\n\n")),
        {
            "type": "FactSet",
            "facts": [{"title": name, "value": _literal(value, fact)} for name, value in message.facts],
        },
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


def _literal(text: str, longest: int) -> str:
    r"""The text, cut, of which no markdown makes a link: data must not put words over an address.

    >>> ascii(_literal("[log in](https://evil.example)", 100))
    "'[log in]\\u200b(https://evil.example)'"
    """
    return cut(text, longest).replace("]", "]\u200b")


def _block(text: str, **style: Any) -> dict[str, Any]:
    return {"type": "TextBlock", "text": text, "wrap": True, **style}

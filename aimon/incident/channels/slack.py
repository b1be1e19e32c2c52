"""Slack: a message of blocks for an incoming webhook, within Slack's limits, with a plain text for notifications."""

import json
import re
from typing import Any

from aimon import clock
from aimon.incident.channels.http import post
from aimon.incident.channels.message import Message, cut, message_of
from aimon.store.notices import Notice

HEADER = 150
FIELDS = 10
FIELD = 2_000
TEXT = 3_000
FALLBACK = 4_000
ADDRESS = 3_000
_WRITTEN_OUT = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_COLOURS = {"critical": ":red_circle:", "warning": ":large_orange_circle:", "info": ":large_blue_circle:"}


class SlackChannel:
    """Posts to an incoming webhook. Slack does not deduplicate, so a second delivery is a second message."""

    def __init__(self, url: str, *, allow_private: bool = False, dashboard: str | None = None) -> None:
        self.url = url
        self.allow_private = allow_private
        self.dashboard = dashboard

    def send(self, notice: Notice) -> None:
        content = json.dumps(blocks_of(message_of(notice, self.dashboard)), ensure_ascii=False).encode()
        post(self.url, content, allow_private=self.allow_private)


def blocks_of(message: Message) -> dict[str, Any]:
    """The message in blocks: header, text, facts, a button. `<!channel>` where somebody must look now."""
    call = "<!channel> " if message.calls_out else ""
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": cut(message.title, HEADER), "emoji": False}},
        {"type": "section", "text": _marked(call + _fitting(message.text, TEXT - len(call)))},
    ]
    if message.facts:
        fields = [_marked(_field(*fact)) for fact in message.facts[:FIELDS]]
        blocks.append({"type": "section", "fields": fields})
    if message.link is not None and len(message.link) <= ADDRESS:
        button = {
            "type": "button",
            "text": {"type": "plain_text", "text": "Open the dashboard"},
            "url": message.link,
            "action_id": "open_dashboard",
        }
        blocks.append({"type": "actions", "elements": [button]})
    mark = _COLOURS.get(message.severity, "")
    about = f"{mark} {message.severity} · {clock.iso(message.at)} · notice {escaped(message.id)}"
    blocks.append({"type": "context", "elements": [_marked(about)]})
    return {"text": call + _fitting(message.title, FALLBACK - len(call)), "blocks": blocks}


def escaped(text: str) -> str:
    """The text with Slack's three special characters written out, so that no data can mention or link anything.

    >>> escaped("a < b & <!channel>")
    'a &lt; b &amp; &lt;!channel&gt;'
    """
    return "".join(_WRITTEN_OUT.get(each, each) for each in text)


def _marked(text: str) -> dict[str, Any]:
    """A text of which Slack makes nothing that is not written out: no @name is a mention, no #name a link."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _field(name: str, value: str) -> str:
    longest = FIELD - len(name) - 3
    address = f"<{escaped(value)}>"
    is_address = re.fullmatch(r"https?://[^\s|<>]+", value) is not None and len(address) <= longest
    return f"*{name}*\n" + (address if is_address else _fitting(value, longest))


def _fitting(text: str, longest: int) -> str:
    """As much of the text as fits once it is escaped."""
    if len(escaped(text)) <= longest:
        return escaped(text)
    taken, room = 0, longest - 1
    for character in text:
        room -= len(_WRITTEN_OUT.get(character, character))
        if room < 0:
            break
        taken += 1
    return escaped(text[:taken]) + "…"

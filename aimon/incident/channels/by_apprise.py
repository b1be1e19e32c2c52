"""The services that the package apprise knows, by its own addresses. It connects by itself, without our checks."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from aimon.incident.channel import DeliveryError
from aimon.incident.channels.message import CRITICAL, message_of
from aimon.incident.event_kinds import RESOLVED
from aimon.store.notices import Notice

TALKATIVE = ("apprise", "urllib3")
"""Loggers of the package and of what it connects with; they would write whole addresses, which hold secrets."""

LONGEST_REASON = 300


class AppriseChannel:
    """Hands notices to apprise. It says only whether all services took it, so a retry reaches all of them again."""

    def __init__(self, urls: tuple[str, ...]) -> None:
        self.urls = urls

    def send(self, notice: Notice) -> None:
        try:
            import apprise
        except ImportError:
            raise DeliveryError("the package apprise is not installed; install aimon[apprise]") from None
        message = message_of(notice)
        sort = apprise.NotifyType.FAILURE if message.severity == CRITICAL else apprise.NotifyType.WARNING
        with _overheard() as said:
            services = apprise.Apprise()
            for place, url in enumerate(self.urls):
                if not services.add(_one_message(url)):
                    raise DeliveryError(f"urls[{place}] is not an address that apprise knows")
            taken = services.notify(
                title=message.title,
                body=message.text,
                notify_type=apprise.NotifyType.SUCCESS if message.kind == RESOLVED else sort,
                body_format=apprise.NotifyFormat.TEXT,
            )
        if not taken:
            why = " ".join(" ".join(said).split())[:LONGEST_REASON] or "apprise does not say which"
            raise DeliveryError(f"one of the services did not take the message: {why}")


def _one_message(url: str) -> str:
    """The address, asking for what is too long to be cut: one notice is one message, unless the address says else.

    >>> _one_message("tgram://token/chat"), _one_message("json://host/?overflow=split")
    ('tgram://token/chat?overflow=truncate', 'json://host/?overflow=split')
    """
    if "overflow=" in url or "://" not in url:
        return url
    return f"{url}{'&' if '?' in url else '?'}overflow=truncate"


class _Ear(logging.Handler):
    """Keeps what is said instead of writing it."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


@contextmanager
def _overheard() -> Iterator[list[str]]:
    """What the loggers have to say of what goes wrong; none of it is logged."""
    ear, loggers = _Ear(), [logging.getLogger(name) for name in TALKATIVE]
    before = [(each.level, each.propagate) for each in loggers]
    for each in loggers:
        each.setLevel(logging.WARNING)
        each.propagate = False
        each.addHandler(ear)
    try:
        yield ear.said
    finally:
        for each, (level, propagate) in zip(loggers, before, strict=True):
            each.removeHandler(ear)
            each.setLevel(level)
            each.propagate = propagate

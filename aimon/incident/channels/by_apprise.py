"""The services that the package apprise knows, by its own addresses. It connects by itself, without our checks."""

from aimon.incident.channel import DeliveryError
from aimon.incident.channels.message import CRITICAL, RESOLVED, message_of
from aimon.store.notices import Notice


class AppriseChannel:
    """Hands notices to apprise. It says only whether all services took it, so a retry reaches all of them again."""

    def __init__(self, urls: tuple[str, ...]) -> None:
        self.urls = urls

    def send(self, notice: Notice) -> None:
        try:
            import apprise  # type: ignore[import-not-found, unused-ignore]
        except ImportError:
            raise DeliveryError("the package apprise is not installed; install aimon[apprise]") from None
        services = apprise.Apprise()
        for place, url in enumerate(self.urls):
            if not services.add(url):
                raise DeliveryError(f"urls[{place}] is not an address that apprise knows")
        message = message_of(notice)
        sort = "failure" if message.severity == CRITICAL else "warning"
        taken = services.notify(
            title=message.title, body=message.text, notify_type="success" if message.kind == RESOLVED else sort
        )
        if not taken:
            raise DeliveryError("one of the services did not take the message; apprise does not say which")

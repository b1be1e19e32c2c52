"""Channels as they are declared: secrets are taken from the environment at each send, and masked in what goes wrong."""

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote

from aimon.incident.channel import Channel, DeliveryError
from aimon.incident.channels.alertmanager import AlertmanagerChannel
from aimon.incident.channels.by_apprise import AppriseChannel
from aimon.incident.channels.email import EmailChannel
from aimon.incident.channels.pagerduty import PagerDutyChannel
from aimon.incident.channels.slack import SlackChannel
from aimon.incident.channels.teams import TeamsChannel
from aimon.incident.channels.webhook import WebhookChannel
from aimon.incident.file_channel import FileChannel
from aimon.spec.channels import (
    AlertmanagerNotices,
    AppriseNotices,
    ChannelSpec,
    EmailNotices,
    FileNotices,
    PagerDutyNotices,
    SlackNotices,
    TeamsNotices,
    WebhookNotices,
    secrets_of,
)
from aimon.spec.settings import Settings
from aimon.store.notices import Notice

MASK = "***"
SHORTEST_SECRET = 4
SHORTEST_PART = 8


class ConfiguredChannel:
    """Makes the channel anew for each notice, so that a rotated secret counts at once."""

    def __init__(self, spec: ChannelSpec, *, root: Path, outbox: Path, dashboard: str | None = None) -> None:
        self.spec = spec
        self.root = root
        self.outbox = outbox
        self.dashboard = dashboard

    def send(self, notice: Notice) -> None:
        secrets = _secrets(self.spec)
        try:
            self._channel(secrets).send(notice)
        except DeliveryError as error:
            said = masked(str(error), secrets.values())
            raise DeliveryError(said, retry_after=error.retry_after, permanent=error.permanent) from None
        except Exception as error:
            raise DeliveryError(masked(f"{type(error).__name__}: {error}", secrets.values())) from None

    def _channel(self, secrets: Mapping[str, str]) -> Channel:
        spec, dashboard = self.spec, self.dashboard
        made: Channel
        match spec:
            case FileNotices():
                made = FileChannel(self.outbox if spec.folder is None else self.root / spec.folder)
            case SlackNotices():
                made = SlackChannel(_web(secrets["url"]), allow_private=spec.allow_private, dashboard=dashboard)
            case TeamsNotices():
                made = TeamsChannel(_web(secrets["url"]), allow_private=spec.allow_private, dashboard=dashboard)
            case EmailNotices():
                made = self._email(spec, secrets)
            case PagerDutyNotices():
                made = PagerDutyChannel(
                    secrets["routing_key"], spec.url, allow_private=spec.allow_private, dashboard=dashboard
                )
            case WebhookNotices():
                url = _web(secrets.get("url", spec.url))
                made = WebhookChannel(url, secrets["secret"], allow_private=spec.allow_private)
            case AlertmanagerNotices():
                made = AlertmanagerChannel(
                    spec.url,
                    fires_for=spec.fires_for,
                    token=secrets.get("token"),
                    allow_private=spec.allow_private,
                    dashboard=dashboard,
                )
            case AppriseNotices():
                made = AppriseChannel(tuple(secrets[f"urls[{place}]"] for place in range(len(spec.urls))))
        return made

    def _email(self, spec: EmailNotices, secrets: Mapping[str, str]) -> EmailChannel:
        login = (secrets["username"], secrets["password"]) if spec.username is not None else None
        return EmailChannel(
            spec.host,
            port=spec.port,
            security=spec.security,
            sender=spec.from_,
            to=spec.to,
            login=login,
            allow_private=spec.allow_private,
            dashboard=self.dashboard,
        )


def configured(settings: Settings) -> dict[str, Channel]:
    """Every declared channel by name; without any, `file`."""
    specs: Mapping[str, ChannelSpec] = settings.channels or {"file": FileNotices(kind="file")}
    return {
        name: ConfiguredChannel(
            spec, root=settings.root, outbox=settings.outbox_folder, dashboard=settings.notices.dashboard_url
        )
        for name, spec in specs.items()
    }


def masked(text: str, secrets: Iterable[str]) -> str:
    """The text without the secrets, whole, quoted or, of an address, everything after the host.

    An address that is not of the web, as apprise has them, may have its secret in any part, the host's place too.

    >>> masked("https://hooks.slack.com/services/T0/B0/xyz said: no /services/T0/B0/xyz",
    ...     ["https://hooks.slack.com/services/T0/B0/xyz"])
    '*** said: no ***'
    """
    hidden: set[str] = set()
    for secret in secrets:
        scheme, _, after = secret.partition("://")
        rest = after.partition("/")[2]
        if scheme not in ("http", "https"):
            hidden |= {part for part in re.split(r"[/:@?&=]+", after) if len(part) >= SHORTEST_PART}
        hidden |= {secret, quote(secret, safe=""), rest, f"/{rest}" if rest else ""}
    for each in sorted(hidden, key=len, reverse=True):
        if len(each) >= SHORTEST_SECRET:
            text = text.replace(each, MASK)
    return text


def _secrets(spec: ChannelSpec) -> dict[str, str]:
    """The secrets by the key they stand at. Raises `DeliveryError` where a variable is not set."""
    found = {}
    for key, reference in secrets_of(spec).items():
        name = reference.strip("${}")
        value = os.environ.get(name, "")
        if not value:
            raise DeliveryError(f"${name} is not set in the environment; set it where notices are delivered")
        found[key] = value
    return found


def _web(url: str) -> str:
    """The address, if it is one of the web; the sentence does not repeat it, since it is a secret."""
    if re.match(r"https?://[^/\s]+(/\S*)?$", url) is None:
        raise DeliveryError("the variable of the channel's url does not hold a web address, such as https://host/path")
    return url

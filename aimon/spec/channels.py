"""Channels: where notices can go. Secrets are not written here, only the names of the variables that hold them."""

import re
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from aimon.spec.declared import Declared, Flag
from aimon.spec.duration import Duration
from aimon.spec.several import Some
from aimon.spec.wording import quoted

SECRET_PATTERN = r"^\$(\{[A-Za-z_][A-Za-z0-9_]*\}|[A-Za-z_][A-Za-z0-9_]*)$"  # noqa: S105 - where a secret is
ADDRESS_PATTERN = r"^[^@\s,;<>]+@[^@\s,;<>]+$"
PAGERDUTY = "https://events.pagerduty.com"


def check_secret(text: str) -> str:
    """Let only the name of a variable through. What stands there instead may be the secret, so it is not repeated.

    >>> check_secret("$SLACK_URL")
    '$SLACK_URL'
    """
    if re.fullmatch(SECRET_PATTERN, text) is None:
        raise ValueError(
            "secrets are not written here; write the name of the variable that holds it, such as $SLACK_URL"
        )
    return text


def check_http(url: str) -> str:
    """Let only web addresses through that hold no password."""
    if re.match(r"https?://[^/@\s]+(/\S*)?$", url) is None:
        raise ValueError(
            f"{quoted(url.partition('@')[2] or url)} is not a web address; write https://host/path, without a password"
        )
    return url


def check_target(url: str) -> str:
    """Let web addresses and the names of variables through."""
    return url if re.fullmatch(SECRET_PATTERN, url) else check_http(url)


def check_address(text: str) -> str:
    """Let only addresses of mail through."""
    if re.fullmatch(ADDRESS_PATTERN, text) is None:
        raise ValueError(f"{quoted(text)} is not an address; write one such as ml-team@example.org")
    return text


Secret = Annotated[
    str,
    AfterValidator(check_secret),
    WithJsonSchema({"type": "string", "pattern": SECRET_PATTERN, "examples": ["$SLACK_URL"]}),
]
Address = Annotated[str, AfterValidator(check_address)]
WebAddress = Annotated[str, AfterValidator(check_http)]
WebTarget = Annotated[str, AfterValidator(check_target)]
Whole = Annotated[int, Field(strict=True, ge=1)]


class FileNotices(Declared):
    """Two files a notice, in the folder `outbox` or another one."""

    kind: Literal["file"]
    folder: str | None = Field(default=None, min_length=1, description="which folder to write to; default: outbox")


class _Reaching(Declared):
    """What every channel has that reaches another machine."""

    per_minute: Whole = Field(default=30, description="how many notices it takes a minute at most")
    allow_private: Flag = Field(
        default=False,
        description="whether the address may be private or on this machine, such as 10.0.0.7 or localhost",
    )


class SlackNotices(_Reaching):
    """An incoming webhook of Slack."""

    kind: Literal["slack"]
    url: Secret = Field(description="which variable holds the webhook's address, such as $SLACK_URL")


class TeamsNotices(_Reaching):
    """A workflow of Microsoft Teams that posts what a webhook request brings."""

    kind: Literal["teams"]
    url: Secret = Field(description="which variable holds the workflow's address, such as $TEAMS_URL")


class EmailNotices(_Reaching):
    """Mail by a server that speaks SMTP."""

    kind: Literal["email"]
    host: str = Field(min_length=1, description="which server takes the mail")
    port: Annotated[int, Field(strict=True, ge=1, le=65_535)] = Field(
        default=587, description="which port the server listens on"
    )
    security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="how the connection is encrypted: starttls, tls or none"
    )
    username: Secret | None = Field(default=None, description="which variable holds the name to log in with")
    password: Secret | None = Field(default=None, description="which variable holds the password to log in with")
    from_: Address = Field(alias="from", description="from which address the mail comes")
    to: Annotated[tuple[Address, ...], Some] = Field(description="to which addresses the mail goes, as a list")

    @model_validator(mode="after")
    def _kept_secret(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password belong together; write both or neither")
        if self.password is not None and self.security == "none":
            raise ValueError("a password is not sent over a connection that anybody can read; use starttls or tls")
        return self


class PagerDutyNotices(_Reaching):
    """PagerDuty's Events API, version 2."""

    kind: Literal["pagerduty"]
    routing_key: Secret = Field(description="which variable holds the integration's key, such as $PAGERDUTY_KEY")
    url: WebAddress = Field(default=PAGERDUTY, description="which address takes the events")


class WebhookNotices(_Reaching):
    """Any program that takes a signed request."""

    kind: Literal["webhook"]
    url: WebTarget = Field(description="which address takes the request, or the variable that holds it")
    secret: Secret = Field(description="which variable holds the secret that requests are signed with")


class AlertmanagerNotices(_Reaching):
    """A Prometheus Alertmanager, by its API, version 2."""

    kind: Literal["alertmanager"]
    url: WebAddress = Field(description="which address the Alertmanager has, such as https://alerts.example.org")
    token: Secret | None = Field(default=None, description="which variable holds a bearer token")
    fires_for: Duration = Field(
        default=timedelta(days=30), description="how long an alert fires if nobody resolves its incident"
    )


class AppriseNotices(_Reaching):
    """The services that the package apprise knows."""

    kind: Literal["apprise"]
    urls: Annotated[tuple[Secret, ...], Some] = Field(
        description="which variables hold the addresses in apprise's own form, as a list"
    )


ChannelSpec = Annotated[
    FileNotices
    | SlackNotices
    | EmailNotices
    | PagerDutyNotices
    | TeamsNotices
    | WebhookNotices
    | AlertmanagerNotices
    | AppriseNotices,
    Field(discriminator="kind"),
]


def secrets_of(spec: ChannelSpec) -> dict[str, str]:
    """Every reference to a secret by the key it stands at: {"url": "$SLACK_URL"}."""
    given = {key: getattr(spec, key, None) for key in ("url", "username", "password", "routing_key", "secret", "token")}
    found = {key: value for key, value in given.items() if isinstance(value, str) and value.startswith("$")}
    return found | {f"urls[{place}]": value for place, value in enumerate(getattr(spec, "urls", ()))}

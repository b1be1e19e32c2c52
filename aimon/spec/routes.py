"""Routes and silences: which notices go where, wait, or are held back; their shapes and cross-checks."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from aimon import clock
from aimon.spec.calendar import Calendar, ClockTime
from aimon.spec.channels import ChannelSpec, WebAddress, secrets_of
from aimon.spec.declared import Declared, Flag
from aimon.spec.duration import Duration
from aimon.spec.fault import Fault
from aimon.spec.several import OneOrMany
from aimon.spec.timezone import Timezone
from aimon.spec.wording import did_you_mean, found, quoted

NOT = "not "
CHANNEL_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$"


class Severity(StrEnum):
    """How bad it is."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


class Topic(StrEnum):
    """What a notice can be about: a family of metrics, a run that failed, or an analysis that did not come."""

    DRIFT = "drift"
    QUALITY = "quality"
    FAIRNESS = "fairness"
    PERFORMANCE = "performance"
    ESTIMATE = "estimate"
    OPERATIONS = "operations"
    PRIVACY = "privacy"
    RUN = "run"
    SILENCE = "silence"


def parse_moment(value: Any) -> datetime:
    """Turn `2026-12-01T08:00:00Z` or `2026-12-01` (its midnight, UTC) into an instant.

    >>> parse_moment("2026-12-01T09:00:00+01:00")
    datetime.datetime(2026, 12, 1, 8, 0, tzinfo=datetime.timezone.utc)
    """
    if isinstance(value, datetime):
        return value
    try:
        return clock.instant(value)
    except (TypeError, ValueError, OverflowError):
        said = f"{found(value)} is not an instant; write one such as 2026-12-01T08:00:00Z or 2026-12-01"
        raise ValueError(said) from None


def check_channel_name(name: str) -> str:
    """Let only names through that a table, a file and a sentence can hold."""
    if re.fullmatch(CHANNEL_PATTERN, name) is None:
        raise ValueError(f"{quoted(name)} is not a channel name; use up to 40 letters, digits, '_' and '-'")
    return name


Moment = Annotated[
    datetime,
    BeforeValidator(parse_moment),
    PlainSerializer(clock.iso),
    WithJsonSchema({"type": "string", "examples": ["2026-12-01T08:00:00Z"]}),
]
ChannelName = Annotated[str, AfterValidator(check_channel_name)]
Text = Annotated[str, Field(min_length=1)]
Patterns = Annotated[tuple[Text, ...], OneOrMany]


class Matchers(Declared):
    """Which notices are meant: those that fit every key that is written. `*` stands for any letters."""

    severity: Annotated[tuple[Severity, ...], OneOrMany] = Field(default=(), description="which severities are meant")
    family: Annotated[tuple[Topic, ...], OneOrMany] = Field(
        default=(), description="which families of metrics are meant, or run, or silence"
    )
    model: Patterns = Field(default=(), description="which models are meant, such as loan-*")
    owner: Patterns = Field(default=(), description="whose models are meant")
    segment: Patterns = Field(default=(), description="which segments are meant, such as channel=web")
    cause: Patterns = Field(default=(), description="which causes are meant, such as drift|loans|income")

    @property
    def are_empty(self) -> bool:
        return not any((self.severity, self.family, self.model, self.owner, self.segment, self.cause))


class RouteMatchers(Matchers):
    """Which notices a route is for; also by the time."""

    time: Text | None = Field(
        default=None, description="in which calendar's hours it holds; with `not ` before the name, outside them"
    )


class RouteSpec(Declared):
    """Where the notices go that fit. The first route that fits decides, unless it says `continue`."""

    when: RouteMatchers = Field(default=RouteMatchers(), description="which notices are meant; default: all")
    to: Annotated[tuple[Text, ...], OneOrMany] = Field(description="which channels they go to; an empty list: none")
    digest: Flag = Field(default=False, description="whether they wait for the next digest instead of going at once")
    escalate_after: Duration | None = Field(
        default=None, description="how long nobody may have acknowledged the incident before others are told"
    )
    escalate_to: Annotated[tuple[Text, ...], OneOrMany] = Field(
        default=(), description="which channels are told then: a name or a list"
    )
    continue_: Flag = Field(default=False, alias="continue", description="whether later routes are looked at too")

    @model_validator(mode="after")
    def _escalates(self) -> Self:
        if (self.escalate_after is None) != (not self.escalate_to):
            missing = "escalate_to, the channels that are told" if self.escalate_after else "escalate_after, such as 2h"
            raise ValueError(f"an escalation needs both a time and channels; add {missing}")
        return self


class SilenceSpec(Declared):
    """Notices that are held back for a while."""

    when: Matchers = Field(description="which notices are held back")
    from_: Moment | None = Field(default=None, alias="from", description="when the silence begins; default: long ago")
    until: Moment = Field(description="when the silence ends, such as 2026-12-01T08:00:00Z")
    reason: Text = Field(description="why nobody needs to hear of it")
    author: Text = Field(description="who decided that")

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.from_ is not None and self.from_ >= self.until:
            raise ValueError(f"from {clock.iso(self.from_)} is not before until {clock.iso(self.until)}; swap them")
        if self.when.are_empty:
            raise ValueError("when names nothing, so every notice would be held back; name at least a model")
        return self


class NoticeRules(Declared):
    """What holds for all notices."""

    repeat_after: Duration = Field(
        default=timedelta(hours=6), description="how long the same cause is not told again, unless it gets worse"
    )
    warn_after: Annotated[int, Field(strict=True, ge=1, le=30)] = Field(
        default=2,
        description="on how many days a warning of drift is found before it is told; all else is told at once",
    )
    quiet: Text | None = Field(
        default=None, description="in which calendar's hours only critical notices go out; the others wait"
    )
    digest_at: ClockTime = Field(default="08:00", description="at what time of the day digests go out")
    timezone: Timezone = Field(default="UTC", description="which zone digest_at is in")
    runbooks: dict[Topic, WebAddress] = Field(
        default={},
        description="which page says what to do, by the family of metrics, where a model names none",
    )
    dashboard_url: WebAddress | None = Field(
        default=None, description="which address people reach the dashboard at, for the buttons of messages"
    )


def check_routes(
    routes: tuple[RouteSpec, ...],
    rules: NoticeRules,
    channels: Mapping[str, ChannelSpec],
    calendars: Mapping[str, Calendar],
) -> Iterator[Fault]:
    """Routes to channels that nobody declared, and hours of calendars that nobody declared."""
    for number, route in enumerate(routes):
        for place, name in enumerate(route.to):
            if name not in (channels or ("file",)):
                hint = did_you_mean(name, channels or ("file",))
                yield Fault(("routes", number, "to", place), f"no channel is called {quoted(name)}; {hint}")
        for place, name in enumerate(route.escalate_to):
            if name not in (channels or ("file",)):
                hint = did_you_mean(name, channels or ("file",))
                yield Fault(("routes", number, "escalate_to", place), f"no channel is called {quoted(name)}; {hint}")
        yield from _check_hours(("routes", number, "when", "time"), route.when.time, calendars)
    yield from _check_hours(("notices", "quiet"), rules.quiet, calendars)


def check_secrets(channels: Mapping[str, ChannelSpec], environment: Mapping[str, str]) -> Iterator[Fault]:
    """Channels whose secrets are in variables that are not set."""
    for name, channel in channels.items():
        for key, reference in secrets_of(channel).items():
            variable = reference.strip("${}")
            if not environment.get(variable):
                yield Fault(("channels", name, key), f"${variable} is not set in the environment; set it")


def _check_hours(path: tuple[str | int, ...], hours: str | None, calendars: Mapping[str, Calendar]) -> Iterator[Fault]:
    if hours is not None and (name := hours.removeprefix(NOT)) not in calendars:
        yield Fault(path, f"no calendar is called {quoted(name)}; {did_you_mean(name, calendars)}")

"""Routes: which channels hear of a notice, at once or in a digest. Pure: declarations and facts in, channels out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Self

from aimon.incident import routes_time
from aimon.lake.reports import report_key
from aimon.spec.calendar import Calendar
from aimon.spec.channels import ChannelSpec, FileNotices
from aimon.spec.model import ModelSpec
from aimon.spec.patterns import some_fits
from aimon.spec.routes import Matchers, NoticeRules, RouteSpec, Severity, SilenceSpec
from aimon.spec.settings import Settings

AT_ONCE = False
DIGEST = True
DEFAULTS: Mapping[str, Mapping[str, bool]] = {
    "file": {Severity.WARNING: AT_ONCE, Severity.CRITICAL: AT_ONCE},
    "slack": {Severity.WARNING: AT_ONCE, Severity.CRITICAL: AT_ONCE},
    "teams": {Severity.WARNING: AT_ONCE, Severity.CRITICAL: AT_ONCE},
    "email": {Severity.WARNING: DIGEST, Severity.CRITICAL: AT_ONCE},
    "pagerduty": {Severity.CRITICAL: AT_ONCE},
    "webhook": {Severity.WARNING: AT_ONCE, Severity.CRITICAL: AT_ONCE},
    "alertmanager": {Severity.WARNING: AT_ONCE, Severity.CRITICAL: AT_ONCE},
    "apprise": {Severity.WARNING: AT_ONCE, Severity.CRITICAL: AT_ONCE},
}
"""Which kind of channel hears of which severity where no route says otherwise; INFO is for the dashboard alone."""

FOLLOWS = frozenset({"pagerduty", "webhook"})
"""Kinds of channels whose receiver keeps the state of incidents, and so hears of acknowledgements."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a notice is about, as far as routes and silences ask."""

    severity: str
    model: str
    owner: str | None = None
    families: frozenset[str] = frozenset()
    segments: frozenset[str] = frozenset()
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """One channel that hears of a notice."""

    channel: str
    digest: bool = AT_ONCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """Everything that was declared about notices. Without channels there is one, `file`."""

    channels: Mapping[str, ChannelSpec] = field(default_factory=lambda: {"file": FileNotices(kind="file")})
    routes: tuple[RouteSpec, ...] = ()
    calendars: Mapping[str, Calendar] = field(default_factory=dict)
    silences: tuple[SilenceSpec, ...] = ()
    rules: NoticeRules = field(default_factory=NoticeRules)
    owners: Mapping[str, str | None] = field(default_factory=dict)
    runbooks: Mapping[str, str] = field(default_factory=dict)
    lake: str | None = None

    @classmethod
    def declared(cls, settings: Settings, models: Mapping[str, ModelSpec]) -> Self:
        """What the project says."""
        channels = {"channels": settings.channels} if settings.channels else {}
        named = [(name, spec) for spec in models.values() for name in (spec.model, spec.name, *spec.formerly)]
        return cls(
            **channels,
            routes=settings.routes,
            calendars=settings.calendars,
            silences=settings.silences,
            rules=settings.notices,
            owners={name: spec.owner for name, spec in named},
            runbooks={name: spec.runbook for name, spec in named if spec.runbook is not None},
            lake=settings.lake_location,
        )

    def choose(self, facts: Facts, moment: datetime) -> list[Route]:
        """The channels that hear of it, each once; where routes disagree about the digest, at once wins."""
        chosen: dict[str, Route] = {}
        for route in self._chosen(facts, moment):
            if route.channel not in chosen or not route.digest:
                chosen[route.channel] = route
        return list(chosen.values())

    def escalations(self, facts: Facts, moment: datetime) -> list[RouteSpec]:
        """The routes it takes that tell others when nobody answers."""
        return [route for route in self._fitting(facts, moment) if route.escalate_after is not None]

    def runbook(self, facts: Facts) -> str | None:
        """The page that says what to do: the model's own, else that of a family it is about."""
        own = self.runbooks.get(facts.model)
        of_families = self.rules.runbooks
        return own or next((of_families[topic] for topic in of_families if topic in facts.families), None)

    def report(self, model: str, day: date) -> str | None:
        """Where the report of the day is."""
        return None if self.lake is None else f"{self.lake.rstrip('/')}/{report_key(model, day)}"

    def _fitting(self, facts: Facts, moment: datetime) -> list[RouteSpec]:
        """The routes that fit, up to the first that decides."""
        fitting: list[RouteSpec] = []
        for route in self.routes:
            hours = route.when.time
            if fits(route.when, facts) and (hours is None or routes_time.holds(hours, self.calendars, moment)):
                fitting.append(route)
                if not route.continue_:
                    break
        return fitting

    def _chosen(self, facts: Facts, moment: datetime) -> list[Route]:
        fitting = self._fitting(facts, moment)
        if not fitting:
            return self._by_severity(facts.severity)
        return [Route(channel, route.digest) for route in fitting for channel in route.to]

    def _by_severity(self, severity: str) -> list[Route]:
        kinds = {name: DEFAULTS[spec.kind] for name, spec in self.channels.items()}
        return [Route(name, table[severity]) for name, table in kinds.items() if severity in table]


def fits(when: Matchers, facts: Facts) -> bool:
    """Whether the facts fit every key that is written.

    >>> fits(Matchers.model_validate({"model": "loan-*"}), Facts(severity="warning", model="loan-approval"))
    True
    """
    owner = () if facts.owner is None else (facts.owner,)
    asked: tuple[tuple[Iterable[str], Iterable[str]], ...] = (
        (when.severity, (facts.severity,)),
        (when.family, facts.families),
        (when.model, (facts.model,)),
        (when.owner, owner),
        (when.segment, facts.segments),
        (when.cause, (facts.cause,)),
    )
    return all(not patterns or some_fits(patterns, values) for patterns, values in asked)


def facts_of(severity: str, payload: Mapping[str, Any], owners: Mapping[str, str | None]) -> Facts:
    """What the payload of a notice says about it."""
    model = str(payload["model"])
    return Facts(
        severity=severity,
        model=model,
        owner=owners.get(model),
        families=frozenset(payload.get("families", ())),
        segments=frozenset(payload.get("segments", ())),
        cause=str(payload.get("cause", "")),
    )

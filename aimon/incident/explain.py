"""Who would be told, and why: every route beside the facts of a notice, in words. Nothing is sent and nothing kept.

In: declarations, silences, how the channels are doing, facts, an instant. Out: the answer that routing would come to.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aimon.clock import iso
from aimon.incident import routes_time
from aimon.incident.routes import Facts, Route, Routing
from aimon.incident.silences import Silence
from aimon.spec.patterns import some_fits
from aimon.spec.routes import RouteSpec, Severity, Topic
from aimon.store.channels import ChannelState


@dataclass(frozen=True, slots=True)
class RouteRead:
    """A route beside the facts. `taken` ones decide where the notice goes."""

    number: int
    route: RouteSpec
    fits: bool
    taken: bool
    because: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """A channel that would hear of it, and when."""

    channel: str
    kind: str
    digest: bool
    goes_at: datetime
    resting_until: datetime | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Who would be told."""

    routes: tuple[RouteRead, ...]
    recipients: tuple[Recipient, ...]
    silence: Silence | None
    sentence: str


def explain(
    routing: Routing,
    facts: Facts,
    moment: datetime,
    *,
    silences: Iterable[Silence] = (),
    states: Mapping[str, ChannelState],
) -> Explanation:
    """What routing would do with a notice of these facts at that instant."""
    holding = [each for each in silences if each.holds(facts, moment)]
    silence = max(holding, key=lambda each: each.ends_at, default=None)
    chosen = routing.choose(facts, moment)
    recipients = tuple(_recipient(routing, facts, route, moment, states) for route in chosen)
    return Explanation(
        tuple(_read(routing, facts, moment)),
        recipients,
        silence,
        _sentence(facts, recipients, silence, moment) + _patience(routing, facts),
    )


def _read(routing: Routing, facts: Facts, moment: datetime) -> Iterator[RouteRead]:
    decided = False
    for number, route in enumerate(routing.routes, 1):
        misses = list(_misses(routing, route, facts, moment))
        fits = not misses
        if decided:
            because = "a route before it decided"
        elif misses:
            because = "; ".join(misses)
        else:
            because = "everything it asks for fits" if not route.when.are_empty else "it is for every notice"
        yield RouteRead(number, route, fits, fits and not decided, because)
        decided = decided or (fits and not route.continue_)


def _misses(routing: Routing, route: RouteSpec, facts: Facts, moment: datetime) -> Iterator[str]:
    """What of the route does not fit, a clause each."""
    when = route.when
    owner = () if facts.owner is None else (facts.owner,)
    asked: tuple[tuple[str, Sequence[str], Iterable[str]], ...] = (
        ("severity", when.severity, (facts.severity,)),
        ("family", when.family, facts.families),
        ("model", when.model, (facts.model,)),
        ("owner", when.owner, owner),
        ("segment", when.segment, facts.segments),
        ("cause", when.cause, (facts.cause,)),
    )
    for name, patterns, values in asked:
        known = sorted(each for each in values if each)
        if patterns and not some_fits(patterns, known):
            yield f"{name} is {', '.join(known) or 'none'}, not {' or '.join(map(str, patterns))}"
    if when.time is not None and not routes_time.holds(when.time, routing.calendars, moment):
        yield (
            f"it is not {when.time.removeprefix('not ')} then"
            if not when.time.startswith("not ")
            else (f"it is {when.time.removeprefix('not ')} then")
        )


def _recipient(
    routing: Routing, facts: Facts, route: Route, moment: datetime, states: Mapping[str, ChannelState]
) -> Recipient:
    rules, due = routing.rules, moment
    if rules.quiet is not None and facts.severity != Severity.CRITICAL:
        due = routes_time.over(rules.quiet, routing.calendars, due)
    if route.digest:
        due = routes_time.next_at(rules.digest_at, rules.timezone, due)
    state = states.get(route.channel)
    rests = None if state is None or state.rests_until_at is None else state.rests_until_at
    declared = routing.channels.get(route.channel)
    return Recipient(
        route.channel,
        "undeclared" if declared is None else declared.kind,
        route.digest,
        due,
        rests if rests is not None and rests > moment else None,
    )


def _sentence(facts: Facts, recipients: Sequence[Recipient], silence: Silence | None, moment: datetime) -> str:
    what = f"A notice of severity {facts.severity} about {facts.model}"
    if silence is not None:
        return f"{what} would be held back: {silence}."
    if not recipients:
        return f"{what} would go to nobody."
    parts = [f"to {each.channel} {_when(each, moment)}" for each in recipients]
    return f"{what} would go {', '.join(parts[:-1])}{' and ' if parts[:-1] else ''}{parts[-1]}."


def _patience(routing: Routing, facts: Facts) -> str:
    """A warning of drift waits until it lasts."""
    days = routing.rules.warn_after
    if facts.severity != Severity.WARNING or facts.families != {Topic.DRIFT} or days == 1:
        return ""
    return f" A warning of drift waits until it was found on {days} days, unless it lies at twice its limit."


def _when(each: Recipient, moment: datetime) -> str:
    if each.resting_until is not None:
        return f"once it no longer rests, at {iso(max(each.resting_until, each.goes_at))}"
    if each.goes_at <= moment:
        return "at once"
    return f"with the digest of {iso(each.goes_at)}" if each.digest else f"at {iso(each.goes_at)}"

from datetime import UTC, datetime
from typing import Any

import pytest

from aimon.incident import found
from aimon.incident.routes import DEFAULTS, Facts, Routing, fits
from aimon.spec.model import ModelSpec
from aimon.spec.routes import Matchers, Topic
from aimon.spec.settings import Settings
from aimon.verdict.record import Family

FRIDAY_NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
FRIDAY_NIGHT = datetime(2026, 11, 20, 23, tzinfo=UTC)
CHANNELS = {
    "team": {"kind": "slack", "url": "$SLACK_URL"},
    "mail": {"kind": "email", "host": "mx.example.org", "from": "a@example.org", "to": ["b@example.org"]},
    "pager": {"kind": "pagerduty", "routing_key": "$PAGERDUTY_KEY"},
}


def routing(**settings: Any) -> Routing:
    spec = ModelSpec.model_validate(
        {"model": "loans", "task": "binary", "columns": {"prediction": "p"}, "owner": "risk", "formerly": ["credit"]}
    )
    return Routing.declared(Settings.model_validate({"channels": CHANNELS, **settings}), {"loans": spec})


def heard(routes: Routing, moment: datetime = FRIDAY_NOON, **facts: Any) -> dict[str, bool]:
    chosen = routes.choose(Facts(**{"severity": "critical", "model": "loans", **facts}), moment)
    return {route.channel: route.digest for route in chosen}


def test_without_routes_the_severity_decides() -> None:
    assert heard(routing(), severity="info") == {}
    assert heard(routing(), severity="warning") == {"team": False, "mail": True}
    assert heard(routing(), severity="critical") == {"team": False, "mail": False, "pager": False}


def test_without_channels_the_file_hears_of_warnings_and_worse() -> None:
    alone = routing(channels={})
    assert [heard(alone, severity=each) for each in ("info", "warning", "critical")] == [
        {},
        {"file": False},
        {"file": False},
    ]


def test_every_kind_of_channel_has_a_default() -> None:
    kinds = {"file", "slack", "teams", "email", "pagerduty", "webhook", "alertmanager", "apprise"}
    assert set(DEFAULTS) == kinds


def test_every_family_of_findings_can_be_matched() -> None:
    assert sorted(Topic) == sorted([*Family, found.RUN, found.SILENCE])


@pytest.mark.parametrize(
    ("when", "fitting"),
    [
        ({}, True),
        ({"severity": "critical"}, True),
        ({"severity": ["info", "warning"]}, False),
        ({"family": ["drift", "quality"]}, True),
        ({"family": "fairness"}, False),
        ({"model": "lo*"}, True),
        ({"model": "l"}, False),
        ({"model": "LOANS"}, False),
        ({"model": ["fraud", "loans"]}, True),
        ({"owner": "risk"}, True),
        ({"owner": "r*", "severity": "warning"}, False),
        ({"segment": "channel=*"}, True),
        ({"segment": "channel=[w]eb"}, False),
        ({"segment": "region=north"}, False),
    ],
)
def test_a_notice_fits_where_every_key_that_is_written_does(when: dict[str, Any], fitting: bool) -> None:
    facts = Facts(
        severity="critical",
        model="loans",
        owner="risk",
        families=frozenset({"drift"}),
        segments=frozenset({"channel=web", "channel=branch"}),
    )
    assert fits(Matchers.model_validate(when), facts) is fitting


def test_a_model_without_owner_fits_no_owner() -> None:
    assert not fits(Matchers.model_validate({"owner": "*"}), Facts(severity="info", model="m"))


def test_the_first_route_that_fits_decides() -> None:
    routes = [{"when": {"model": "loans"}, "to": "mail"}, {"to": "team"}]
    assert heard(routing(routes=routes)) == {"mail": False}
    assert heard(routing(routes=routes), model="fraud") == {"team": False}


def test_a_route_that_continues_adds_to_the_next_and_at_once_wins_over_the_digest() -> None:
    routes = [
        {"to": ["mail", "team"], "digest": True, "continue": True},
        {"when": {"severity": "critical"}, "to": "team"},
    ]
    assert heard(routing(routes=routes)) == {"mail": True, "team": False}
    assert heard(routing(routes=routes), severity="warning") == {"mail": True, "team": True}


def test_what_no_route_fits_goes_by_severity_so_that_a_gap_loses_nothing() -> None:
    assert heard(routing(routes=[{"when": {"model": "fraud"}, "to": "mail"}])) == heard(routing())


def test_a_route_to_nobody_is_meant() -> None:
    assert heard(routing(routes=[{"when": {"model": "loans"}, "to": []}])) == {}


def test_routes_depend_on_the_time() -> None:
    settings = {
        "calendars": {"business": {"from": "09:00", "to": "17:00", "days": ["fri"]}},
        "routes": [{"when": {"time": "not business"}, "to": "pager"}, {"to": "team"}],
    }
    assert heard(routing(**settings), FRIDAY_NOON) == {"team": False}
    assert heard(routing(**settings), FRIDAY_NIGHT) == {"pager": False}


def test_owners_are_known_by_every_name_of_the_model() -> None:
    assert routing().owners == {"loans": "risk", "credit": "risk"}

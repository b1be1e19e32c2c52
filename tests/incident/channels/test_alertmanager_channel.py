from datetime import timedelta

import pytest

from aimon.incident.channels.alertmanager import AlertmanagerChannel, alerts_of
from aimon.incident.channels.message import message_of
from tests.incident.channels.conftest import MakeNotice
from tests.incident.channels.receivers import http_receiver

MONTH = timedelta(days=30)


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIMON_NOW", "2026-11-20T06:10:00+00:00")


def ends(alerts: list[dict[str, dict[str, str]]]) -> dict[str, str]:
    return {alert["labels"]["severity"]: str(alert["endsAt"]) for alert in alerts}


def test_an_alert_fires_and_the_one_of_the_severity_before_ends(notice: MakeNotice) -> None:
    worsened = notice(kind="worsened", severities=["critical", "warning"])
    alerts = alerts_of(message_of(worsened, "https://aimon.example.org"), MONTH)
    assert ends(alerts) == {"critical": "2026-12-20T06:00:00Z", "warning": "2026-11-20T06:10:00Z"}
    critical = alerts[0]
    assert critical["labels"] == {
        "alertname": "AimonIncident",
        "incident": "42",
        "cause": "findings|loans|drift",
        "model": "loans",
        "severity": "critical",
    }
    assert critical["generatorURL"] == "https://aimon.example.org/incidents/42"


def test_a_resolved_incident_ends_all(notice: MakeNotice) -> None:
    resolved = notice(kind="resolved", severities=["critical", "warning"])
    ended = ends(alerts_of(message_of(resolved), MONTH))
    assert ended == {"critical": "2026-11-20T06:10:00Z", "warning": "2026-11-20T06:10:00Z"}


def test_an_acknowledged_one_goes_on_firing(notice: MakeNotice) -> None:
    alerts = alerts_of(message_of(notice(kind="acknowledged")), MONTH)
    assert ends(alerts)["critical"] == "2026-12-20T06:00:00Z"


def test_it_is_posted_with_the_token(notice: MakeNotice) -> None:
    with http_receiver() as receiver:
        channel = AlertmanagerChannel(f"{receiver.url}/am/", fires_for=MONTH, token="word", allow_private=True)
        channel.send(notice())
    (request,) = receiver.taken
    assert (request.path, request.headers["authorization"]) == ("/am/api/v2/alerts", "Bearer word")
    assert len(request.json) == 1

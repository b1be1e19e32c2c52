import re
from typing import Any

import pytest

from aimon.incident.channels.message import message_of
from aimon.incident.channels.pagerduty import PagerDutyChannel, event_of
from tests.incident.channels.conftest import MakeNotice
from tests.incident.channels.receivers import http_receiver

KEY = "0123456789abcdef0123456789abcdef"


def check_schema(event: dict[str, Any]) -> None:
    """The rules PagerDuty publishes for events of version 2."""
    assert set(event) <= {
        "routing_key",
        "event_action",
        "dedup_key",
        "payload",
        "images",
        "links",
        "client",
        "client_url",
    }
    assert re.fullmatch("[0-9a-zA-Z]{32}", event["routing_key"])
    assert event["event_action"] in ("trigger", "acknowledge", "resolve")
    assert 1 <= len(event["dedup_key"]) <= 255
    if event["event_action"] != "trigger":
        return
    payload = event["payload"]
    required, optional = {"summary", "source", "severity"}, {"timestamp", "component", "group", "class"}
    assert required <= set(payload) <= required | optional | {"custom_details"}
    assert 1 <= len(payload["summary"]) <= 1_024
    assert payload["severity"] in ("critical", "error", "warning", "info")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", payload["timestamp"])
    assert all(isinstance(payload[key], str) and payload[key] for key in (required | optional))
    assert isinstance(payload["custom_details"], dict)
    for link in event.get("links", []):
        assert set(link) == {"href", "text"}


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        ("opened", "trigger"),
        ("worsened", "trigger"),
        ("escalated", "trigger"),
        ("acknowledged", "acknowledge"),
        ("resolved", "resolve"),
    ],
)
def test_each_event_of_an_incident_has_its_action_and_one_key(notice: MakeNotice, kind: str, action: str) -> None:
    event = event_of(message_of(notice(kind=kind), "https://aimon.example.org"), KEY)
    check_schema(event)
    assert event["event_action"] == action
    assert event["dedup_key"] == event_of(message_of(notice()), KEY)["dedup_key"]


def test_incidents_have_keys_of_their_own(notice: MakeNotice) -> None:
    keys = {
        event_of(message_of(each), KEY)["dedup_key"]
        for each in (notice(), notice(incident=43), notice(cause="findings|fraud|drift"))
    }
    assert len(keys) == 3


def test_long_texts_are_cut(notice: MakeNotice) -> None:
    event = event_of(message_of(notice(subject="x" * 5_000, severity="warning", model=None, families=[])), KEY)
    check_schema(event)
    assert event["payload"]["summary"].endswith("…")
    assert event["payload"]["severity"] == "warning"


def test_it_is_enqueued(notice: MakeNotice) -> None:
    with http_receiver(202) as receiver:
        PagerDutyChannel(KEY, receiver.url, allow_private=True).send(notice())
    (request,) = receiver.taken
    assert request.path == "/v2/enqueue"
    check_schema(request.json)
    assert request.json["payload"]["custom_details"]["value_and_limit"] == "0.312 (limit 0.25)"

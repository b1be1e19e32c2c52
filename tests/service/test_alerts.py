"""The alert centre over HTTP: who would be told and why, silences of both kinds, notices in pages, channels."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from aimon.clock import iso
from aimon.incident.alert import raise_alert
from aimon.platform import Platform
from aimon.store import channels, notices
from tests.service.conftest import problem
from tests.tiny_project import tiny_project

API = "/api/v1"
NOW = datetime(2026, 11, 20, 22, tzinfo=UTC)
SETTINGS = """\
models: models
channels:
  team: {kind: file}
  pager: {kind: file, folder: pages}
calendars:
  business: {days: [mon, tue, wed, thu, fri], from: "09:00", to: "18:00"}
routes:
  - {when: {severity: critical, time: not business}, to: [pager], continue: true}
  - {when: {owner: nobody}, to: []}
  - {to: [team], digest: true}
  - {to: [pager]}
silences:
  - {when: {model: beta}, until: 2026-12-01T08:00:00Z, reason: migration, author: ann}
  - {when: {model: beta}, until: 2026-11-01T08:00:00Z, reason: long over, author: ann}
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AIMON_NOW", NOW.isoformat())
    made = tiny_project(tmp_path / "project", models=("alpha", "beta"), days=1)
    (made / "aimon.yaml").write_text(SETTINGS)
    return made


def explained(client: httpx.Client, **asked: Any) -> Any:
    answer = client.get(f"{API}/routes/explain", params={"model": "alpha", **asked})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_each_route_says_whether_it_fits_and_why_not(client: httpx.Client) -> None:
    told = explained(client, severity="critical")

    assert [(each["number"], each["fits"], each["taken"], each["because"]) for each in told["routes"]] == [
        (1, True, True, "everything it asks for fits"),
        (2, False, False, "owner is tests, not nobody"),
        (3, True, True, "it is for every notice"),
        (4, True, False, "a route before it decided"),
    ]
    assert [(each["channel"], each["digest"]) for each in told["channels"]] == [("pager", False), ("team", True)]
    assert told["sentence"] == (
        "A notice of severity critical about alpha would go to pager at once "
        "and to team with the digest of 2026-11-21T08:00:00Z."
    )


def test_the_answer_is_about_the_instant_that_is_asked_for(client: httpx.Client) -> None:
    told = explained(client, severity="critical", at="2026-11-20T10:00:00Z")

    assert told["routes"][0]["because"] == "it is business then"
    assert [each["channel"] for each in told["channels"]] == ["team"]
    assert explained(client, severity="warning")["routes"][0]["because"] == "severity is warning, not critical"
    assert problem(client.get(f"{API}/routes/explain?model=alpha&at=0001-01-01T00:00:00Z"))["status"] == 422
    assert problem(client.get(f"{API}/routes/explain?model=none"))["status"] == 404


def test_a_warning_of_drift_is_said_to_wait(client: httpx.Client) -> None:
    waits = "A warning of drift waits until it was found on 2 days, unless it lies at twice its limit."

    assert explained(client, severity="warning", family="drift")["sentence"].endswith(waits)
    assert waits not in explained(client, severity="warning", family="fairness")["sentence"]
    assert waits not in explained(client, severity="critical", family="drift")["sentence"]


def test_a_silence_that_holds_is_named(client: httpx.Client) -> None:
    told = explained(client, model="beta")

    assert told["silenced"]["reason"] == "migration"
    assert told["sentence"].endswith("held back: silenced until 2026-12-01T08:00:00Z by ann: migration.")


def test_a_resting_channel_is_named_with_the_end_of_its_rest(client: httpx.Client, platform: Platform) -> None:
    until = NOW + timedelta(minutes=20)
    with platform.store.transaction() as connection:
        channels.failed(connection, "pager", at=NOW, error="refused")
        channels.rest(connection, "pager", until=until)
        channels.failed(connection, "gone", at=NOW, error="refused")

    (pager, _) = explained(client, severity="critical")["channels"]
    assert pager["resting_until"] == iso(until)
    states = {each["channel"]: each["state"] for each in client.get(f"{API}/channels").json()["items"]}
    assert states == {"pager": "resting", "team": "unused", "gone": "undeclared"}


def test_silences_of_the_file_are_listed_with_those_that_were_made(client: httpx.Client) -> None:
    body = {"when": {"model": "alpha"}, "until": "2026-12-01T08:00:00Z", "reason": "known"}
    made = client.post(f"{API}/silences", json=body).json()

    listed = client.get(f"{API}/silences").json()["items"]
    assert [(each["declared"], each["id"], each["reason"]) for each in listed] == [
        (True, None, "migration"),
        (False, made["id"], "known"),
    ]
    assert len(client.get(f"{API}/silences", params={"ended": True}).json()["items"]) == 3


def test_notices_are_read_in_pages_and_one_that_was_given_up_is_tried_again(
    client: httpx.Client, platform: Platform
) -> None:
    for number in range(5):
        raise_alert(platform.store, model="alpha", title=f"alert {number}", severity="critical", text="", by="tests")
    pages, cursor = [], None
    while True:
        asked = {"limit": 2, **({"cursor": cursor} if cursor else {})}
        told = client.get(f"{API}/notices", params=asked).json()
        pages.append([each["subject"] for each in told["items"]])
        cursor = told["next"]
        if cursor is None:
            break
    (first, *_) = client.get(f"{API}/notices").json()["items"]
    with platform.store.transaction() as connection:
        notices.postpone(connection, first["id"], error="refused", until=None)
    dead = client.get(f"{API}/notices", params={"status": "dead"}).json()["items"]
    retried = client.post(f"{API}/notices/{first['id']}/retry")
    own = client.get(f"{API}/notices", params={"incident": first["incident_id"]}).json()["items"]

    assert [len(own) for own in pages] == [2, 2, 1]
    assert len({subject for own in pages for subject in own}) == 5
    assert [(each["id"], each["last_error"]) for each in dead] == [(first["id"], "refused")]
    assert retried.status_code == 204
    assert [each["status"] for each in own] == ["pending"]

"""What was found, over HTTP: models, records in pages, incidents and what people do with them, silences, baselines."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from aimon.clock import days
from aimon.incident.evaluation import Evaluation
from aimon.incident.seed import open_from_evaluations
from aimon.lake.reports import Form, report_key
from aimon.platform import Platform
from aimon.service.access import Door
from aimon.service.answers import cursor as cursor_of
from aimon.service.incidents import IncidentDetail
from aimon.store import baselines, grids, records
from aimon.verdict.record import Record
from tests.service.conftest import problem

API = "/api/v1"
NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
TODAY = NOW.date()


class Result:
    """A record, as far as the store is concerned."""

    def __init__(self, metric: str, column: str | None, value: float, verdict: str = "ok") -> None:
        self._told = {"metric": metric, "column": column, "value": value, "verdict": verdict}

    def as_json(self) -> dict[str, Any]:
        empty = dict.fromkeys(("segment", "group", "groups", "low", "high", "p_value", "p_adjusted", "threshold"))
        rest = {"maturity": None, "n_reference": 1, "n_current": 1, "low_power": False, "reason": None, "rule": None}
        return {**empty, **rest, "family": "drift", **self._told}


@pytest.fixture(autouse=True)
def found(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty days of records of one model, two incidents, one of them of the past, and a baseline."""
    monkeypatch.setenv("AIMON_NOW", NOW.isoformat())
    name = next(iter(platform.project.models))
    with platform.store.transaction() as connection:
        for day in days(TODAY - timedelta(days=40), TODAY):
            told = [
                Result("drift_score", None, 12.5, "warning"),
                Result("psi", "income", 0.31, "critical"),
                Result("ks", "income", 0.2),
                Result("psi", "age", 0.01),
            ]
            origin = {"baseline_id": "b1", "grid_id": "g1", "run_id": None, "as_of": NOW}
            records.replace(connection, model=name, version="1", day=day, window="1d", records=told, **origin)
        grids.add(connection, model=name, id="g1", artifact="grids/g1.json", reference={})
        for number in (1, 2):
            baselines.create(
                connection,
                model=name,
                id=f"b{number}",
                grid_id="g1",
                artifact=f"b{number}.parquet",
                sha256="0" * 64,
                rows=10,
                reference={"from": "2026-09-01"},
                created_by="tests",
            )
        baselines.activate(connection, name, "b1")
    told = [
        Evaluation(
            run_id="r",
            asset="predictions",
            check="quality",
            model=name,
            day=day,
            passed=False,
            timestamp=NOW,
            metadata={"description": "=No rows arrived."},
        )
        for day in (TODAY - timedelta(days=1), date(2026, 1, 1))
    ]
    open_from_evaluations(platform.store, told)


@pytest.fixture
def name(platform: Platform) -> str:
    return next(iter(platform.project.models))


def test_models_are_listed_with_their_incidents_and_the_line_of_their_drift(client: httpx.Client, name: str) -> None:
    (shown,) = client.get(f"{API}/models").json()["items"]

    assert (shown["model"], shown["state"], shown["open_incidents"]) == (name, "critical", {"critical": 1})
    assert len(shown["drift_score"]) == 31
    assert shown["drift_score"][-1] == {"day": "2026-11-20", "value": 12.5, "verdict": "warning"}
    detail = client.get(f"{API}/models/{name}").json()
    assert detail["declared"]["task"] == "binary"
    assert "source" not in detail["declared"]
    assert problem(client.get(f"{API}/models/none"))["status"] == 404


def test_records_are_read_in_pages_that_miss_and_repeat_nothing(client: httpx.Client, name: str) -> None:
    asked: dict[str, Any] = {"model": name, "range": "30d", "limit": 7}
    pages, cursor = [], None
    while True:
        answer = client.get(f"{API}/monitoring/records", params={**asked, **({"cursor": cursor} if cursor else {})})
        pages.append(answer.json())
        cursor = pages[-1]["next"]
        if cursor is None:
            break
    whole = client.get(f"{API}/monitoring/records", params={**asked, "limit": 500}).json()

    assert [each for page in pages for each in page["metrics"]] == whole["metrics"]
    assert len(whole["metrics"]) == 31 * 4
    about = {key: whole[key] for key in ("model", "version", "reference_rows", "current_rows", "as_of", "next")}
    assert about == {
        "model": name,
        "version": "1",
        "reference_rows": 1,
        "current_rows": 1,
        "as_of": "2026-11-20T06:00:00Z",
        "next": None,
    }
    assert whole["metrics"][0]["day"] == "2026-10-21"
    assert set(whole["metrics"][0]) >= {"model", "version", "day", "window", "value", "verdict", "as_of", "grid_id"}


@pytest.mark.parametrize(
    ("asked", "number"),
    [
        ({}, 8),
        ({"range": "7d"}, 32),
        ({"range": "7d", "metric": "psi"}, 16),
        ({"range": "7d", "metric": "psi", "column": "income"}, 8),
        ({"range": "7d", "verdict": ["critical", "warning"]}, 16),
        ({"from": "2026-11-01", "to": "2026-11-02", "family": "drift"}, 8),
        ({"range": "7d", "family": "fairness"}, 0),
        ({"window": "7d"}, 0),
    ],
)
def test_records_are_narrowed(client: httpx.Client, name: str, asked: dict[str, Any], number: int) -> None:
    assert len(client.get(f"{API}/monitoring/records", params={"model": name, **asked}).json()["metrics"]) == number


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ({"model": "none"}, 404, "there is no model none"),
        ({}, 422, "model: Field required"),
        ({"model": "{name}", "range": "1y"}, 422, "range"),
        ({"model": "{name}", "cursor": "x"}, 422, "this is no cursor of this list"),
        ({"model": "{name}", "from": "2026-11-02", "to": "2026-11-01"}, 422, "from lies behind to"),
        ({"model": "{name}", "from": "2020-01-01"}, 422, "more than a year is asked for at once"),
        ({"model": "{name}", "colour": "red"}, 422, "colour"),
    ],
)
def test_questions_that_make_no_sense_are_answered_with_what_is_wrong(
    client: httpx.Client, name: str, asked: dict[str, str], status: int, said: str
) -> None:
    params = {key: value.format(name=name) for key, value in asked.items()}
    told = problem(client.get(f"{API}/monitoring/records", params=params))

    assert told["status"] == status
    assert said in told["detail"]


def test_drift_is_told_day_by_day_with_the_worst_column_first(client: httpx.Client, name: str) -> None:
    items = client.get(f"{API}/monitoring/drift-snapshots/{name}", params={"range": "7d"}).json()["items"]

    assert len(items) == 8
    assert items[-1]["drift_score"] == 12.5
    assert items[-1]["columns"] == [
        {"column": "income", "verdict": "critical", "values": {"psi": 0.31, "ks": 0.2}},
        {"column": "age", "verdict": "ok", "values": {"psi": 0.01}},
    ]


def test_an_unchanged_answer_is_not_sent_again(client: httpx.Client, name: str) -> None:
    first = client.get(f"{API}/monitoring/records", params={"model": name})
    tag = {"If-None-Match": first.headers["etag"]}
    again = client.get(f"{API}/monitoring/records", params={"model": name}, headers=tag)
    other = client.get(f"{API}/monitoring/records", params={"model": name, "range": "7d"}, headers=tag)

    assert (again.status_code, again.content) == (304, b"")
    assert other.status_code == 200
    assert "etag" not in client.get(f"{API}/models/none").headers


def test_incidents_are_listed_shown_and_exported(client: httpx.Client, name: str) -> None:
    newest, oldest = client.get(f"{API}/monitoring/incidents").json()["items"]
    page = client.get(f"{API}/monitoring/incidents", params={"limit": 1}).json()
    following = client.get(f"{API}/monitoring/incidents", params={"limit": 1, "cursor": page["next"]}).json()
    detail = client.get(f"{API}/monitoring/incidents/{newest['id']}").json()
    table = list(csv.DictReader(io.StringIO(client.get(f"{API}/monitoring/incidents.csv").text)))

    assert page["items"] + following["items"] == [newest, oldest]
    assert following["next"] is None
    assert {each["historic"] for each in (newest, oldest)} == {True, False}
    assert [event["kind"] for event in detail["events"]] == ["opened"]
    assert len(table) == 2
    assert client.get(f"{API}/monitoring/incidents", params={"status": "resolved"}).json()["items"] == []
    assert len(client.get(f"{API}/monitoring/incidents", params={"historic": False}).json()["items"]) == 1
    assert problem(client.get(f"{API}/monitoring/incidents/999"))["status"] == 404


def test_what_people_do_with_an_incident_is_in_its_history_and_in_the_audit_log(
    client: httpx.Client, door: Door
) -> None:
    (incident,) = client.get(f"{API}/monitoring/incidents", params={"historic": False}).json()["items"]
    path = f"{API}/monitoring/incidents/{incident['id']}"

    first = client.post(f"{path}/acknowledge", json={"text": "looking"}).json()
    again = client.post(f"{path}/acknowledge").json()
    commented = client.post(f"{path}/comment", json={"text": "the feed was down"})
    assigned = client.post(f"{path}/assign", json={"to": "ann"}).json()
    resolved = client.post(f"{path}/resolve", json={"text": "it is back"}).json()
    refused = client.post(f"{path}/acknowledge")
    reopened = client.post(f"{path}/reopen").json()

    assert (first["changed"], again["changed"], resolved["changed"], reopened["changed"]) == (True, False, True, True)
    assert (commented.status_code, resolved["incident"]["status"]) == (201, "resolved")
    assert problem(refused)["status"] == 409
    assert assigned["incident"]["assignee"] == "ann"
    history = client.get(path).json()["events"]
    assert [event["kind"] for event in history] == [
        "opened",
        "acknowledged",
        "commented",
        "assigned",
        "resolved",
        "reopened",
    ]
    assert {event["actor"] for event in history[1:]} == {"key:000000000003"}
    actions = [row.action for row in door.accounts.trail.rows(subject=f"incident:{incident['id']}")]
    assert actions[::-1] == [
        "incidents.acknowledge",
        "incidents.acknowledge",
        "incidents.comment",
        "incidents.assign",
        "incidents.resolve",
        "incidents.reopen",
    ]


def test_an_alert_by_hand_opens_an_incident_and_the_same_one_adds_to_it(client: httpx.Client, name: str) -> None:
    alert = {"model": name, "title": "Scores look odd", "severity": "warning", "text": "seen by the fraud team"}
    first = client.post(f"{API}/alerts/trigger", json=alert)
    second = client.post(f"{API}/alerts/trigger", json={**alert, "severity": "critical"}).json()
    detail = client.get(f"{API}/monitoring/incidents/{second['incident']}").json()

    assert (first.status_code, first.json()["opened"], second["opened"]) == (201, True, False)
    assert (detail["kind"], detail["severity"], detail["title"]) == ("alert", "critical", f"{name}: Scores look odd")
    assert [event["kind"] for event in detail["events"]] == ["opened", "continued"]
    assert len(detail["notices"]) == 2
    assert problem(client.post(f"{API}/alerts/trigger", json={**alert, "model": "none"}))["status"] == 404


def test_an_incident_says_what_happened_which_run_found_it_and_where_to_read_on(
    client: httpx.Client, platform: Platform, name: str
) -> None:
    day = TODAY - timedelta(days=1)
    platform.lake.write_bytes(report_key(name, day, Form.HTML), b"<p>all</p>")
    (number, *_) = [each["id"] for each in client.get(f"{API}/monitoring/incidents?historic=false").json()["items"]]
    detail = client.get(f"{API}/monitoring/incidents/{number}").json()

    assert IncidentDetail.model_validate(detail).run_id == "r"
    assert detail["words"].startswith(f"The quality check of {name} failed on {day}.")
    assert detail["reports"] == {"html": f"{API}/reports/{name}/{day}/html"}
    assert client.get(detail["reports"]["html"]).status_code == 200


def test_silences_are_made_listed_and_ended(client: httpx.Client, name: str) -> None:
    wanted = {"when": {"model": name}, "until": "2026-11-21T00:00:00Z", "reason": "a migration"}
    made = client.post(f"{API}/silences", json=wanted)

    assert made.status_code == 201
    assert made.json()["when"] == {"model": [name]}
    assert client.get(f"{API}/silences").json()["items"] == [made.json()]
    assert client.delete(f"{API}/silences/{made.json()['id']}").status_code == 204
    assert client.get(f"{API}/silences").json()["items"] == []
    assert problem(client.delete(f"{API}/silences/{made.json()['id']}"))["status"] == 404
    assert problem(client.post(f"{API}/silences", json={**wanted, "when": {"colour": "red"}}))["status"] == 422


def test_reports_are_shown_in_a_box(client: httpx.Client, platform: Platform, name: str) -> None:
    platform.lake.write_bytes(report_key(name, TODAY), b"<html><script>steal()</script></html>")
    platform.lake.write_bytes(report_key(name, TODAY, Form.JSON), b"{}")
    shown = client.get(f"{API}/reports/{name}/2026-11-20/html")

    assert client.get(f"{API}/reports/{name}").json()["items"] == [{"day": "2026-11-20", "forms": ["html", "json"]}]
    assert shown.headers["content-type"] == "text/html; charset=utf-8"
    assert shown.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert client.get(f"{API}/reports/{name}/2026-11-20/json").json() == {}
    assert problem(client.get(f"{API}/reports/{name}/2026-11-19/html"))["status"] == 404


def test_the_platform_says_how_it_is_doing(client: httpx.Client) -> None:
    told = client.get(f"{API}/monitoring/status").json()

    assert told["now"] == "2026-11-20T06:00:00Z"
    assert told["notices"] == {"pending": 1}
    assert client.get(f"{API}/notices").json()["items"][0]["status"] == "pending"
    assert client.get(f"{API}/routes").json()["items"] == []
    (channel,) = client.get(f"{API}/channels").json()["items"]
    assert (channel["channel"], channel["kind"], channel["state"]) == ("file", "file", "unused")


def test_the_audit_log_is_read_verified_and_exported(client: httpx.Client, door: Door) -> None:
    door.accounts.trail.note("user:ann", "tests.note", "thing:1")
    door.accounts.trail.note("user:ann", "tests.note", "thing:2")
    page = client.get(f"{API}/audit", params={"actor": "user:ann", "limit": 1}).json()
    asked = {"actor": "user:ann", "limit": 1, "cursor": page["next"]}

    assert page["items"][0]["subject"] == "thing:2"
    assert client.get(f"{API}/audit", params=asked).json()["items"][0]["subject"] == "thing:1"
    assert client.get(f"{API}/audit/verify").json()["ok"]
    exported = client.get(f"{API}/audit/export")
    assert len(exported.text.splitlines()) == 3
    assert '"audit.export"' in exported.text


def test_users_and_keys_are_managed_over_http(client: httpx.Client) -> None:
    made = client.post(f"{API}/keys", json={"name": "loader", "scopes": ["ingest"], "days": 90})
    prefix = made.json()["prefix"]
    rotated = client.post(f"{API}/keys/{prefix}/rotate", params={"overlap_hours": 1})
    revoked = client.delete(f"{API}/keys/{prefix}").json()
    client.post(f"{API}/users", json={"name": "ann", "role": "admin"})
    demoted = client.patch(f"{API}/users/ann", json={"role": "viewer"})

    assert (made.status_code, rotated.status_code, revoked["state"]) == (201, 201, "revoked")
    assert "key" in made.json()
    assert "key" not in client.get(f"{API}/keys").json()["items"][0]
    assert problem(demoted)["detail"] == "ann is the last admin; make somebody else admin first"
    assert problem(client.post(f"{API}/users", json={"name": "ann"}))["status"] == 409
    assert problem(client.patch(f"{API}/users/none", json={"role": "viewer"}))["status"] == 404
    assert [user["name"] for user in client.get(f"{API}/users").json()["items"]] == ["ann"]


def test_records_of_the_engine_have_the_fields_that_are_described() -> None:
    from dataclasses import fields

    from aimon.service.records import Record as Described
    from aimon.store.records import StoredRecord

    assert set(Described.model_fields) == {field.name for field in fields(StoredRecord)}
    assert {field.name for field in fields(Record)} - set(Described.model_fields) == set()


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("monitoring/incidents", [2**63]),
        ("monitoring/incidents", [True]),
        ("notices", [2**64 - 1, "slack"]),
        ("monitoring/records", ["2026-11-20", "1d\0", "drift", 1]),
        ("monitoring/records", ["2026-11-20", "1d", "drift", 2**63]),
    ],
)
def test_a_cursor_that_no_database_could_hold_is_refused(client: httpx.Client, path: str, place: list[Any]) -> None:
    asked = {"cursor": cursor_of(*place), **({"model": "alpha"} if path.endswith("records") else {})}
    told = problem(client.get(f"{API}/{path}", params=asked))
    assert (told["status"], told["detail"].partition(":")[0]) == (422, "cursor")

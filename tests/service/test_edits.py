"""Editing the project's files over HTTP: checked as a whole, kept with the reason, undone; and who may not."""

import difflib
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from aimon.access.rights import Role
from aimon.service.access import Door
from tests.service.conftest import problem, running
from tests.service.people import PASSWORD, bearer, invite

API = "/api/v1"
LIMITS = {"psi": {"warning": 0.2, "critical": 0.3}}
MODEL = """\
model: fresh
task: binary
source: {kind: collector}
columns: {id: id, timestamp: at, prediction: y, features: [income]}
"""


@pytest.fixture
def file(root: Path) -> Path:
    found = root / "models" / "alpha.yaml"
    found.write_text(
        found.read_text() + "# what we agreed on\nthresholds:\n  psi: {warning: 0.1, critical: 0.25}  # the seed\n"
        "  ks: {warning: 0.2}\n# the end\n"
    )
    return found


def edit(client: httpx.Client, path: str, **body: Any) -> httpx.Response:
    """Change what is seen now."""
    seen = client.get(f"{API}/{path}")
    return client.put(f"{API}/{path}", json={"reason": "because", **body}, headers={"If-Match": seen.headers["etag"]})


def changed(before: str, after: str) -> list[str]:
    return [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]


def test_limits_are_changed_in_their_lines_and_hold_at_once(client: httpx.Client, file: Path) -> None:
    before = file.read_text()
    answer = edit(
        client, "models/alpha/thresholds", thresholds={"psi": {"warning": 0.1, "critical": 0.4}, "js": {"warning": 0.3}}
    )
    shown = client.get(f"{API}/models/alpha/thresholds").json()

    assert answer.status_code == 200, answer.text
    assert changed(before, file.read_text()) == [
        "-   psi: {warning: 0.1, critical: 0.25}  # the seed",
        "+   psi: {warning: 0.1, critical: 0.4}  # the seed",
        "-   ks: {warning: 0.2}",
        "+   js: {warning: 0.3}",
    ]
    psi = next(limit for limit in shown["effective"] if limit["metric"] == "psi")
    assert (psi["warning"], psi["critical"], psi["declared"]) == (0.1, 0.4, True)
    assert client.get(f"{API}/models/alpha").json()["declared"]["thresholds"]["psi"]["critical"] == 0.4


def test_a_limit_that_check_would_refuse_is_refused_with_its_sentence_and_nothing_is_written(
    client: httpx.Client, file: Path
) -> None:
    before = file.read_text()
    told = problem(edit(client, "models/alpha/thresholds", thresholds={"pssi": {"warning": 1}}))

    assert told["status"] == 422
    assert told["mistakes"][0]["file"] == "models/alpha.yaml"
    assert told["mistakes"][0]["key"] == "thresholds.pssi"
    assert "did you mean 'psi'?" in told["mistakes"][0]["message"]
    assert file.read_text() == before
    assert client.get(f"{API}/declarations/changes").json()["items"] == []


def test_nobody_overwrites_what_they_never_read(client: httpx.Client, file: Path) -> None:
    url = f"{API}/models/alpha/thresholds"
    seen = client.get(url).headers["etag"]
    file.write_text(file.read_text() + "# by hand\n")
    body = {"thresholds": LIMITS, "reason": "because"}

    assert problem(client.put(url, json=body))["status"] == 428
    assert problem(client.put(url, json=body, headers={"If-Match": seen}))["status"] == 412
    assert file.read_text().endswith("# by hand\n")
    assert client.get(url, headers={"If-None-Match": client.get(url).headers["etag"]}).status_code == 304


def test_an_edit_is_in_the_audit_log_and_can_be_undone_once(client: httpx.Client, file: Path, door: Door) -> None:
    before = file.read_text()
    number = edit(client, "models/alpha/thresholds", thresholds=LIMITS).json()["change"]["id"]
    file.write_text(file.read_text().replace("owner: tests", "owner: others"))
    shown = client.get(f"{API}/declarations/changes/{number}").json()
    undone = client.post(f"{API}/declarations/changes/{number}/undo", json={"reason": "too high"})
    again = client.post(f"{API}/declarations/changes/{number}/undo", json={"reason": "too high"})

    assert "-  psi: {warning: 0.1, critical: 0.25}  # the seed" in shown["diff"]
    assert undone.json()["change"]["undoes"] == number
    assert file.read_text() == before.replace("owner: tests", "owner: others")
    assert problem(again)["status"] == 409
    listed = client.get(f"{API}/declarations/changes", params={"file": "models/alpha.yaml"}).json()["items"]
    assert [(each["id"], each["undone_by"]) for each in listed] == [(number + 1, None), (number, number + 1)]
    (row,) = door.accounts.trail.rows(action="declarations.edit")
    assert row.subject == "file:models/alpha.yaml"
    assert shown["before_sha256"] in row.detail
    assert door.accounts.trail.rows(action="declarations.undo")
    assert door.accounts.trail.verify().ok


def test_what_was_edited_again_is_not_undone(client: httpx.Client, file: Path) -> None:
    number = edit(client, "models/alpha/thresholds", thresholds=LIMITS).json()["change"]["id"]
    edit(client, "models/alpha/thresholds", thresholds={})

    assert "thresholds" not in file.read_text()
    answer = client.post(f"{API}/declarations/changes/{number}/undo", json={"reason": "x"})
    assert "was changed since" in problem(answer)["detail"]


def test_routes_and_silences_are_edited_in_aimon_yaml_and_read_at_once(client: httpx.Client, root: Path) -> None:
    settings = root / "aimon.yaml"
    settings.write_text("models: models  # here\nroutes: []  # none yet\n")
    routes = [{"when": {"severity": "critical"}, "to": ["file"]}, {"to": ["file"], "digest": True}]
    answer = edit(client, "settings/routes", value=routes)

    assert answer.status_code == 200, answer.text
    assert settings.read_text() == (
        "models: models  # here\nroutes:\n  - {when: {severity: critical}, to: [file]}\n"
        "  - {to: [file], digest: true}  # none yet\n"
    )
    assert [route["digest"] for route in client.get(f"{API}/routes").json()["items"]] == [False, True]
    told = problem(edit(client, "settings/routes", value=[{"to": ["pagr"]}]))
    assert "no channel is called 'pagr'" in told["detail"]
    assert client.get(f"{API}/settings/channels").status_code == 422


def test_a_models_file_is_edited_as_text_but_neither_renamed_nor_pointed_elsewhere(
    client: httpx.Client, file: Path
) -> None:
    text = client.get(f"{API}/models/alpha/file").json()["text"]

    assert edit(client, "models/alpha/file", text=text.replace("owner: tests", "owner: risk")).status_code == 200
    assert "owner: risk" in file.read_text()
    for old, new, key in (
        ("model: alpha", "model: omega", "model"),
        ("data/alpha/*.parquet", "/etc/*.parquet", "source"),
        ("reference/alpha.parquet", "/etc/passwd", "baseline.path"),
    ):
        told = problem(edit(client, "models/alpha/file", text=text.replace(old, new)))
        assert told["detail"].startswith(f"{key}: this is not changed over the network")
    told = problem(edit(client, "models/alpha/file", text=text.replace("features: [income", "features: [incme")))
    assert (told["status"], "incme" in told["detail"]) == (422, True)


def test_a_text_can_be_checked_before_it_is_written(client: httpx.Client, file: Path) -> None:
    text = file.read_text()
    good = client.post(f"{API}/declarations/check", json={"model": "alpha", "text": text}).json()
    bad = client.post(f"{API}/declarations/check", json={"model": "alpha", "text": text + "tsk: x\n"}).json()

    assert good == {"ok": True, "mistakes": []}
    assert not bad["ok"]
    assert (bad["mistakes"][0]["key"], bad["mistakes"][0]["line"]) == ("tsk", len(text.splitlines()) + 1)
    assert file.read_text() == text


def test_a_model_that_is_collected_can_be_added_and_is_never_deleted(client: httpx.Client, root: Path) -> None:
    made = client.post(f"{API}/models", json={"text": MODEL, "reason": "new"})

    assert made.status_code == 201, made.text
    assert (root / "models" / "fresh.yaml").read_text() == MODEL
    assert client.get(f"{API}/models/fresh").status_code == 200
    number = made.json()["change"]["id"]
    assert problem(client.post(f"{API}/declarations/changes/{number}/undo", json={"reason": "x"}))["status"] == 409
    assert problem(client.post(f"{API}/models", json={"text": MODEL, "reason": "again"}))["status"] == 409
    elsewhere = MODEL.replace("{kind: collector}", "{kind: csv, path: /etc/passwd}").replace("fresh", "other")
    assert problem(client.post(f"{API}/models", json={"text": elsewhere, "reason": "x"}))["status"] == 422
    outside = MODEL.replace("fresh", "../fresh")
    assert problem(client.post(f"{API}/models", json={"text": outside, "reason": "x"}))["status"] == 422


def test_a_file_with_a_password_is_neither_shown_nor_kept(client: httpx.Client, root: Path, door: Door) -> None:
    secret = "postgresql://ann:geheim@db/loans"
    file = root / "models" / "alpha.yaml"
    kept = [line for line in file.read_text().splitlines() if not line.startswith("source")]
    file.write_text("\n".join([*kept, f"source: {{kind: sql, url: '{secret}', table: t}}", ""]))

    answer = client.get(f"{API}/models/alpha/file")
    assert "holds a password" in problem(answer)["detail"]
    assert "geheim" not in answer.text


def test_viewers_and_auditors_change_nothing_and_auditors_see_what_was_changed(
    app: FastAPI, door: Door, file: Path
) -> None:
    invite_people(door)
    before = file.read_text()
    with running(app) as address, httpx.Client(base_url=address) as client:
        statuses = {}
        for role in (Role.VIEWER, Role.AUDITOR):
            answer = client.post(f"{API}/auth/token", json={"name": role.value, "password": PASSWORD})
            headers = bearer(answer.json()["access_token"])
            tag = client.get(f"{API}/models/alpha/thresholds", headers=headers).headers["etag"]
            body = {"thresholds": LIMITS, "reason": "because"}
            put = client.put(f"{API}/models/alpha/thresholds", json=body, headers={**headers, "If-Match": tag})
            seen = client.get(f"{API}/declarations/changes", headers=headers)
            text = client.get(f"{API}/models/alpha/file", headers=headers)
            statuses[role] = (put.status_code, text.status_code, seen.status_code)

    assert statuses == {Role.VIEWER: (403, 403, 403), Role.AUDITOR: (403, 403, 200)}
    assert file.read_text() == before


def invite_people(door: Door) -> None:
    with door.accounts.store.transaction() as connection:
        connection.exec_driver_sql("DELETE FROM api_keys")
    invite(door, *Role)

"""Baselines over HTTP: proposed, approved and put to use, each act a record of the audit log."""

import httpx

from aimon.platform import Platform
from aimon.service.access import Door
from tests.service.conftest import problem

API = "/api/v1"


def test_a_baseline_is_proposed_approved_and_put_to_use(client: httpx.Client, platform: Platform, door: Door) -> None:
    name = next(iter(platform.project.models))
    path, why = f"{API}/monitoring/baselines", {"reason": "the first day is as it should be"}
    made = client.post(path, json={"model": name, "from": "2026-11-01", "to": "2026-11-01", **why})
    own = f"{path}/{name}/{made.json()['id']}"
    early = client.post(f"{own}/activate", json=why)
    approved = client.post(f"{own}/approve", json=why).json()
    active = client.post(f"{own}/activate", json=why).json()
    listed = client.get(path, params={"model": name}).json()["items"]

    assert (made.status_code, made.json()["status"]) == (201, "proposed")
    assert "is not approved" in problem(early)["detail"]
    assert (approved["approved_by"], active["status"]) == ("key:000000000003", "active")
    assert [(each["id"], each["status"]) for each in listed] == [(made.json()["id"], "active")]
    assert [row.action for row in door.accounts.trail.rows(actor="key:000000000003")] == [
        "baseline.activate",
        "baseline.approve",
        "baseline.propose",
    ]
    assert problem(client.post(f"{path}/{name}/b9/approve", json=why))["status"] == 404


def test_a_baseline_is_proposed_of_a_file_of_the_project_and_of_no_other(
    client: httpx.Client, platform: Platform
) -> None:
    name = next(iter(platform.project.models))
    url, why = f"{API}/monitoring/baselines", {"model": name, "reason": "the training rows"}
    made = client.post(url, json={"path": f"reference/{name}.parquet", **why})

    assert made.status_code == 201, made.text
    assert (made.json()["rows"], made.json()["reference"]["path"]) == (4000, f"reference/{name}.parquet")
    for path in ("/etc/passwd", "../other.parquet", "s3://bucket/a.parquet", "aimon.yaml", "none.csv", "a" * 300):
        assert problem(client.post(url, json={"path": path, **why}))["detail"].startswith("path: "), path
    for mixed in ({}, {"from": "2026-11-01"}, {"path": "a.csv", "from": "2026-11-01", "to": "2026-11-01"}):
        assert problem(client.post(url, json={**mixed, **why}))["detail"].startswith("name ")

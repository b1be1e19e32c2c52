"""`/metrics`: accepted by the reference parser, true, and not growing with what strangers ask for."""

from typing import Any

import httpx
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from aimon.platform import Platform
from aimon.store import incidents
from tests.service.conftest import problem


def families(client: httpx.Client) -> dict[str, Any]:
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert answer.text.endswith("# EOF\n")
    return {family.name: family for family in text_string_to_metric_families(answer.text)}


def test_requests_are_counted_by_their_route(client: httpx.Client) -> None:
    for number in range(3):
        client.get(f"/api/v1/monitoring/incidents/{number + 1}")
        client.get(f"/nowhere-{number}")
    found = families(client)

    counts = {
        (sample.labels["route"], sample.labels["status"]): sample.value
        for sample in found["aimon_http_requests"].samples
        if sample.name == "aimon_http_requests_total"
    }
    assert counts["/api/v1/monitoring/incidents/{number}", "404"] == 3
    assert counts["none", "404"] == 3
    assert found["aimon_http_request_duration_seconds"].type == "histogram"
    assert not any("nowhere" in route for route, _ in counts)


def test_incidents_and_models_are_told(client: httpx.Client, platform: Platform) -> None:
    from aimon import clock

    with platform.store.transaction() as connection:
        incidents.add(
            connection,
            cause='drift|a"b\nc|x',
            kind="drift",
            model='a"b\nc',
            subject="x",
            historic=False,
            severity="critical",
            title="t",
            first_day=clock.today(),
            last_day=clock.today(),
            at=clock.now(),
        )
    found = families(client)

    (sample,) = found["aimon_incidents_open"].samples
    assert (sample.labels, sample.value) == ({"model": 'a"b\nc', "severity": "critical"}, 1)
    assert found["aimon_models"].samples[0].value == 1


def test_no_two_families_clash_and_counters_end_in_total(client: httpx.Client) -> None:
    text = client.get("/metrics").text
    names = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]

    assert len(names) == len(set(names))
    assert all(name.startswith("aimon_") for name in names)


def test_the_same_numbers_come_as_json(client: httpx.Client) -> None:
    items = client.get("/api/v1/monitoring/metrics").json()["items"]

    assert {"name": "aimon_models", "labels": {}, "value": 1.0} in items


def test_numbers_are_not_for_everybody(client: httpx.Client) -> None:
    assert problem(client.get("/metrics", headers={"Authorization": ""}))["status"] == 401

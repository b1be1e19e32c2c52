"""The overview over HTTP: every model in a line, the worst first, with the month of what stands for it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from aimon import clock
from aimon.clock import days
from aimon.incident.alert import raise_alert
from aimon.platform import Platform
from aimon.store import heartbeats, records
from tests.tiny_project import tiny_project

URL = "/api/v1/monitoring/overview"
NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
TODAY = NOW.date()
YESTERDAY = TODAY - timedelta(days=1)


class Result:
    """A record, as far as the store is concerned."""

    def __init__(self, family: str, metric: str, value: float, **more: Any) -> None:
        self._told = {"family": family, "metric": metric, "value": value, "verdict": "ok", **more}

    def as_json(self) -> dict[str, Any]:
        names = ("column", "segment", "group", "groups", "low", "high", "p_value", "p_adjusted", "threshold")
        rest = {"maturity": None, "n_reference": 1, "n_current": 1, "low_power": False, "reason": None, "rule": None}
        return {**dict.fromkeys(names), **rest, **self._told}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tiny_project(tmp_path / "project", models=("alpha", "beta", "gamma"), days=1)


@pytest.fixture(autouse=True)
def _found(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """Alpha was analysed, beta has a critical incident, gamma was never looked at."""
    monkeypatch.setenv("AIMON_NOW", NOW.isoformat())
    for day in days(TODAY - timedelta(days=60), YESTERDAY):
        keep(platform, "alpha", day, *told(day))
    with platform.store.transaction() as connection:
        for model in ("alpha", "beta"):
            heartbeats.beat(connection, heartbeats.Kind.MODEL, model, "drift", day=YESTERDAY)
    raise_alert(platform.store, model="beta", title="income is gone", severity="critical", text="", by="tests")


def told(day: Any) -> list[Result]:
    mature = day < TODAY - timedelta(days=40)
    return [
        Result("drift", "drift_score", float(day.day)),
        Result("drift", "drift_score", 99.0, segment="region=north"),
        Result("drift", "drift_score", 98.0, rule="mine"),
        Result("fairness", "disparate_impact", 0.9, column="sex", threshold=0.8),
        Result("fairness", "demographic_parity_difference", 0.123456, column=("sex", "race"), verdict="warning"),
        Result("performance", "accuracy", 0.91 if mature else 0.5, maturity="mature" if mature else "provisional"),
        Result("estimate", "estimated_accuracy", 0.86),
        Result("operations", "volume", 68_785.0),
    ]


def keep(platform: Platform, model: str, day: Any, *found: Result) -> None:
    with platform.store.transaction() as connection:
        origin = {"baseline_id": "b", "grid_id": "g", "run_id": None, "as_of": NOW}
        records.replace(connection, model=model, version="1", day=day, window="1d", records=found, **origin)


def test_the_worst_model_comes_first_and_its_line_says_why(client: httpx.Client) -> None:
    lines = client.get(URL).json()["items"]

    assert [(line["model"], line["health"]) for line in lines] == [
        ("beta", "critical"),
        ("gamma", "unanalysed"),
        ("alpha", "ok"),
    ]
    assert lines[0]["why"] == "1 critical incident stands: beta: income is gone"
    assert lines[0]["incidents"] == {"critical": 1, "warning": 0, "info": 0}
    assert lines[0]["newest_incident"]["title"] == "beta: income is gone"
    assert (lines[2]["last_day"], lines[2]["why"]) == (YESTERDAY.isoformat(), "Nothing stands.")
    assert (lines[1]["drift"], lines[1]["analysed_at"]) == (None, None)


def test_a_line_has_a_month_of_each_number_of_all_rows(client: httpx.Client) -> None:
    told = client.get(URL, params={"search": "ALPHA"}).json()
    (line,) = told["items"]

    assert (told["days"][0], told["days"][-1], len(told["days"])) == ("2026-10-22", "2026-11-20", 30)
    assert line["drift"]["trend"] == [*(float(day) for day in (*range(22, 32), *range(1, 20))), None]
    assert (line["drift"]["value"], line["drift"]["day"]) == (19.0, "2026-11-19")
    assert line["volume"]["value"] == 68_785.0
    assert line["cost"] is None


def test_of_fairness_the_worst_gap_stands_for_the_model(client: httpx.Client) -> None:
    line = client.get(URL, params={"search": "alpha"}).json()["items"][0]

    assert line["fairness"]["metric"] == "demographic_parity_difference"
    assert line["fairness"]["column"] == ["sex", "race"]
    assert (line["fairness"]["value"], line["fairness"]["verdict"]) == (0.1235, "warning")


def test_performance_is_the_estimate_while_labels_are_not_mature_and_says_so(client: httpx.Client) -> None:
    head = client.get(URL, params={"search": "alpha"}).json()["items"][0]["performance"]

    assert (head["metric"], head["value"], head["estimated"]) == ("estimated_accuracy", 0.86, True)
    assert head["last_mature"] == {"value": 0.91, "day": "2026-10-10"}


def test_without_estimates_performance_is_what_mature_labels_say(client: httpx.Client, platform: Platform) -> None:
    keep(platform, "gamma", YESTERDAY - timedelta(days=5), Result("performance", "mae", 2.0, maturity="mature"))
    keep(platform, "gamma", YESTERDAY, Result("performance", "mae", 9.0, maturity="provisional"))

    head = client.get(URL, params={"search": "gamma"}).json()["items"][0]["performance"]

    assert (head["metric"], head["value"], head["maturity"], head["estimated"]) == ("mae", 2.0, "mature", False)


def test_what_is_judged_again_is_seen_at_once_and_an_unchanged_overview_is_spared(
    client: httpx.Client, platform: Platform
) -> None:
    before = client.get(URL)
    unchanged = client.get(URL, headers={"If-None-Match": before.headers["etag"]})
    keep(platform, "alpha", YESTERDAY, Result("drift", "drift_score", 77.0, verdict="critical"))
    after = client.get(URL, headers={"If-None-Match": before.headers["etag"]})

    assert unchanged.status_code == 304
    assert after.status_code == 200
    assert after.json()["items"][2]["drift"]["value"] == 77.0


def test_a_model_whose_day_is_overdue_is_late(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIMON_NOW", (clock.day_end(TODAY) + timedelta(hours=13)).isoformat())

    lines = client.get(URL, params={"health": "late"}).json()["items"]

    assert [line["model"] for line in lines] == ["alpha"]
    assert lines[0]["why"] == "Nothing was analysed since 2026-11-20T06:00:00Z."


def test_the_overview_is_read_in_pages_and_narrowed(client: httpx.Client) -> None:
    first = client.get(URL, params={"limit": 2}).json()
    second = client.get(URL, params={"limit": 2, "cursor": first["next"]}).json()

    assert [line["model"] for page in (first, second) for line in page["items"]] == ["beta", "gamma", "alpha"]
    assert second["next"] is None
    assert client.get(URL, params={"owner": "nobody"}).json()["items"] == []
    assert client.get(URL, params={"cursor": "x"}).status_code == 422


def test_a_model_file_that_is_changed_shows_without_a_restart(
    client: httpx.Client, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aimon.service.declarations.LOOK_SECONDS", 0.0)
    file = root / "models" / "alpha.yaml"
    file.write_text(file.read_text().replace("owner: tests", "owner: somebody else"))

    assert client.get(URL, params={"owner": "somebody else"}).json()["items"][0]["model"] == "alpha"
    (root / "aimon.yaml").write_text("routes: [nonsense")
    assert client.get(URL).status_code == 200


def test_a_brief_overview_has_every_model_and_how_it_is_doing_without_the_numbers(client: httpx.Client) -> None:
    whole, brief = client.get(URL).json(), client.get(URL, params={"brief": True}).json()
    numbers = ("drift", "fairness", "performance", "volume", "cost")

    assert brief["days"] == []
    assert [each["model"] for each in brief["items"]] == [each["model"] for each in whole["items"]]
    assert any(each["drift"] is not None for each in whole["items"])
    for line, short in zip(whole["items"], brief["items"], strict=True):
        assert short == line | dict.fromkeys(numbers)

"""What charts are drawn from, over HTTP: two judged days of a model, on the second of which income moved."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from aimon.clock import instant, stopped_at
from aimon.daily.model_day import ModelDay
from aimon.lake.reports import Form
from aimon.metrics.metric import Family
from aimon.platform import Platform, open_platform
from aimon.service.app import create_app
from aimon.service.server import open_door
from aimon.store import heartbeats
from tests.service.conftest import KEY, problem, running
from tests.service.people import invite
from tests.tiny_project import FIRST, tiny_project, write_day

API = "/api/v1/monitoring"
SECOND = FIRST + timedelta(days=1)
AS_OF = instant("2026-11-05T00:00:00Z")


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    root: Path = tiny_project(tmp_path_factory.mktemp("charts") / "project", days=2)
    file = root / "models" / "alpha.yaml"
    file.write_text(file.read_text().replace("  protected: [sex]\n", "  protected: [sex]\n  segments: [region]\n"))
    write_day(root, "alpha", SECOND, income_shift=1.5)
    with open_platform(root) as platform, stopped_at(AS_OF), pytest.MonkeyPatch.context() as patched:
        patched.setenv("AIMON_NOW", AS_OF.isoformat())
        for day in (FIRST, SECOND):
            work = ModelDay(platform, platform.model("alpha"), day, as_of=AS_OF, run_id="run-1")
            work.ingest()
            work.count()
            for family in Family:
                work.judge(family)
            work.report()
        door = open_door(platform)
        invite(door)
        with (
            running(create_app(platform, door)) as address,
            httpx.Client(base_url=address, headers=KEY, timeout=60) as client,
        ):
            yield client


def get(client: httpx.Client, path: str, **params: Any) -> Any:
    answer = client.get(f"{API}/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_trend_has_a_point_for_each_day_with_interval_limit_and_run(asked: httpx.Client) -> None:
    told = get(asked, "trends/alpha", metric=["psi", "ks"], column="income", segment="")["items"]

    assert [(line["metric"], line["column"], line["segment"]) for line in told] == [
        ("psi", "income", None),
        ("ks", "income", None),
    ]
    points = told[0]["points"]
    assert [point["day"] for point in points] == [FIRST.isoformat(), SECOND.isoformat()]
    assert [point["verdict"] for point in points] == ["ok", "critical"]
    assert points[1]["low"] < points[1]["value"] < points[1]["high"]
    assert (points[1]["run_id"], points[1]["n_current"], points[1]["threshold"]) == ("run-1", 400, 0.25)


def test_trends_of_groups_and_of_a_family_are_lines_of_their_own(asked: httpx.Client) -> None:
    rates = get(asked, "trends/alpha", metric="selection_rate", column="sex", segment="")["items"]
    one = get(asked, "trends/alpha", metric="selection_rate", column="sex", group="female", segment="")["items"]
    family = get(asked, "trends/alpha", family="operations", segment="")["items"]

    assert [line["group"] for line in rates] == ["female", "male"]
    assert [line["group"] for line in one] == ["female"]
    assert "volume" in {line["metric"] for line in family}
    assert problem(asked.get(f"{API}/trends/alpha"))["detail"].startswith("name a metric or a family")


def test_the_column_that_changed_most_is_drawn_first_and_in_words(asked: httpx.Client) -> None:
    told = get(asked, "distributions/alpha")

    assert (told["day"], told["current_rows"], told["baseline_rows"]) == (SECOND.isoformat(), 400, 4000)
    assert told["columns"][0]["verdict"] == "critical"
    assert {each["column"]: each["role"] for each in told["columns"]} == {
        "income": "feature",
        "region": "feature",
        "sex": "protected",
        "decision": "prediction",
        "score": "score",
        "label": "label",
    }
    income = get(asked, "distributions/alpha", column="income")["shown"]
    assert income["sentence"].startswith("shifted up by 1.")
    assert income["psi"] > 0.25
    assert income["quartiles"]["current"][1] - income["quartiles"]["baseline"][1] == pytest.approx(1.5, abs=0.2)


def test_both_sides_lie_on_the_same_bins_and_every_row_is_somewhere(asked: httpx.Client) -> None:
    for column in ("income", "score", "region", "decision"):
        shown = get(asked, "distributions/alpha", column=column)["shown"]
        for side, rows in (("baseline", 4000), ("current", 400)):
            counted = sum(part[side] for part in (*shown["bins"], *shown["special"]))
            assert counted == pytest.approx(rows, abs=len(shown["bins"]))
            shares = sum(part[f"{side}_share"] for part in (*shown["bins"], *shown["special"]))
            assert shares == pytest.approx(1.0, abs=1e-4)
    ends = [(part["low"], part["high"]) for part in get(asked, "distributions/alpha", column="income")["shown"]["bins"]]
    assert all(before[1] == after[0] for before, after in pairwise(ends))


def test_categories_have_their_names(asked: httpx.Client) -> None:
    shown = get(asked, "distributions/alpha", column="region")["shown"]

    assert sorted(part["label"] for part in shown["bins"]) == ["north", "south", "west"]
    assert {part["low"] for part in shown["bins"]} == {None}
    assert sum(part["current"] for part in shown["bins"]) == 400


def test_a_window_adds_days_up_and_a_segment_is_a_part_of_the_rows(asked: httpx.Client) -> None:
    week = get(asked, "distributions/alpha", window="7d", column="income")
    north = get(asked, "distributions/alpha", segment="region=north", column="income")

    assert week["current_rows"] == 800
    assert north["segment"] == "region=north"
    assert 90 < north["current_rows"] < 180
    assert "region=north" in north["segments"]
    assert sum(part["current"] for part in north["shown"]["bins"]) == pytest.approx(north["current_rows"], abs=40)


def test_calibration_shows_what_was_predicted_and_what_turned_out(asked: httpx.Client) -> None:
    told = get(asked, "calibration/alpha", day=FIRST.isoformat())

    assert [part["low"] for part in told["bins"]] == pytest.approx([place / 10 for place in range(10)])
    assert sum(part["baseline"]["rows"] for part in told["bins"] if part["baseline"]) == 4000
    middle = told["bins"][5]["baseline"]
    assert 0.5 < middle["predicted"] < 0.6
    assert middle["low"] < middle["observed"] < middle["high"]
    assert (told["maturity"], told["ece"]["day"]) == ("mature", FIRST.isoformat())


def test_a_summary_says_what_happened_and_where_to_read_on(asked: httpx.Client) -> None:
    told = get(asked, "summary/alpha")

    assert told["day"] == SECOND.isoformat()
    assert "drifted" in told["headline"]
    income = next(each for each in told["findings"] if each["subject"] == "income" and not each["segment"])
    assert income["verdict"] == "critical"
    assert income["said"] == f"income {income['sentence']}"
    assert income["said"].startswith("income shifted up by 1.")
    assert income["since"] == SECOND.isoformat()
    assert told["run_id"] == "run-1"
    assert set(told["reports"]) == {"html", "json", "csv"}
    assert asked.get(told["reports"][Form.HTML]).status_code == 200


def test_what_is_not_there_is_said(asked: httpx.Client) -> None:
    for path in (
        "distributions/alpha?column=nothing",
        "distributions/alpha?day=2025-01-01",
        "distributions/alpha?segment=region=nowhere",
        "distributions/none",
        "calibration/alpha?day=2025-01-01",
        "summary/alpha?day=2025-01-01",
        "summary/none",
        "trends/none?metric=psi",
    ):
        assert problem(asked.get(f"{API}/{path}"))["status"] == 404, path
    assert date.fromisoformat(get(asked, "summary/alpha", day=FIRST.isoformat())["day"]) == FIRST


def test_reports_are_listed_with_addresses_that_stay(asked: httpx.Client) -> None:
    first = asked.get("/api/v1/reports", params={"limit": 1}).json()
    second = asked.get("/api/v1/reports", params={"limit": 1, "cursor": first["next"], "model": "alpha"}).json()

    assert [page["items"][0]["day"] for page in (first, second)] == [SECOND.isoformat(), FIRST.isoformat()]
    assert second["next"] is None
    assert first["items"][0]["forms"]["html"] == f"/api/v1/reports/alpha/{SECOND.isoformat()}/html"
    assert asked.get("/api/v1/reports", params={"model": "none"}).status_code == 404


def test_a_model_tells_the_versions_that_were_judged(asked: httpx.Client) -> None:
    (only,) = asked.get("/api/v1/models/alpha/versions").json()["items"]

    assert only["version"] == "1"
    assert (only["first_day"], only["last_day"], only["days"]) == (FIRST.isoformat(), SECOND.isoformat(), 2)


def test_links_lead_to_dagster_where_the_settings_say_where_it_is(platform: Platform, app: FastAPI, root: Path) -> None:
    with platform.store.transaction() as connection:
        heartbeats.beat(connection, heartbeats.Kind.MODEL, "alpha", "report", day=FIRST)
    with running(app) as address, httpx.Client(base_url=f"{address}/api/v1", headers=KEY) as client:
        before = client.get("about").json(), client.get("models/alpha").json()["dagster"]
        (root / "aimon.yaml").write_text("dagster_url: https://dagster.example.org/\n")
        app.state.declarations.renew()
        after = client.get("about").json(), client.get("models/alpha").json()["dagster"]

    assert before[0]["dagster_url"] is None
    assert before[1] is None
    assert after[0]["dagster_url"] == "https://dagster.example.org/"
    assert after[1] == "https://dagster.example.org/assets/report?partition=2026-11-01%7Calpha"

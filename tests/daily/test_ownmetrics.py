"""Metrics of a model's own, from its file to its records, its rules and the numbers for Prometheus."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from aimon.clock import instant
from aimon.daily.model_day import ModelDay
from aimon.metrics.metric import Family
from aimon.platform import Platform, open_platform
from aimon.service.metrics import Requests, registry_of
from aimon.store import records
from aimon.store.records import StoredRecord
from tests.tiny_project import FIRST, ROWS, tiny_project

OWN = """\
metrics:
  - {name: doubled, formula: 2 * volume, worse: above, warning: 700, critical: 10000}
  - {name: balance, formula: (precision + recall) / 2}
  - {name: nothing, formula: volume / (volume - volume)}
  - {name: unknown, formula: 1000 * cost_usd / volume, unit: US dollars}
rules:
  - {name: too-many, metric: doubled, above: 750, severity: critical}
"""


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    root = tiny_project(tmp_path / "project", days=2)
    file = root / "models" / "alpha.yaml"
    file.write_text(file.read_text() + OWN)
    with open_platform(root) as opened:
        yield opened


def judged(platform: Platform) -> dict[str, StoredRecord]:
    day = ModelDay(platform, platform.model("alpha"), FIRST, as_of=instant("2026-11-05T00:00:00Z"))
    day.ingest()
    day.validate()
    day.count()
    for family in Family:
        day.judge(family)
    with platform.store.session() as connection:
        found = records.query(connection, model="alpha", since=FIRST, until=FIRST, window="1d", segment="", rules=True)
    return {each.rule or each.metric: each for each in found if each.column is None and each.group is None}


def test_they_are_records_with_limits_bounds_and_maturity_and_rules_may_name_them(platform: Platform) -> None:
    found = judged(platform)

    doubled, balance = found["doubled"], found["balance"]
    assert (doubled.family, doubled.value, doubled.verdict, doubled.threshold) == (
        "operations",
        2 * ROWS,
        "warning",
        700,
    )
    assert balance.family == "performance"
    assert balance.value == pytest.approx((found["precision"].value + found["recall"].value) / 2)
    assert balance.low == pytest.approx((found["precision"].low + found["recall"].low) / 2)
    assert balance.maturity == found["precision"].maturity
    assert (found["nothing"].value, found["nothing"].verdict) == (None, "not_estimable")
    assert found["nothing"].reason == "the formula divides by 0"
    assert found["unknown"].reason == "cost_usd has no value here"
    assert (found["too-many"].metric, found["too-many"].verdict) == ("doubled", "critical")


def test_they_are_told_to_prometheus(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    judged(platform)
    monkeypatch.setenv("AIMON_NOW", "2026-11-02T12:00:00Z")
    text = generate_latest(registry_of(platform, Requests())).decode()

    (family,) = [each for each in text_string_to_metric_families(text) if each.name == "aimon_own_metric"]
    told = {sample.labels["metric"]: sample.value for sample in family.samples}
    assert told["doubled"] == 2 * ROWS
    assert set(told) == {"doubled", "balance"}

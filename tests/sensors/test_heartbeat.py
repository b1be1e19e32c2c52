from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from aimon.clock import instant
from aimon.daily.registry import register_models
from aimon.incident.evaluation import Evaluation
from aimon.incident.seed import open_from_evaluations
from aimon.platform import Platform
from aimon.store import incidents
from resources.names import REPORT
from sensors.heartbeat import due, heartbeat


def tick(platform: Platform, instance: dg.DagsterInstance) -> str:
    context = dg.build_sensor_context(instance=instance, resources={"platform": platform}, sensor_name="heartbeat")
    result = heartbeat(context)
    assert isinstance(result, dg.SkipReason)
    return result.skip_message or ""


def at(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    monkeypatch.setenv("AIMON_NOW", moment)


def materialised(instance: dg.DagsterInstance, key: str) -> None:
    instance.report_runless_asset_event(dg.AssetMaterialization(REPORT, partition=key))


def silent(platform: Platform) -> set[str]:
    with platform.store.session() as connection:
        return {incident.model for incident in incidents.query(connection) if incident.resolved_at is None}


def test_a_model_that_was_not_analysed_twelve_hours_after_its_day_is_an_incident_until_it_is(
    platform: Platform, ephemeral: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, "2026-11-01T08:00:00Z")
    register_models(platform)
    materialised(ephemeral, "2026-11-01|beta")

    at(monkeypatch, "2026-11-02T11:59:00Z")
    assert tick(platform, ephemeral) == "every model was heard from"
    at(monkeypatch, "2026-11-02T12:01:00Z")
    assert tick(platform, ephemeral) == "1 models silent: alpha"
    assert silent(platform) == {"alpha"}

    materialised(ephemeral, "2026-11-01|alpha")
    assert tick(platform, ephemeral) == "every model was heard from"
    assert silent(platform) == set()


def test_a_model_is_not_asked_about_days_before_it_was_declared(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, "2026-11-02T08:00:00Z")
    register_models(platform)

    assert due(platform, instant("2026-11-02T13:00:00Z")) == []
    assert [key.model for key in due(platform, instant("2026-11-03T13:00:00Z"))] == ["alpha", "beta"]


def test_a_retired_model_may_be_silent(
    root: Path, platform: Platform, ephemeral: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, "2026-11-01T08:00:00Z")
    register_models(platform)
    file = root / "models" / "alpha.yaml"
    file.write_text(file.read_text() + "retired: true\n")
    from aimon.platform import open_platform

    at(monkeypatch, "2026-11-03T13:00:00Z")
    with open_platform(root) as later:
        register_models(later)
        assert tick(later, ephemeral) == "1 models silent: beta"


def test_a_day_whose_rows_cannot_be_used_is_not_silence(
    platform: Platform, ephemeral: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, "2026-11-01T08:00:00Z")
    register_models(platform)
    materialised(ephemeral, "2026-11-01|beta")
    refusal = Evaluation(
        run_id="r",
        asset="predictions",
        check="valid",
        model="alpha",
        day=date(2026, 11, 1),
        passed=False,
        timestamp=instant("2026-11-02T01:00:00Z"),
    )
    open_from_evaluations(platform.store, [refusal])

    at(monkeypatch, "2026-11-02T12:01:00Z")

    assert tick(platform, ephemeral) == "every model was heard from"


def test_a_sensor_that_ticks_no_more_is_an_incident_until_it_does(
    platform: Platform, ephemeral: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(monkeypatch, "2026-11-02T08:00:00Z")
    platform.beat("check_failures")
    at(monkeypatch, "2026-11-02T08:59:00Z")
    tick(platform, ephemeral)
    assert silent(platform) == set()

    at(monkeypatch, "2026-11-02T09:01:00Z")
    tick(platform, ephemeral)
    assert silent(platform) == {"*"}

    platform.beat("check_failures")
    tick(platform, ephemeral)
    assert silent(platform) == set()

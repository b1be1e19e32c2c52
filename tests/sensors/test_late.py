from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest
from sqlalchemy import insert

from aimon.clock import instant
from aimon.daily.registry import register_models
from aimon.platform import Platform, open_platform
from aimon.store import records
from aimon.store.tables import labels
from aimon_pipelines.definitions import build_definitions
from aimon_pipelines.execution import run_model_days
from resources.names import AS_OF_TAG, RANGE_END, RANGE_START, TOUCHED_TAG
from tests.tiny_project import FIRST, tiny_project, write_day

NOW = "2026-11-05T12:30:00Z"
SECOND = FIRST + timedelta(1)
LATER_DAYS = {f"2026-11-0{number}|alpha" for number in (2, 3, 4)}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tiny_project(tmp_path / "project", days=4)


@pytest.fixture
def analysed(root: Path, ephemeral: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> Iterator[Platform]:
    """A project whose four days were judged on the day after the last one."""
    monkeypatch.setenv("AIMON_NOW", NOW)
    with open_platform(root) as platform:
        register_models(platform)
        run_model_days(platform, ephemeral, "alpha", FIRST, FIRST + timedelta(3), instant("2026-11-05T00:00:00Z"))
        yield platform


def tick(
    platform: Platform, instance: dg.DagsterInstance, name: str, cursor: str | None
) -> tuple[list[dg.RunRequest], str | None]:
    """One tick of the sensor: what it asks for, and its cursor."""
    sensor = build_definitions(platform.root).resolve_sensor_def(name)
    context = dg.build_sensor_context(
        instance=instance, cursor=cursor, resources={"platform": platform}, sensor_name=name
    )
    result = sensor(context)
    assert isinstance(result, dg.SensorResult)
    return list(result.run_requests or []), result.cursor


def perform(platform: Platform, instance: dg.DagsterInstance, request: dg.RunRequest) -> dg.ExecuteInProcessResult:
    """The run that was asked for, as the daemon would launch it."""
    job = build_definitions(platform.root).resolve_job_def(str(request.job_name))
    return job.execute_in_process(instance=instance, tags={**job.tags, **request.tags})


def made_by(result: dg.ExecuteInProcessResult, name: str) -> set[str | None]:
    """The partitions that the run made of an asset."""
    events = result.get_asset_materialization_events()
    return {event.partition for event in events if event.asset_key is not None and event.asset_key.path[-1] == name}


def volumes(platform: Platform, offset: int) -> dict[str, float | None]:
    day = FIRST + timedelta(offset)
    with platform.store.session() as connection:
        found = records.query(connection, model="alpha", since=day, until=day, metric="volume", segment="")
    return {record.window: record.value for record in found}


def test_a_day_that_changed_after_it_was_judged_is_read_again_with_the_windows_that_hold_it(
    analysed: Platform, ephemeral: dg.DagsterInstance, root: Path
) -> None:
    nothing, cursor = tick(analysed, ephemeral, "late_data", None)
    write_day(root, "alpha", SECOND, seed=7, count=300)

    (request,), after = tick(analysed, ephemeral, "late_data", cursor)
    again, _ = tick(analysed, ephemeral, "late_data", after)

    assert (nothing, again) == ([], [])
    assert request.tags[TOUCHED_TAG] == "2026-11-02"
    assert (request.tags[RANGE_START], request.tags[RANGE_END]) == ("2026-11-02|alpha", "2026-11-04|alpha")
    assert request.tags[AS_OF_TAG] == "2026-11-05T12:00:00Z"
    assert volumes(analysed, 3) == {"1d": 400, "7d": 1_600, "30d": 1_600}
    result = perform(analysed, ephemeral, request)
    assert volumes(analysed, 1) == {"1d": 300, "7d": 700, "30d": 700}
    assert volumes(analysed, 3) == {"1d": 400, "7d": 1_500, "30d": 1_500}
    assert made_by(result, "predictions") == made_by(result, "profile") == {"2026-11-02|alpha"}
    assert made_by(result, "drift") == made_by(result, "report") == LATER_DAYS
    assert {
        each.partition for each in result.get_asset_check_evaluations() if each.check_name == "quality"
    } == LATER_DAYS


def test_a_day_that_was_never_judged_is_not_late(
    root: Path, ephemeral: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIMON_NOW", NOW)
    with open_platform(root) as platform:
        _, cursor = tick(platform, ephemeral, "late_data", None)
        write_day(root, "alpha", SECOND, seed=7, count=300)

        assert tick(platform, ephemeral, "late_data", cursor)[0] == []


def test_labels_that_come_late_touch_their_days_once_the_slot_is_over(
    analysed: Platform, ephemeral: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, cursor = tick(analysed, ephemeral, "late_labels", None)
    came = instant("2026-11-05T13:00:00Z")
    row = {"model": "alpha", "id": f"{SECOND}-3", "source": "", "label": 1, "timestamp": came, "received_at": came}
    with analysed.store.transaction() as connection:
        connection.execute(insert(labels).values(row))

    early, cursor = tick(analysed, ephemeral, "late_labels", cursor)
    monkeypatch.setenv("AIMON_NOW", "2026-11-05T18:05:00Z")
    (request,), cursor = tick(analysed, ephemeral, "late_labels", cursor)
    again, _ = tick(analysed, ephemeral, "late_labels", cursor)

    assert (early, again) == ([], [])
    assert request.tags[TOUCHED_TAG] == "2026-11-02"
    result = perform(analysed, ephemeral, request)
    assert made_by(result, "profile") == {"2026-11-02|alpha"}
    assert made_by(result, "performance") == LATER_DAYS
    assert made_by(result, "predictions") == made_by(result, "drift") == set()

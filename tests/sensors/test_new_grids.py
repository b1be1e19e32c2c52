from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest

from aimon.clock import day_end, instant
from aimon.daily.registry import register_models
from aimon.platform import Platform, open_platform
from aimon.store import records
from aimon_pipelines.definitions import build_definitions
from aimon_pipelines.execution import run_model_days
from resources.names import TOUCHED_TAG
from tests.tiny_project import FIRST, MODEL, tiny_project

LAST = FIRST + timedelta(3)
OTHER = MODEL.replace("path: reference/{name}.parquet", f"from: {FIRST}, to: {FIRST + timedelta(1)}")


def tick(platform: Platform, instance: dg.DagsterInstance, cursor: str | None) -> dg.SensorResult:
    sensor = build_definitions(platform.root).resolve_sensor_def("new_grids")
    context = dg.build_sensor_context(
        instance=instance, cursor=cursor, resources={"platform": platform}, sensor_name="new_grids"
    )
    result = sensor(context)
    assert isinstance(result, dg.SensorResult)
    return result


def grids(platform: Platform) -> set[str]:
    profiles = (platform.profiles.day("alpha", FIRST + timedelta(number)) for number in range(4))
    return {profile.grid_id for profile in profiles if profile is not None}


def test_a_new_grid_has_the_days_before_counted_again_in_one_run_and_rewrites_no_record(
    tmp_path: Path, ephemeral: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIMON_NOW", day_end(LAST).isoformat())
    known, root = instant(day_end(LAST).isoformat()), tiny_project(tmp_path / "project", days=4)
    with open_platform(root) as platform:
        register_models(platform)
        run_model_days(platform, ephemeral, "alpha", FIRST, LAST - timedelta(1), known)
        quiet = tick(platform, ephemeral, None)
        assert quiet.run_requests == []

    (root / "models" / "alpha.yaml").write_text(OTHER.format(name="alpha"))
    with open_platform(root) as platform:
        run_model_days(platform, ephemeral, "alpha", LAST, LAST, known)
        assert len(grids(platform)) == 2
        with platform.store.session() as connection:
            before = records.query(connection, model="alpha", since=FIRST, until=LAST)
        result = tick(platform, ephemeral, quiet.cursor)
        (request,) = result.run_requests or ()
        assert request.tags[TOUCHED_TAG] == ",".join(str(FIRST + timedelta(number)) for number in range(3))
        job = build_definitions(root).resolve_job_def(str(request.job_name))
        ran = job.execute_in_process(instance=ephemeral, tags={**job.tags, **request.tags})

        assert len(ran.get_asset_materialization_events()) == 3
        assert len(grids(platform)) == 1
        with platform.store.session() as connection:
            assert records.query(connection, model="alpha", since=FIRST, until=LAST) == before
        assert tick(platform, ephemeral, result.cursor).run_requests == []

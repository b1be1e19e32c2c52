from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest

from aimon.daily.model_day import ModelDay
from aimon.platform import open_platform
from aimon_pipelines.definitions import build_definitions
from aimon_pipelines.instance import dagster_home
from aimon_pipelines.partitions import models
from resources.names import AS_OF_TAG, RANGE_END, RANGE_START, TOUCHED_TAG
from tests.tiny_project import FIRST, tiny_project


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tiny_project(tmp_path / "project", models=("alpha", "beta"))


def ticked(root: Path, name: str, at: datetime) -> list[dg.RunRequest]:
    """What one tick of the schedule asks for."""
    schedule = build_definitions(root).resolve_schedule_def(name)
    with dg.DagsterInstance.from_config(str(dagster_home(root))) as instance, open_platform(root) as platform:
        instance.add_dynamic_partitions(str(models.name), ["alpha", "beta"])
        given = {"platform": platform}
        with dg.build_schedule_context(instance, scheduled_execution_time=at, resources=given) as context:
            return list(schedule.evaluate_tick(context).run_requests or [])


def test_the_day_whose_labels_are_due_is_judged_once_more_late_labels_or_not(root: Path) -> None:
    with open_platform(root) as platform:
        day = ModelDay(platform, platform.model("alpha"), FIRST, as_of=datetime(2026, 11, 2, tzinfo=UTC))
        day.ingest()
        day.count()

    (request,) = ticked(root, "maturity", datetime(2026, 11, 4, 2, tzinfo=UTC))

    assert request.tags[TOUCHED_TAG] == "2026-11-01"
    assert request.tags[RANGE_START] == request.tags[RANGE_END] == "2026-11-01|alpha"
    assert request.tags[AS_OF_TAG] == "2026-11-04T00:00:00Z"

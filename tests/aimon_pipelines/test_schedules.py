from datetime import UTC, date, datetime
from pathlib import Path

import dagster as dg
import pytest

from aimon.daily.model_day import ModelDay
from aimon.platform import open_platform
from aimon_pipelines.definitions import build_definitions
from aimon_pipelines.instance import dagster_home
from aimon_pipelines.partitions import models
from aimon_pipelines.schedules import MOST_PARTS, MOST_RUNS_A_TICK, run_requests
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


def test_a_tick_asks_for_one_run_a_model_while_there_are_few() -> None:
    names = [f"model-{number:02}" for number in range(MOST_RUNS_A_TICK)]

    requests = list(run_requests(names, date(2026, 11, 1), "daily", "2026-11-02T00:00:00Z"))

    assert [request.partition_key for request in requests] == [f"2026-11-01|{name}" for name in names]


def test_a_tick_over_many_models_asks_for_a_few_runs_that_cover_each_once() -> None:
    names = [f"model-{number:02}" for number in range(MOST_RUNS_A_TICK + 1)]

    requests = list(run_requests(names, date(2026, 11, 1), "daily", "2026-11-02T00:00:00Z"))

    assert 1 <= len(requests) <= MOST_PARTS
    ends = [[names.index(request.tags[tag].split("|")[1]) for tag in (RANGE_START, RANGE_END)] for request in requests]
    assert [number for first, last in ends for number in range(first, last + 1)] == list(range(len(names)))
    assert len({request.run_key for request in requests}) == len(requests)

from pathlib import Path

from aimon_pipelines.definitions import build_definitions
from tests.tiny_project import tiny_project


def test_a_code_server_can_load_every_definition(tmp_path: Path) -> None:
    repository = build_definitions(tiny_project(tmp_path)).get_repository_def()

    repository.load_all_definitions()

    scheduled = {schedule.name: schedule.job_name for schedule in repository.schedule_defs}
    assert scheduled.keys() >= {"daily", "six_hourly", "weekly", "evidently"}
    assert set(scheduled.values()) <= {job.name for job in repository.get_all_jobs()}

"""A day run again, by the command's way or by a relaunch with the run's own tags, ends in the same bytes."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from aimon.clock import instant
from aimon.platform import Platform, open_platform
from aimon_pipelines.definitions import build_definitions
from aimon_pipelines.execution import QUIET, run_model_days
from tests.aimon_pipelines.test_killed import end_state
from tests.tiny_project import FIRST, tiny_project, write_day


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AIMON_NOW", "2026-11-03T06:30:00Z")
    project = tiny_project(tmp_path / "project", days=2)
    write_day(project, "alpha", date(2026, 11, 2), income_shift=1.5, count=2_000)
    return project


@pytest.fixture
def platform(root: Path) -> Iterator[Platform]:
    with open_platform(root) as opened:
        yield opened


def test_a_relaunch_weeks_later_with_the_runs_own_tags_gives_the_same_bytes(
    root: Path, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        first = run_model_days(platform, instance, "alpha", FIRST, date(2026, 11, 2))
        before = end_state(root)
        run = instance.get_run_by_id(first.run_id)
        assert run is not None

        monkeypatch.setenv("AIMON_NOW", "2026-11-20T18:00:00Z")
        job = build_definitions(root).resolve_job_def(run.job_name)
        again = job.execute_in_process(run_config=QUIET, instance=instance, tags=dict(run.tags))

    assert again.success
    assert before["records"]
    assert end_state(root) == before


def test_the_command_with_the_same_as_of_gives_the_same_bytes_and_an_expired_day_is_refused(
    root: Path, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = instant("2026-11-03T06:00:00Z")
    with dg.DagsterInstance.ephemeral() as instance:
        run_model_days(platform, instance, "alpha", FIRST, FIRST, known)
        before = end_state(root)
        monkeypatch.setenv("AIMON_NOW", "2026-11-20T18:00:00Z")
        assert run_model_days(platform, instance, "alpha", FIRST, FIRST, known).succeeded
        assert end_state(root) == before

        platform.lake.expire_day("alpha", FIRST)
        refused = run_model_days(platform, instance, "alpha", FIRST, FIRST, known)

    assert not refused.succeeded
    assert "expired" in refused.failures[f"{FIRST}|alpha"]

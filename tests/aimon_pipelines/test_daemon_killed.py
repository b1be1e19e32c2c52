"""The daemon, its code server and its runs killed at five places from tick to notice, and started again."""

import time
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest
from dagster import RunsFilter
from sqlalchemy import text

from aimon.clock import DAY, day_start, today
from aimon.platform import Platform, open_platform
from aimon_pipelines.execution import run_model_days
from aimon_pipelines.instance import CONFIG, dagster_home
from sensors.evaluations import as_evaluations, read_records
from tests.aimon_pipelines.test_killed import end_state
from tests.aimon_pipelines.watched import analysed, daemon, kill, start, wait_for
from tests.tiny_project import tiny_project, write_day

MODEL = "alpha"


def project(root: Path) -> Path:
    """A model whose yesterday has drifted."""
    tiny_project(root, models=(MODEL,), days=0)
    write_day(root, MODEL, today() - DAY, income_shift=1.5, count=2_000)
    return root


def count(platform: Platform, table: str) -> int:
    with platform.store.session() as connection:
        return int(connection.execute(text(f"select count(*) from {table}")).scalar_one())  # noqa: S608


def failed_checks(instance: dg.DagsterInstance) -> bool:
    records = read_records(instance, 0, 500)
    return any(not told.passed for told in as_evaluations(record.event_log_entry for record in records))


def at_work(instance: dg.DagsterInstance) -> bool:
    return bool(instance.get_runs(RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])))


def clean_end(root: Path) -> dict[str, object]:
    """Where one run that nobody disturbs ends, as of the instant that the schedule says."""
    day = today() - DAY
    with open_platform(root) as platform, dg.DagsterInstance.ephemeral() as instance:
        assert run_model_days(platform, instance, MODEL, day, day, as_of=day_start(today())).succeeded
    return end_state(root)


@pytest.mark.timeout(1_200)
def test_killed_at_five_places_there_is_one_incident_and_every_record_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    expected = clean_end(project(tmp_path / "clean"))
    root = project(tmp_path / "killed")
    home = root / "storage" / "dagster"
    home.mkdir(parents=True)
    (home / "dagster.yaml").write_text(CONFIG.replace("start_timeout_seconds: 180", "start_timeout_seconds: 60"))
    with open_platform(root) as platform, dg.DagsterInstance.from_config(str(dagster_home(root))) as instance:
        places: dict[str, Callable[[], bool]] = {
            "a run is asked for": lambda: instance.get_runs_count() > 0,
            "the run is at work": lambda: at_work(instance),
            "a check has failed": lambda: failed_checks(instance),
            "an incident is open": lambda: count(platform, "incidents") > 0,
            "a notice is in the outbox": lambda: count(platform, "notices") > 0,
        }
        for reached in places.values():
            process = start(root)
            try:
                wait_for(reached, root, process, every=0.1)
            finally:
                kill(process)
        with daemon(root) as process:
            wait_for(lambda: MODEL in analysed(root), root, process)
            wait_for(lambda: not at_work(instance), root, process)
            wait_for(lambda: any((root / "storage" / "outbox").glob("[!.]*.json")), root, process)
            time.sleep(35)  # the slowest of the sensors that matter ticks every 30 s

    found = end_state(root)
    assert len(found["incidents"]) == len(expected["incidents"]) > 0
    assert found == expected

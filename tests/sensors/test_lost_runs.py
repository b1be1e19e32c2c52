"""Runs whose process was killed: a real process is started, claims a run, and is killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest

from aimon.platform import Platform
from resources.names import HOST_TAG
from sensors.lost_runs import is_there, lost_runs, lost_runs_sensor, process_start

CLAIM = """
import sys, time
import dagster as dg
from dagster._core.events import EngineEventData
import os
with dg.DagsterInstance.from_config(sys.argv[1]) as instance:
    run = instance.get_run_by_id(sys.argv[2])
    instance.report_engine_event("Started process for run", run, EngineEventData.in_process(os.getpid()))
    instance.report_dagster_event(
        dg.DagsterEvent("PIPELINE_START", run.job_name, message="started"), run.run_id
    )
    print("claimed", flush=True)
    time.sleep(120)
"""


@dg.job
def chain() -> None:
    """Nothing; its runs are claimed by hand."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "dagster"
    folder.mkdir()
    (folder / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    return folder


@pytest.fixture
def instance(home: Path) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.from_config(str(home)) as opened:
        yield opened


@contextmanager
def claimed(home: Path, instance: dg.DagsterInstance, **tags: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The id of a run and the process that is at work on it."""
    run = instance.create_run_for_job(chain, tags=tags)
    command = [sys.executable, "-c", CLAIM, str(home), run.run_id]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "claimed\n"
        yield run.run_id, worker
        worker.kill()


def test_a_run_is_lost_when_its_process_is_killed_and_not_before(
    home: Path, instance: dg.DagsterInstance, platform: Platform
) -> None:
    with claimed(home, instance) as (run_id, worker):
        assert list(lost_runs(instance)) == []
        worker.send_signal(signal.SIGKILL)
        worker.wait()

    context = dg.build_sensor_context(instance=instance, resources={"platform": platform}, sensor_name="lost_runs")
    lost_runs_sensor(context)

    failed = instance.get_run_by_id(run_id)
    assert failed is not None
    assert failed.status is dg.DagsterRunStatus.FAILURE
    assert list(lost_runs(instance)) == []


def test_the_run_of_another_machine_is_not_judged_by_a_number_of_this_one(
    home: Path, instance: dg.DagsterInstance
) -> None:
    with claimed(home, instance, **{HOST_TAG: "elsewhere"}) as (run_id, worker):
        worker.kill()
        worker.wait()

    run = instance.get_run_by_id(run_id)
    assert run is not None
    assert run.status is dg.DagsterRunStatus.STARTED
    assert list(lost_runs(instance)) == []


def test_a_process_is_known_by_when_it_started() -> None:
    own = process_start(os.getpid())
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        later = process_start(child.pid)
        child.kill()

    assert own is not None
    assert later is not None
    assert own <= later
    assert is_there(os.getpid())
    assert process_start(child.pid) is None
    assert not is_there(child.pid)

"""Dagster's own daemon on a project, watched: started, waited for, stopped, or killed with everything it started."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest

from aimon.clock import DAY, today
from aimon.platform import open_platform
from aimon.store import incidents
from aimon.store.incidents import Incident
from aimon_pipelines.instance import dagster_home
from resources.names import REPORT

REPOSITORY = Path(__file__).parent.parent.parent
PATIENCE = 540
LOCATION = "tests.aimon_pipelines.every_minute"
BROKEN = "Error loading repository location"
PASSED_ON = ("PATH", "AIMON_DATABASE_URL", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
"""Beside what a program needs: which kernels linear algebra takes, because they decide the last bits of an estimate."""


def start(root: Path) -> subprocess.Popen[bytes]:
    """The daemon, in a session of its own with its code server and its runs."""
    environment = {
        **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
        "HOME": str(root),
        "AIMON_ROOT": str(root),
        "DAGSTER_HOME": str(dagster_home(root)),
        "PYTHONPATH": str(REPOSITORY),
    }
    command = [Path(sys.executable).with_name("dagster-daemon"), "run", "-m", LOCATION]
    with (root / "daemon.log").open("ab") as log:
        return subprocess.Popen(
            command, env=environment, cwd=root, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )


def kill(process: subprocess.Popen[bytes]) -> None:
    """End the daemon, the code server and every run at once, without a chance to say anything."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def daemon(root: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The daemon, until the block ends."""
    process = start(root)
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            kill(process)


def wait_for(
    condition: Callable[[], bool], root: Path, process: subprocess.Popen[bytes], *, every: float = 2.0
) -> None:
    """Wait until it holds, or fail with what the daemon had to say."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        said = (root / "daemon.log").read_text()
        if time.monotonic() > deadline or process.poll() is not None or BROKEN in said:
            pytest.fail(said[-6_000:])
        time.sleep(every)


def analysed(root: Path) -> set[str]:
    """The models whose yesterday reached its report."""
    with dg.DagsterInstance.from_config(str(dagster_home(root))) as instance:
        made = instance.get_materialized_partitions(REPORT)
    prefix = f"{today() - DAY}|"
    return {key.removeprefix(prefix) for key in made if key.startswith(prefix)}


def opened(root: Path) -> list[Incident]:
    """Every incident there is."""
    with open_platform(root) as platform, platform.store.session() as connection:
        return incidents.query(connection)

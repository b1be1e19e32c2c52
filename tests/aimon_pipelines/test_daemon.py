"""The whole system with Dagster's own daemon and code server: a file appears, a schedule ticks, an incident opens."""

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
from aimon.store import findings, incidents
from aimon.store.incidents import Incident
from aimon_pipelines.instance import dagster_home
from resources.names import REPORT
from tests.tiny_project import add_model, tiny_project, write_day

REPOSITORY = Path(__file__).parent.parent.parent
PATIENCE = 240
MODELS = ("calm", "drifting", "quiet", "steady", "broken")


@contextmanager
def daemon(root: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Dagster's daemon on the project; it starts the code server itself, and both end with the block."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(root),
        "AIMON_ROOT": str(root),
        "DAGSTER_HOME": str(dagster_home(root)),
        "PYTHONPATH": str(REPOSITORY),
    }
    command = [Path(sys.executable).with_name("dagster-daemon"), "run", "-m", "tests.aimon_pipelines.every_minute"]
    with (root / "daemon.log").open("wb") as log:
        process = subprocess.Popen(
            command, env=environment, cwd=root, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for(condition: Callable[[], bool], root: Path, process: subprocess.Popen[bytes]) -> None:
    """Wait until it holds, or fail with what the daemon had to say."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline or process.poll() is not None:
            pytest.fail((root / "daemon.log").read_text()[-6_000:])
        time.sleep(2)


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


@pytest.mark.timeout(600)
def test_from_a_file_that_appears_to_an_incident_while_one_model_of_five_is_broken(tmp_path: Path) -> None:
    yesterday = today() - DAY
    root = tiny_project(tmp_path / "project", models=())
    for name in MODELS:
        add_model(root, name, [yesterday])
    write_day(root, "drifting", yesterday, income_shift=1.5, count=2_000)
    (root / "data" / "broken" / f"{yesterday}.parquet").write_bytes(b"not parquet at all")

    with daemon(root) as process:
        wait_for(lambda: analysed(root) >= {"calm", "drifting", "quiet", "steady"}, root, process)
        wait_for(lambda: {"drifting", "broken"} <= {incident.model for incident in opened(root)}, root, process)
        add_model(root, "latecomer", [yesterday])
        wait_for(lambda: "latecomer" in analysed(root), root, process)

    by_model: dict[str, list[Incident]] = {}
    for incident in opened(root):
        by_model.setdefault(incident.model, []).append(incident)
    assert set(by_model) == {"drifting", "broken"}
    assert "broken" not in analysed(root)
    assert [incident.kind for incident in by_model["broken"]] == ["failure"]
    with open_platform(root) as platform, platform.store.session() as connection:
        found = [each for one in by_model["drifting"] for each in findings.of_incident(connection, one.id)]
    assert "income" in {finding.column for finding in found}
    assert len({(finding.fingerprint, finding.window, finding.day) for finding in found}) == len(found)

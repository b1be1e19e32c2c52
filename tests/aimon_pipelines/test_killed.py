"""The pipeline killed at random moments and run again ends where one clean run ends."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from aimon.platform import open_platform
from tests.tiny_project import FIRST, tiny_project, write_day

KILLS = 10
QUERIES = {
    "records": 'select model, day, "window", family, position, metric, "column", value, low, high, verdict, as_of '
    "from records order by 1, 2, 3, 4, 5",
    "baselines": "select model, id, status, sha256 from baselines order by 1, 2",
    "incidents": "select kind, model, subject, severity, historic, status, first_day, last_day from incidents "
    "order by 1, 2, 3",
    "findings": 'select fingerprint, "window", day, verdict, value from findings order by 1, 2, 3',
    "notices": "select channel, severity, subject, status from notices order by 1, 2, 3",
}


def project(root: Path) -> Path:
    """Three days of a model, the last of them drifted."""
    tiny_project(root)
    write_day(root, "alpha", FIRST.replace(day=3), income_shift=1.5, count=2_000)
    return root


def start(root: Path) -> subprocess.Popen[str]:
    """`aimon run` over the three days, with the clock stopped so that two runs can be compared."""
    command = [str(Path(sys.executable).with_name("aimon")), "run", "--model", "alpha"]
    environment = {**os.environ, "AIMON_ROOT": str(root), "AIMON_NOW": "2026-11-04T06:30:00Z", "HOME": str(root)}
    environment.pop("DAGSTER_HOME", None)
    return subprocess.Popen(
        [*command, "--from", "2026-11-01", "--to", "2026-11-03"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def finish(root: Path) -> float:
    """A run that nobody disturbs; how long it took."""
    started = time.monotonic()
    run = start(root)
    output, _ = run.communicate()
    assert run.returncode == 0, output
    return time.monotonic() - started


def end_state(root: Path) -> dict[str, Any]:
    """Everything that a reader could see, but for the names of runs."""
    lake = root / "storage" / "lake"
    with open_platform(root) as platform:
        platform.lake.sweep()
        with platform.store.session() as connection:
            tables = {name: [list(row) for row in connection.execute(text(query))] for name, query in QUERIES.items()}
    files = {
        str(path.relative_to(lake)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(lake.rglob("*"))
        if path.is_file()
    }
    delivered = sorted(
        json.loads(path.read_text())["subject"] for path in (root / "storage" / "outbox").glob("[!.]*.json")
    )
    return {"files": files, "delivered": delivered, **tables}


@pytest.mark.timeout(900)
def test_a_pipeline_killed_at_ten_moments_ends_where_a_clean_run_ends(tmp_path: Path) -> None:
    clean, killed = project(tmp_path / "clean"), project(tmp_path / "killed")
    took = finish(clean)
    moments = random.Random(7)  # noqa: S311

    interrupted = 0
    for _ in range(KILLS):
        run = start(killed)
        time.sleep(moments.uniform(0.3, 1.0) * took)
        os.killpg(run.pid, signal.SIGKILL)
        run.communicate()
        interrupted += run.returncode == -signal.SIGKILL
    finish(killed)

    expected = end_state(clean)
    assert interrupted >= KILLS // 2
    assert expected["findings"]
    assert expected["delivered"]
    assert end_state(killed) == expected

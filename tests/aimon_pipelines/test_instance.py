import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest

from aimon_pipelines.instance import dagster_home

OPEN = """
import pathlib, sys
from aimon_pipelines.instance import open_instance
open_instance(pathlib.Path(sys.argv[1]))
"""


def test_processes_that_start_at_once_on_an_empty_home_do_not_collide(tmp_path: Path) -> None:
    starts = [
        subprocess.Popen([sys.executable, "-c", OPEN, str(tmp_path)], stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]

    errors = [start.communicate()[1] for start in starts]

    assert [start.returncode for start in starts] == [0, 0, 0, 0], errors
    with dg.DagsterInstance.from_config(str(dagster_home(tmp_path))) as instance:
        assert instance.get_runs_count() == 0


def test_a_dagster_yaml_of_ones_own_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "dagster.yaml"
    own.write_text("telemetry: {enabled: false}\n")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))

    assert dagster_home(tmp_path / "project") == tmp_path
    assert own.read_text() == "telemetry: {enabled: false}\n"

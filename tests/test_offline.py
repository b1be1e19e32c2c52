"""Nothing the product starts opens a connection off the machine, and no library's telemetry is on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tiny_project import tiny_project

ROOT = Path(__file__).parent.parent
GUARD = Path(__file__).parent / "offline"
BIN = Path(sys.executable).parent
CHILD = """
import subprocess, sys
subprocess.run([sys.executable, "-c", "import socket; socket.gethostbyname('a.invalid')"], check=True)
"""


def watched(*command: str, log: Path, root: Path) -> subprocess.CompletedProcess[str]:
    """Run a command whose every Python process, children included, refuses and logs what leaves the machine."""
    environment = {
        "PATH": f"{BIN}:/usr/bin:/bin",
        "HOME": str(root),
        "PYTHONPATH": f"{GUARD}:{ROOT}",
        "AIMON_CONNECTION_LOG": str(log),
        "AIMON_ROOT": str(root),
    }
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.create_connection(('192.0.2.1', 80))",
        "import socket; socket.getaddrinfo('example.invalid', 80)",
        "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))",
        CHILD,
    ],
)
def test_the_guard_sees_what_leaves_the_machine(tmp_path: Path, attempt: str) -> None:
    log = tmp_path / "log"

    ended = watched(sys.executable, "-c", attempt, log=log, root=tmp_path)

    assert ended.returncode != 0
    assert log.read_text()


@pytest.mark.parametrize(
    "command",
    [
        ("aimon", "check"),
        ("aimon", "run", "--model", "alpha", "--from", "2026-11-01", "--to", "2026-11-03"),
        ("dagster", "definitions", "validate", "-w", "workspace.yaml"),
        ("aimon", "compare", "{root}/reference/alpha.parquet", "{root}/data/alpha/2026-11-01.parquet"),
    ],
    ids=lambda command: " ".join(command[:2]),
)
def test_no_command_opens_a_connection_off_the_machine(tmp_path: Path, command: tuple[str, ...]) -> None:
    root, log = tiny_project(tmp_path / "project"), tmp_path / "log"

    ended = watched(*(part.format(root=root) for part in command), log=log, root=root)

    assert ended.returncode == 0, ended.stderr
    assert not log.exists() or log.read_text() == ""


def test_dagster_is_told_not_to_phone_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from aimon_pipelines.instance import open_instance

    monkeypatch.delenv("DAGSTER_HOME", raising=False)

    with open_instance(tmp_path) as instance:
        assert instance.telemetry_enabled is False
        assert instance.nux_enabled is False


def test_evidently_and_great_expectations_are_told_not_to_phone_home() -> None:
    import aimon

    assert aimon.__doc__
    assert os.environ["DO_NOT_TRACK"] == "1"
    assert os.environ["GX_ANALYTICS_ENABLED"] == "false"

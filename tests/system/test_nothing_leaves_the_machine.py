"""The kernel's word that nothing leaves the machine: programs in a namespace with loopback alone."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.tiny_project import tiny_project

ROOT = Path(__file__).parent.parent.parent
NAMESPACE = Path(__file__).with_name("namespace.py")
BIN = Path(sys.executable).parent
PROBE = "import socket, contextlib\nwith contextlib.suppress(OSError): socket.create_connection(('192.0.2.1', 80))"


def packets_leaving(*command: str, root: Path) -> int:
    """Run the command in the namespace and count what it tried to send elsewhere."""
    environment = {"PATH": f"{BIN}:/usr/sbin:/usr/bin:/bin", "HOME": str(root), "AIMON_ROOT": str(root)}
    ended = subprocess.run(
        (sys.executable, str(NAMESPACE), *command),
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return int(ended.stdout.splitlines()[-1])


def test_the_namespace_counts_an_attempt_to_leave(tmp_path: Path) -> None:
    assert packets_leaving(sys.executable, "-c", PROBE, root=tmp_path) > 0


@pytest.mark.parametrize(
    "command",
    [
        ("aimon", "check"),
        ("aimon", "run", "--model", "alpha", "--from", "2026-11-01", "--to", "2026-11-03"),
        ("dagster", "definitions", "validate", "-w", "workspace.yaml"),
        ("timeout", "--preserve-status", "--signal=INT", "25", "aimon", "up"),
    ],
    ids=lambda command: " ".join(part for part in command if part.isalpha())[:24],
)
def test_no_packet_is_addressed_off_the_machine(tmp_path: Path, command: tuple[str, ...]) -> None:
    root = tiny_project(tmp_path / "project")

    assert packets_leaving(*command, root=root) == 0

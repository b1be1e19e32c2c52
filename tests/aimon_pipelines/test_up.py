"""`aimon up` as a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from aimon.cli.app import run
from tests.tiny_project import tiny_project


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.timeout(240)
def test_one_command_starts_all_of_it_and_stops_all_of_it(tmp_path: Path) -> None:
    root = tiny_project(tmp_path / "project", days=1)
    port, api_port = free_port(), free_port()
    options = ["-C", str(root), "up", "--port", str(port), "--api-port", str(api_port)]
    command = [sys.executable, "-c", "from aimon.cli import main; main()", *options]
    pages = [f"http://127.0.0.1:{port}/server_info", f"http://127.0.0.1:{api_port}/api/v1/monitoring/health"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        deadline = time.monotonic() + 180
        while not all(map(answers, pages)) and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.2)
        both = [answers(page) for page in pages]
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)

    assert both == [True, True]
    assert process.returncode == 0
    assert "Password for the first login, shown only here: " in said
    assert "aimon up: the API is ready" in said
    assert not any(map(answers, pages))


def test_taken_ports_are_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tiny_project(tmp_path / "project", days=1)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken, free = other.getsockname()[1], free_port()

        assert run(["-C", str(root), "up", "--port", str(taken), "--api-port", str(free)]) == 2
        first = capsys.readouterr().err
        assert run(["-C", str(root), "up", "--port", str(free), "--api-port", str(taken)]) == 2
        second = capsys.readouterr().err
        assert run(["-C", str(root), "up", "--port", str(free), "--api-port", str(free)]) == 2
        third = capsys.readouterr().err

    said = f"port {taken} of 127.0.0.1 is taken by another program; stop it, or choose one with"
    assert (first, second) == (f"{said} --port\n", f"{said} --api-port\n")
    assert third == f"--port and --api-port are both {free}; choose two\n"

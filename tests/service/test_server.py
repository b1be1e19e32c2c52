"""`aimon serve` as a process of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from aimon.cli.app import run


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(root: Path, *options: str, **variables: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process and its address, once it answers."""
    port = free_port()
    command = [
        sys.executable,
        "-c",
        "from aimon.cli import main; main()",
        "-C",
        str(root),
        "serve",
        "--port",
        str(port),
        *options,
    ]
    with subprocess.Popen(
        command, env={**os.environ, **variables}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(600):
                try:
                    httpx.get(f"{address}/api/v1/monitoring/health")
                    break
                except httpx.TransportError:
                    assert process.poll() is None, process.stderr and process.stderr.read()
                    time.sleep(0.05)
            yield process, address
        finally:
            if process.poll() is None:
                process.kill()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_the_server_starts_and_stops_when_told(root: Path, workers: str) -> None:
    with serving(root, "--workers", workers) as (process, address):
        assert httpx.get(f"{address}/api/v1/monitoring/health").status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(15) == 0


def test_a_taken_port_is_one_sentence(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        assert run(["-C", str(root), "serve", "--port", str(port)]) == 2
    said = f"port {port} of 127.0.0.1 is taken by another program; stop it, or choose another with --port\n"
    assert capsys.readouterr().err == said


def test_the_first_start_prints_a_password_once(root: Path) -> None:
    with serving(root) as (process, _):
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=15)
    with serving(root) as (process, _):
        process.send_signal(signal.SIGINT)
        _, said_later = process.communicate(timeout=15)

    told = re.findall(
        r"^The first user is 'admin'. Password for the first login, shown only here: (\S{20})$", said, re.M
    )
    assert len(told) == 1
    assert "Password" not in said_later


def test_several_workers_tell_one_sum_of_what_they_answered(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["-C", str(root), "keys", "create", "prometheus", "--scope", "read"]) == 0
    key = {"Authorization": f"Bearer {capsys.readouterr().out.strip()}"}
    with serving(root, "--workers", "2") as (_, address):
        for _ in range(20):
            assert httpx.get(f"{address}/api/v1/models", headers=key).status_code == 200
        texts = [httpx.get(f"{address}/metrics", headers=key).text for _ in range(3)]

    assert {text.partition('/models",status="200"} ')[2].split()[0] for text in texts} == {"20.0"}

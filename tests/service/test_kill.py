"""The server is killed under load, again and again: what it acknowledged is in the lake, each prediction once."""

import os
import random
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from aimon.clock import now, today
from aimon.daily.ingest import ingest
from aimon.platform import open_platform
from tests.service.test_server import free_port

ROUNDS = 20
SENDERS = 3
MODEL = """\
model: loans
task: binary
source: {kind: collector}
columns: {prediction: decision, id: request}
"""


class Sender(threading.Thread):
    """Sends batches until the server is gone; remembers what was acknowledged, and what it may have to send again."""

    def __init__(self, address: str, start: int, unsure: list[str]) -> None:
        super().__init__()
        self._address = address
        self._next = start
        self._batch = unsure
        self.acknowledged: list[str] = []
        self.unsure: list[str] = []

    def run(self) -> None:
        with httpx.Client(base_url=self._address, timeout=10) as client:
            while True:
                batch = self._batch or [f"{self._next + place:08}" for place in range(20)]
                self._next += 0 if self._batch else 20
                rows = [{"model": "loans", "id": name, "prediction": 1} for name in batch]
                try:
                    answer = client.post("/api/v1/predictions", json=rows)
                except httpx.TransportError:
                    self.unsure = batch
                    return
                if answer.status_code == 200:
                    told = answer.json()
                    assert told["accepted"] + told["duplicates"] == len(batch)
                    self.acknowledged += batch
                    self._batch = []


def start(root: Path, port: int) -> subprocess.Popen[bytes]:
    aimon = [sys.executable, "-c", "from aimon.cli import main; main()", "-C", str(root), "serve"]
    server = subprocess.Popen(
        [*aimon, "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ)
    )
    for _ in range(600):
        try:
            httpx.get(f"http://127.0.0.1:{port}/api/v1/monitoring/health")
        except httpx.TransportError:
            assert server.poll() is None
            time.sleep(0.05)
        else:
            return server
    raise AssertionError("the server does not start")


@pytest.mark.timeout(600)
def test_what_was_acknowledged_is_in_the_lake_once_however_often_the_server_was_killed(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "aimon.yaml").write_text("")
    (tmp_path / "models" / "loans.yaml").write_text(MODEL)
    first = today()
    drawn, port = random.Random(11), free_port()
    acknowledged: list[str] = []
    unsure: list[list[str]] = [[] for _ in range(SENDERS)]
    for number in range(ROUNDS):
        with start(tmp_path, port) as server:
            senders = [
                Sender(f"http://127.0.0.1:{port}", (number * SENDERS + place) * 1_000_000, unsure[place])
                for place in range(SENDERS)
            ]
            for sender in senders:
                sender.start()
            time.sleep(drawn.uniform(0.05, 0.4))
            if number % 5 == 4:  # the day is drained while predictions come in
                with open_platform(tmp_path) as platform:
                    ingest(platform, platform.model("loans"), first, now())
            server.kill()
            for sender in senders:
                sender.join()
        acknowledged += [name for sender in senders for name in sender.acknowledged]
        unsure = [sender.unsure for sender in senders]

    assert len(acknowledged) > ROUNDS * 20
    with open_platform(tmp_path) as platform:
        spec = platform.model("loans")
        held: list[str] = []
        for day in {first, first + timedelta(days=1)} & {first, today()}:
            ingest(platform, spec, day, now())
            ingest(platform, spec, day, now())
            held += platform.lake.read_day("loans", day, ["request"]).read_all()["request"].to_pylist()

    assert len(held) == len(set(held))
    assert set(acknowledged) <= set(held)
    assert set(held) - set(acknowledged) <= {name for batch in unsure for name in batch}

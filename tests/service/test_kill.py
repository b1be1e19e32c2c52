"""The server is killed under load, again and again: what it acknowledged is in the lake, each prediction once."""

import random
import threading
import time
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from aimon.clock import now, today
from aimon.daily.ingest import ingest
from aimon.platform import open_platform
from aimon.service.server import bound, open_door
from tests.service.conftest import KEY
from tests.service.people import invite
from tests.service.victim import start

ROUNDS = 20
SENDERS = 3
BATCH = 20
MODEL = """\
model: loans
task: binary
source: {kind: collector}
columns: {prediction: decision, id: request}
"""


class Sender(threading.Thread):
    """Sends batches until the server is gone; remembers what was acknowledged, and what it may have to send again."""

    def __init__(self, port: int, first: int, again: list[str]) -> None:
        super().__init__()
        self._address = f"http://127.0.0.1:{port}"
        self._next = first
        self.unsure = again
        self.acknowledged: list[str] = []

    def run(self) -> None:
        with httpx.Client(base_url=self._address, headers=KEY, timeout=60) as client:
            while True:
                if not self.unsure:
                    self.unsure = [f"{self._next + place:08}" for place in range(BATCH)]
                    self._next += BATCH
                rows = [{"model": "loans", "id": name, "prediction": 1} for name in self.unsure]
                try:
                    answer = client.post("/api/v1/predictions", json=rows)
                except httpx.TransportError:
                    return
                told = answer.json()
                if answer.status_code == 200 and told["accepted"] + told["duplicates"] == BATCH:
                    self.acknowledged += self.unsure
                    self.unsure = []


def drain(root: Path) -> list[str]:
    """Run the day's first step twice; the ids that the lake holds."""
    with open_platform(root) as platform:
        spec, last = platform.model("loans"), today()
        for day in (last - timedelta(days=1), last):
            ingest(platform, spec, day, now())
            ingest(platform, spec, day, now())
        return [
            name
            for day in platform.lake.days("loans")
            for name in platform.lake.read_day("loans", day, ["request"]).read_all()["request"].to_pylist()
        ]


@pytest.mark.timeout(600)
def test_what_was_acknowledged_is_in_the_lake_once_however_often_the_server_was_killed(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "aimon.yaml").write_text("")
    (tmp_path / "models" / "loans.yaml").write_text(MODEL)
    with open_platform(tmp_path) as platform:
        invite(open_door(platform))
    drawn = random.Random(11)  # noqa: S311 - when to kill
    acknowledged: list[str] = []
    unsure: list[list[str]] = [[] for _ in range(SENDERS)]
    for number in range(ROUNDS):
        with bound("127.0.0.1", 0) as listening:
            server, port = start(tmp_path, listening), listening.getsockname()[1]
            senders = [
                Sender(port, (number * SENDERS + place) * 1_000_000, again) for place, again in enumerate(unsure)
            ]
            for sender in senders:
                sender.start()
            enough = drawn.randrange(1, 20) * BATCH
            while sum(len(sender.acknowledged) for sender in senders) < enough:
                time.sleep(0.002)
                assert server.is_alive()
            if number % 7 == 6:  # the day is drained while predictions come in
                drain(tmp_path)
            time.sleep(drawn.uniform(0, 0.02))
            server.kill()
            server.join()
        for sender in senders:
            sender.join()
        acknowledged += [name for sender in senders for name in sender.acknowledged]
        unsure = [sender.unsure for sender in senders]
    held = drain(tmp_path)

    assert len(acknowledged) > ROUNDS * BATCH
    assert len(held) == len(set(held))
    assert set(acknowledged) <= set(held)
    assert set(held) - set(acknowledged) <= {name for batch in unsure for name in batch}

"""The server is killed under load, again and again: what it acknowledged is in the lake, each prediction once."""

import random
import threading
import time
from datetime import timedelta
from pathlib import Path

import dagster as dg
import httpx
import pytest

from aimon.clock import today
from aimon.platform import open_platform
from aimon.service.server import bound, open_door
from aimon_pipelines.definitions import build_definitions
from aimon_pipelines.execution import QUIET, register
from aimon_pipelines.jobs import MODEL_DAY
from resources.names import PREDICTIONS, RANGE_END, RANGE_START, ModelDayKey
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
columns: {prediction: decision}
"""


class Sender(threading.Thread):
    """Sends batches until the server is gone; remembers what was acknowledged, and what it may have to send again."""

    def __init__(self, port: int, first: int, again: list[str]) -> None:
        super().__init__(daemon=True)
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


def drain(root: Path, times: int) -> list[str]:
    """Materialise the day's predictions, through Dagster; the ids that the lake holds."""
    last = today()
    first = last - timedelta(days=1)
    span = {RANGE_START: str(ModelDayKey("loans", first)), RANGE_END: str(ModelDayKey("loans", last))}
    with open_platform(root) as platform, dg.DagsterInstance.ephemeral() as instance:
        register(platform, instance)
        job = build_definitions(root).resolve_job_def(MODEL_DAY)
        for _ in range(times):
            done = job.execute_in_process(
                run_config=QUIET, instance=instance, tags=span, asset_selection=[PREDICTIONS], raise_on_error=False
            )
            made = {event.partition for event in done.get_asset_materialization_events()}
            assert span[RANGE_END] in made
        return [
            name
            for day in platform.lake.days("loans")
            for name in platform.lake.read_day("loans", day, ["id"]).read_all()["id"].to_pylist()
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
                drain(tmp_path, times=1)
            time.sleep(drawn.uniform(0, 0.02))
            server.kill()
            server.join()
        for sender in senders:
            sender.join()
        acknowledged += [name for sender in senders for name in sender.acknowledged]
        unsure = [sender.unsure for sender in senders]
    held = drain(tmp_path, times=2)

    assert len(acknowledged) > ROUNDS * BATCH
    assert len(held) == len(set(held))
    assert set(acknowledged) <= set(held)
    assert set(held) - set(acknowledged) <= {name for batch in unsure for name in batch}

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from aimon_client import Client
from aimon_client.spill import Spill
from tests.client.collector import FakeCollector, eventually


def client_of(collector: FakeCollector, folder: Path, **options: object) -> Client:
    return Client(collector.url, key="secret", spill=folder / "spill", **{"seconds": 0.2, "timeout": 1.0, **options})  # type: ignore[arg-type]


def test_a_prediction_arrives_with_its_roles_and_features(collector: FakeCollector, tmp_path: Path) -> None:
    with client_of(collector, tmp_path) as client:
        key = client.log("loans", 1, features={"income": 3.5}, score=0.9, version="2", latency=0.01, user="ann")
        assert client.flush()
    [record] = collector.taken["predictions"]
    assert record["id"] == key
    assert record["timestamp"].endswith("Z")
    assert record["features"] == {"income": 3.5}
    assert {name: record[name] for name in ("model", "prediction", "score", "version", "latency", "user")} == {
        "model": "loans", "prediction": 1, "score": 0.9, "version": "2", "latency": 0.01, "user": "ann",
    }  # fmt: skip
    assert collector.keys == {"Bearer secret"}


def test_labels_and_feedback_go_to_their_own_places(collector: FakeCollector, tmp_path: Path) -> None:
    with client_of(collector, tmp_path) as client:
        key = client.log("loans", 1)
        client.label("loans", key, 0)
        client.feedback("loans", key, correct=False, kind="dispute", comment="wrong person")
        assert client.flush()
    [label], [feedback] = collector.taken["labels"], collector.taken["feedback"]
    assert (label["id"], label["label"]) == (key, 0)
    assert (feedback["correct"], feedback["kind"], feedback["comment"]) == (False, "dispute", "wrong person")


def test_ten_records_go_at_once_and_fewer_after_the_time(collector: FakeCollector, tmp_path: Path) -> None:
    with client_of(collector, tmp_path, seconds=30.0) as client:
        for _ in range(9):
            client.log("loans", 1)
        assert not eventually(lambda: collector.requests, 0.3)
        client.log("loans", 1)
        assert eventually(lambda: len(collector.taken["predictions"]) == 10, 2)
        assert [lines for _, _, lines in collector.requests] == [10]
    with client_of(collector, tmp_path, seconds=0.2) as client:
        client.log("loans", 1)
        assert eventually(lambda: len(collector.taken["predictions"]) == 11, 2)


def test_a_refused_record_is_counted_and_the_others_stay(collector: FakeCollector, tmp_path: Path) -> None:
    with client_of(collector, tmp_path) as client:
        for prediction in (1, "rubbish", 0):
            client.log("loans", prediction)
        assert client.flush()
        assert (client.stats.sent, client.stats.rejected) == (2, 1)
        assert "not a class" in str(client.stats.last_error)


def test_what_a_dead_server_missed_arrives_when_it_is_back(collector: FakeCollector, tmp_path: Path) -> None:
    collector.stop()
    with client_of(collector, tmp_path) as client:
        keys = [client.log("loans", number) for number in range(500)]
        assert eventually(lambda: client.stats.spilled == 500)
        assert collector.taken["predictions"] == []
        collector.start()
        assert client.flush(20)
        assert client.stats.dropped == 0
    assert collector.times_taken() == dict.fromkeys(keys, 1)
    assert not list((tmp_path / "spill").iterdir())


def test_a_flapping_server_gets_everything_at_least_once(collector: FakeCollector, tmp_path: Path) -> None:
    keys = []
    with client_of(collector, tmp_path) as client:
        for number in range(600):
            if number % 100 == 0:
                collector.status = 503 if number % 200 == 0 else 200
                collector.retry_after = "0.1"
            keys.append(client.log("loans", number))
            if number % 20 == 0:
                eventually(lambda: False, 0.02)
        collector.status = 200
        assert client.flush(20)
        stats = client.stats
    assert set(collector.times_taken()) == set(keys)
    assert (stats.sent, stats.dropped, stats.waiting) == (600, 0, 0)


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_records_wait_on_disk_while_the_key_the_address_or_the_server_is_wrong(
    collector: FakeCollector, tmp_path: Path, status: int
) -> None:
    collector.status = status
    with client_of(collector, tmp_path) as client:
        client.log("loans", 1)
        assert eventually(lambda: client.stats.spilled == 1)
        collector.status = 200
        assert client.flush()
    assert len(collector.taken["predictions"]) == 1


def test_a_slow_server_holds_up_no_call(collector: FakeCollector, tmp_path: Path) -> None:
    collector.delay_s = 0.5
    with client_of(collector, tmp_path, timeout=2.0) as client:
        done = threading.Event()

        def work() -> None:
            for number in range(1000):
                client.log("loans", number)
            done.set()

        threading.Thread(target=work).start()
        assert done.wait(0.5)
        assert client.flush(20)
    assert len(collector.times_taken()) == 1000


def test_beyond_the_queue_and_the_disk_records_are_dropped_and_counted(
    collector: FakeCollector, tmp_path: Path
) -> None:
    collector.stop()
    with client_of(collector, tmp_path, queued=50, spill_bytes=2_000, seconds=30.0) as client:
        for number in range(1000):
            client.log("loans", number)
        assert eventually(lambda: client.stats.waiting + client.stats.dropped == 1000)
    stats = client.stats
    assert stats.dropped > 900
    assert stats.logged == stats.sent + stats.rejected + stats.dropped + stats.waiting
    assert Spill(tmp_path / "spill", 0).bytes() <= 2_000


def test_a_request_that_is_too_large_is_sent_in_halves(collector: FakeCollector, tmp_path: Path) -> None:
    collector.most_bytes = 1_000
    with client_of(collector, tmp_path, batch=100) as client:
        for _ in range(40):
            client.log("loans", 1, text="x" * 50)
        client.log("loans", 1, text="x" * 2_000)
        assert client.flush()
        assert (client.stats.sent, client.stats.rejected) == (40, 1)


def test_strange_values_become_what_json_can_hold(collector: FakeCollector, tmp_path: Path) -> None:
    class Strange:
        def __str__(self) -> str:
            raise RuntimeError("no text")

    import numpy as np

    features = {"a": np.float32(1.5), "b": float("nan"), "c": Strange(), 4: np.array([1, 2]), "d": "\ud800"}
    with client_of(collector, tmp_path) as client:
        client.log("loans", np.int64(1), features=features)  # type: ignore[arg-type]
        assert client.flush()
    [record] = collector.taken["predictions"]
    assert record["features"] == {"a": 1.5, "b": None, "c": "Strange", "4": [1, 2], "d": "?"}


PROGRAM = """
import sys
from aimon_client import Client
client = Client(sys.argv[1], spill=sys.argv[2], seconds=60, timeout=1)
for number in range(7):
    client.log("loans", number, id=f"{sys.argv[3]}-{number}")
"""


def run(collector: FakeCollector, folder: Path, name: str) -> None:
    client = Path(__file__).parents[2] / "client"
    environment = {**os.environ, "PYTHONPATH": str(client)}
    arguments = [sys.executable, "-c", PROGRAM, collector.url, str(folder / "spill"), name]
    subprocess.run(arguments, check=True, timeout=30, env=environment)


def test_a_process_that_ends_sends_what_it_holds(collector: FakeCollector, tmp_path: Path) -> None:
    run(collector, tmp_path, "a")
    assert sorted(collector.times_taken()) == [f"a-{number}" for number in range(7)]


def test_what_an_ended_process_left_on_disk_is_sent_by_the_next(collector: FakeCollector, tmp_path: Path) -> None:
    collector.status = 503
    run(collector, tmp_path, "a")
    assert len(list((tmp_path / "spill").iterdir())) >= 1
    collector.status = 200
    with client_of(collector, tmp_path) as client:
        client.log("loans", 1, id="b")
        assert eventually(lambda: client.stats.recovered == 7)
    assert sorted(collector.times_taken()) == [*(f"a-{number}" for number in range(7)), "b"]


def test_files_are_for_their_owner_alone(collector: FakeCollector, tmp_path: Path) -> None:
    collector.stop()
    with client_of(collector, tmp_path) as client:
        client.log("loans", 1)
        assert eventually(lambda: client.stats.spilled == 1)
        [file] = (tmp_path / "spill").iterdir()
        assert (file.parent.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o700, 0o600)
        assert json.loads(file.read_text())["model"] == "loans"


def test_a_forked_child_reports_its_own_records_only(collector: FakeCollector, tmp_path: Path) -> None:
    client = Path(__file__).parents[2] / "client"
    program = """
import os, sys
from aimon_client import Client
client = Client(sys.argv[1], spill=sys.argv[2], seconds=60, timeout=1)
client.log("loans", 1, id="parent")
child = os.fork()
if child == 0:
    client.log("loans", 1, id="child")
    client.close()
    os._exit(0)
os.waitpid(child, 0)
"""
    arguments = [sys.executable, "-W", "ignore", "-c", program, collector.url, str(tmp_path / "spill")]
    subprocess.run(arguments, check=True, timeout=30, env={**os.environ, "PYTHONPATH": str(client)})
    assert collector.times_taken() == {"parent": 1, "child": 1}

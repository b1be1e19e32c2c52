"""A client that seals: what arrives, in which order, what never touches the disk, and what a dead server costs."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from aimon.access.rights import Scope
from aimon.errors import SealedError
from aimon.platform import open_platform
from aimon.profile.count import count_all
from aimon.profile.profile import TableKey
from aimon.sealed.envelope import Envelope, read_envelope
from aimon.sealed.evaluator import add
from aimon.sealed.gate import DecryptGate
from aimon.sealed.host import Sealer, table_of
from aimon.sealed.keys import PUBLIC, read_secret
from aimon.sealed.sender import new_sender
from aimon.sealed.signature import check_senders
from aimon.sealed.sums import read, registered
from aimon.service.app import create_app
from aimon.service.server import open_door
from aimon_client import Client, MonitoredModel, SealingUnavailableError
from tests.client.collector import FakeCollector, eventually
from tests.sealed_project import NAME, SealedProject, sealed_project
from tests.service.conftest import running
from tests.service.people import invite, known_key
from tests.tiny_project import FIRST, rows

KEY = known_key(Scope.INGEST)
CLIENT = Path(__file__).parents[2] / "client"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> SealedProject:
    return sealed_project(tmp_path_factory.mktemp("sealed"), release="verdicts")


@pytest.fixture(scope="module")
def logged() -> list[dict[str, Any]]:
    """What a model says of a day, as the client is told."""
    told = rows(FIRST, 120, 1).to_pylist()
    return [
        {
            "prediction": row["decision"],
            "timestamp": row["at"],
            "score": row["score"],
            "label": row["label"],
            "features": {name: row[name] for name in ("income", "region", "sex")},
        }
        for row in told
    ]


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIMON_NOW", f"{FIRST + timedelta(2)}T00:00:00Z")


def client_of(project: SealedProject, url: str, folder: Path, **options: Any) -> Client:
    sealing = {"plan": project.owner / "plan.json", "public_key": project.keys / PUBLIC, "sender": "host"}
    return Client(url, sealed=True, key=KEY, spill=folder, **{"timeout": 1.0, **sealing, **options})


def opened(project: SealedProject, envelopes: Sequence[Envelope]) -> Any:
    secret, key_id = read_secret(project.secret)
    return DecryptGate(project.plan.layout, secret, key_id).open(add(envelopes), envelopes)


def assert_counts(project: SealedProject, envelopes: Sequence[Envelope], logged: list[dict[str, Any]]) -> None:
    found, clear = opened(project, envelopes), count_all(project.plan.grid, table_of(project.plan.grid, logged))
    assert found.rows == len(logged)
    for key in (TableKey("column:income"), TableKey("column:region"), TableKey("outcome:sex")):
        assert (found.tables[key] == clear.tables[key]).all()


def test_what_a_real_server_takes_is_what_the_rows_count(
    project: SealedProject, logged: list[dict[str, Any]], tmp_path: Path
) -> None:
    with open_platform(project.server) as platform:
        door = open_door(platform)
        invite(door)
        with (
            running(create_app(platform, door)) as address,
            client_of(project, address, tmp_path, batch=50, timeout=30.0) as client,
        ):
            for record in logged:
                client.log(NAME, **record)
            assert client.flush(60)
            assert (client.stats.sent, client.stats.rejected, client.stats.dropped) == (120, 0, 0)
        envelopes = read(platform.lake, registered(platform.store, NAME, FIRST))
    assert len(envelopes) >= 2
    assert_counts(project, envelopes, logged)


def test_what_a_dead_server_missed_arrives_in_order_and_nothing_lies_in_the_clear(
    project: SealedProject, logged: list[dict[str, Any]], collector: FakeCollector, tmp_path: Path
) -> None:
    collector.stop()
    with client_of(project, collector.url, tmp_path, batch=20) as client:
        for record in logged:
            client.log(NAME, **record)
        assert eventually(lambda: client.stats.spilled == 120)
        files = list(tmp_path.rglob("*.sealed"))
        assert len(files) >= 6
        assert not any(b"north" in file.read_bytes() for file in files)
        assert {(file.parent.stat().st_mode & 0o777, file.stat().st_mode & 0o777) for file in files} == {(0o700, 0o600)}
        collector.start()
        assert client.flush(20)
        assert (client.stats.sent, client.stats.dropped, client.stats.faults) == (120, 0, 0)
    assert_counts(project, collector.envelopes, logged)
    assert list((tmp_path / "sealed").iterdir()) == []


def test_a_flapping_server_gets_every_row_once(
    project: SealedProject, logged: list[dict[str, Any]], collector: FakeCollector, tmp_path: Path
) -> None:
    collector.retry_after = "0.05"
    with client_of(project, collector.url, tmp_path, batch=10) as client:
        for number, record in enumerate(logged):
            if number % 20 == 0:
                collector.status = 503 if number % 40 == 0 else 200
                eventually(lambda: False, 0.05)
            client.log(NAME, **record)
        collector.status = 200
        assert client.flush(20)
        assert (client.stats.sent, client.stats.rejected, client.stats.dropped) == (120, 0, 0)
    assert_counts(project, collector.envelopes, logged)


def test_a_slow_server_holds_up_no_call(
    project: SealedProject, logged: list[dict[str, Any]], collector: FakeCollector, tmp_path: Path
) -> None:
    collector.delay_s = 0.5
    with client_of(project, collector.url, tmp_path, batch=60, timeout=5.0) as client:
        start = time.monotonic()
        for record in logged:
            client.log(NAME, **record)
        assert time.monotonic() - start < 0.4
        assert client.flush(20)


def test_a_row_that_cannot_be_sealed_is_dropped_alone(
    project: SealedProject, logged: list[dict[str, Any]], collector: FakeCollector, tmp_path: Path
) -> None:
    with client_of(project, collector.url, tmp_path) as client:
        for record in logged:
            client.log(NAME, **record)
        client.log(NAME, **logged[0] | {"timestamp": "yesterday"})
        assert client.flush(20)
        assert (client.stats.sent, client.stats.dropped, client.stats.faults) == (120, 1, 0)
        assert "it cannot be sealed" in (client.stats.last_error or "")
    assert_counts(project, collector.envelopes, logged)


@pytest.mark.parametrize(
    ("said", "say"),
    [
        ("it is of cars 1, and the plan is of loans 1", lambda client: client.log("cars", 1)),
        ("it is of loans 2, and the plan is of loans 1", lambda client: client.log(NAME, 1, version="2")),
        ("labels name single predictions", lambda client: client.label(NAME, "a", 1)),
        ("feedback name single predictions", lambda client: client.feedback(NAME, "a", correct=True)),
    ],
)
def test_what_would_spoil_the_counts_is_dropped_and_counted(
    project: SealedProject, collector: FakeCollector, tmp_path: Path, said: str, say: Any
) -> None:
    with client_of(project, collector.url, tmp_path) as client:
        say(client)
        assert client.flush(20)
        assert (client.stats.logged, client.stats.dropped, client.stats.sent) == (1, 1, 0)
        assert said in (client.stats.last_error or "")
    assert collector.envelopes == []


@pytest.mark.parametrize(("status", "most_bytes"), [(409, 10_000_000), (422, 10_000_000), (200, 100)])
def test_an_envelope_that_is_refused_for_good_holds_up_no_other(
    project: SealedProject,
    logged: list[dict[str, Any]],
    collector: FakeCollector,
    tmp_path: Path,
    status: int,
    most_bytes: int,
) -> None:
    collector.status, collector.most_bytes = status, most_bytes
    with client_of(project, collector.url, tmp_path) as client:
        client.log(NAME, **logged[0])
        assert client.flush(20)
        collector.status, collector.most_bytes = 200, 10_000_000
        client.log(NAME, **logged[1])
        assert client.flush(20)
        assert (client.stats.rejected, client.stats.sent) == (1, 1)
    assert "refused an envelope of 1 record(s)" in (client.stats.last_error or "")


def test_beyond_the_queue_and_the_disk_rows_are_dropped_and_counted(
    project: SealedProject, logged: list[dict[str, Any]], collector: FakeCollector, tmp_path: Path
) -> None:
    collector.stop()
    client = client_of(project, collector.url, tmp_path, batch=30, queued=40, spill_bytes=100_000)
    for record in [*logged, *logged]:
        client.log(NAME, **record)
        time.sleep(0.001)
    client.close(0.5)
    assert client.stats.logged == client.stats.spilled + client.stats.dropped == 240
    assert 0 < client.stats.spilled < 240
    assert sum(file.stat().st_size for file in tmp_path.rglob("*.sealed")) <= 100_000


PROGRAM = """
import os, signal, sys, time
from aimon_client import Client
def log(client, many):
    for place in range(many):
        client.log("loans", place % 2, features={{"income": float(place)}}, timestamp="2026-11-01T05:00:00Z", label=1)
client = Client(sys.argv[1], sealed=True, spill=sys.argv[2], plan=sys.argv[3], public_key=sys.argv[4], sender="host",
                batch=10, timeout=0.5)
log(client, 40)
{end}
"""
FORKING = """
child = os.fork()
if child == 0:
    log(client, 7)
    client.close()
    os._exit(0)
os.waitpid(child, 0)
"""


def run(project: SealedProject, url: str, folder: Path, end: str = "") -> int:
    """A process that logs 40 rows and ends in this way."""
    files = [str(project.owner / "plan.json"), str(project.keys / PUBLIC)]
    arguments = [sys.executable, "-W", "ignore", "-c", PROGRAM.format(end=end), url, str(folder), *files]
    paths = os.pathsep.join([str(CLIENT), str(CLIENT.parent)])
    return subprocess.run(arguments, timeout=60, env={**os.environ, "PYTHONPATH": paths}, check=False).returncode


def test_a_process_that_ends_seals_and_sends_what_it_holds(
    project: SealedProject, collector: FakeCollector, tmp_path: Path
) -> None:
    assert run(project, collector.url, tmp_path, "log(client, 5)") == 0
    assert sum(each.header.rows for each in collector.envelopes) == 45


def test_a_forked_child_seals_its_own_rows_under_a_name_of_its_own(
    project: SealedProject, collector: FakeCollector, tmp_path: Path
) -> None:
    assert run(project, collector.url, tmp_path, FORKING) == 0
    by_sender: dict[str, int] = {}
    for each in collector.envelopes:
        by_sender[each.header.sender] = by_sender.get(each.header.sender, 0) + each.header.rows
    assert sorted(by_sender.values()) == [7, 40]
    assert all(sender.startswith("host/") for sender in by_sender)


def test_what_a_killed_process_had_sealed_is_sent_in_order_by_one_other(
    project: SealedProject, collector: FakeCollector, tmp_path: Path
) -> None:
    collector.stop()
    killed = "while client.stats.spilled < 40: time.sleep(0.02)\nos.kill(os.getpid(), signal.SIGKILL)"
    assert run(project, collector.url, tmp_path, killed) == -9
    collector.start()
    clients = [client_of(project, collector.url, tmp_path) for _ in range(3)]
    starts = [threading.Thread(target=each.log, args=(NAME, 1)) for each in clients]
    for each in starts:
        each.start()
    assert eventually(lambda: sum(each.stats.recovered for each in clients) == 40, 20)
    assert [each.stats.recovered for each in clients if each.stats.recovered] == [40]
    for client in clients:
        client.close()
    assert sum(each.header.rows for each in collector.envelopes) == 43
    assert list((tmp_path / "sealed").iterdir()) == []


def test_a_watched_model_is_reported_as_counts(
    project: SealedProject, collector: FakeCollector, tmp_path: Path
) -> None:
    with client_of(project, collector.url, tmp_path) as client:
        model = MonitoredModel(
            lambda income: int(income > 1000), NAME, client=client, features=lambda income: {"income": income}
        )
        assert [model(income) for income in (500.0, 2000.0)] == [0, 1]
        assert client.flush(20)
    assert [each.header.rows for each in collector.envelopes] == [2]
    assert model.monitor.totals().calls == 2


def test_a_client_that_cannot_seal_says_so_at_once(project: SealedProject, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="sealed=True needs plan=, public_key= and sender="):
        Client("http://127.0.0.1:9", sealed=True)
    with pytest.raises(ValueError, match="are for sealed=True, which is not set"):
        Client("http://127.0.0.1:9", sender="host")
    with pytest.raises(SealedError, match=r"nowhere\.json cannot be read"):
        client_of(project, "http://127.0.0.1:9", tmp_path, plan=tmp_path / "nowhere.json")


def test_without_aimon_one_sentence_says_what_to_install(
    project: SealedProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "aimon.sealed.host", None)
    with pytest.raises(SealingUnavailableError, match="counts and encrypts with aimon, which cannot be imported here"):
        client_of(project, "http://127.0.0.1:9", tmp_path)


def test_a_host_with_a_key_of_its_own_signs_every_envelope(
    project: SealedProject, logged: list[dict[str, Any]], tmp_path: Path
) -> None:
    made = new_sender(tmp_path / "host.key", "host")
    signing = Sealer(project.owner / "plan.json", project.keys / PUBLIC, sender="host", sign=tmp_path / "host.key")
    envelopes = [read_envelope(content, "sealed") for content, _ in signing.seal(logged)]
    check_senders(envelopes, {"host": made.signer.public})
    assert all(each.header.sender.startswith("host/") for each in envelopes)
    with pytest.raises(SealedError, match="was not signed by host"):
        check_senders(envelopes, {"host": "1" * 64})

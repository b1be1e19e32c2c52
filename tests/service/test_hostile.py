"""What hurts: full and locked databases, floods, bodies without end, senders that drip. Nothing is lost."""

import json
import socket
import sqlite3
import struct
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pyarrow as pa
import pytest
from sqlalchemy import event

from aimon.platform import Platform, open_platform
from aimon.service.server import bound, open_door
from aimon.store import inbox
from tests.service.conftest import KEY, problem
from tests.service.people import invite
from tests.service.victim import start

MODEL = "{model: loans, task: binary, source: {kind: collector}, columns: {prediction: decision}}"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    (tmp_path / "aimon.yaml").write_text("")
    (tmp_path / "models" / "loans.yaml").write_text(MODEL)
    return tmp_path


@pytest.fixture
def platform(root: Path) -> Iterator[Platform]:
    with open_platform(root) as opened:
        yield opened


def send(client: httpx.Client, *names: str) -> httpx.Response:
    return client.post("/api/v1/predictions", json=[{"model": "loans", "id": name, "prediction": 1} for name in names])


def held(platform: Platform) -> int:
    with platform.store.session() as connection:
        return inbox.count(connection, "loans")


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Somebody else holds the database's write lock."""
    with closing(sqlite3.connect(root / "storage" / "aimon.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def test_a_locked_database_is_told_in_time_and_what_was_sent_is_kept_once(
    client: httpx.Client, platform: Platform, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(client, "first")
    monkeypatch.setattr("aimon.service.collector.COMMIT_SECONDS", 0.3)
    with locked(root):
        answer = send(client, "a", "b")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert problem(answer)["detail"].startswith("the database did not take the rows within 0.3 s")
    monkeypatch.setattr("aimon.service.collector.COMMIT_SECONDS", 60.0)
    told = send(client, "a", "b").json()

    assert told["accepted"] + told["duplicates"] == 2
    assert held(platform) == 3


def test_more_than_may_wait_is_sent_away_to_come_back(
    client: httpx.Client, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(client, "first")
    monkeypatch.setattr("aimon.service.collector.COMMIT_SECONDS", 0.2)
    monkeypatch.setattr("aimon.intake.group_commit.MOST_WAITING", 3)
    with locked(root):
        send(client, "a", "b")
        answer = send(client, "c", "d")
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")


def test_a_full_disk_is_told_and_forgotten_when_there_is_room(client: httpx.Client, platform: Platform) -> None:
    send(client, "first")
    full = True

    def little_room(connection: Any, _: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages if full else 1_000_000}")

    event.listen(platform.store.engine, "connect", little_room)
    platform.store.dispose()
    many = [f"{number:06}-{'x' * 150}" for number in range(5_000)]
    answer = send(client, *many)
    assert answer.status_code == 503
    assert problem(answer)["detail"] == "the operations database cannot be used now"
    assert client.get("/api/v1/monitoring/health").status_code == 200
    assert held(platform) == 1

    full = False
    platform.store.dispose()
    assert send(client, *many).json()["accepted"] == 5_000


def test_a_database_that_was_moved_away_takes_nothing_that_would_be_lost(
    client: httpx.Client, platform: Platform, root: Path
) -> None:
    file, away = root / "storage" / "aimon.db", root / "storage" / "away.db"
    send(client, "first")
    file.rename(away)
    answer = send(client, "a", "b")
    assert answer.status_code == 503
    assert problem(answer)["detail"] == "the operations database cannot be used now"
    assert not file.exists()

    away.rename(file)
    assert send(client, "a", "b").json()["accepted"] == 2
    assert held(platform) == 3


def test_a_head_that_drips_is_cut_off(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aimon.service.protocol.HEAD_SECONDS", 0.3)
    host, port = client.base_url.host, client.base_url.port
    with socket.create_connection((host, port or 0)) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        began = time.monotonic()
        assert slow.recv(1) == b""
        assert time.monotonic() - began < 5


def flood(endless: socket.socket) -> None:
    for _ in range(1_000):
        endless.sendall(b"X-More: " + b"x" * 1_000 + b"\r\n")
        time.sleep(0.001)


def test_a_head_without_end_is_cut_off(client: httpx.Client) -> None:
    host, port = client.base_url.host, client.base_url.port
    with socket.create_connection((host, port or 0)) as endless:
        endless.sendall(b"GET / HTTP/1.1\r\n")
        with pytest.raises(ConnectionError):
            flood(endless)


def test_a_line_that_is_no_text_or_too_deep_is_refused_alone(client: httpx.Client) -> None:
    good = b'{"model": "loans", "id": "a", "prediction": 1}'
    deep = b'{"model": "loans", "id": "b", "prediction": 1, "features": ' + b'{"a":' * 900 + b"1" + b"}" * 901
    lines = b"\n".join([good, good.replace(b'"a"', b'"\xff\xfe"'), deep, b"[" * 100_000])
    headers = {"Content-Type": "application/x-ndjson"}
    told = client.post("/api/v1/predictions", content=lines, headers=headers).json()

    assert told["accepted"] == 1
    assert [(each["index"], each["field"]) for each in told["rejected"]] == [(1, None), (2, "a"), (3, None)]
    assert told["rejected"][0]["reason"].startswith("is not JSON: ")
    assert told["rejected"][1]["reason"] == "expected a single value, not a list or an object"


def arrow(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def views_of(text: str, times: int) -> pa.Array:
    """The same text so many times, each a view of one buffer."""
    view = struct.pack("<i4sii", len(text), text[:4].encode(), 0, 0)
    buffers = [None, pa.py_buffer(view * times), pa.py_buffer(text.encode())]
    return pa.Array.from_buffers(pa.string_view(), times, buffers)


@pytest.mark.parametrize("way", ["compressed", "dictionary", "struct", "runs", "views"])
def test_a_small_arrow_body_that_unpacks_to_gigabytes_is_refused_before_it_does(client: httpx.Client, way: str) -> None:
    long, rows = pa.array(["x" * 5_000_000]), 5_000
    entries = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), long)
    column = {
        "compressed": lambda: pa.array(["x" * 200_000_000] + [""] * (rows - 1)),
        "dictionary": lambda: entries,
        "struct": lambda: pa.StructArray.from_arrays([entries], ["note"]),
        "runs": lambda: pa.RunEndEncodedArray.from_arrays([rows], long),
        "views": lambda: views_of("x" * 5_000_000, rows),
    }[way]()
    names = [f"{number}" for number in range(rows)]
    table = pa.table({"model": ["loans"] * rows, "id": names, "prediction": [1] * rows, "features": column})
    body = arrow(table)
    headers = {"Content-Type": "application/vnd.apache.arrow.stream"}
    answer = client.post("/api/v1/predictions", content=body, headers=headers)

    assert len(body) < 1 << 20
    assert answer.status_code == 413
    assert problem(answer)["detail"].startswith("the body holds more than 128 MiB once it is unpacked")


def test_ids_of_people_that_are_lists_are_refused_row_by_row(client: httpx.Client) -> None:
    table = pa.table({"model": ["loans"] * 2, "id": ["a", "b"], "prediction": [1, 1], "user": [["ann"], None]})
    headers = {"Content-Type": "application/vnd.apache.arrow.stream"}
    told = client.post("/api/v1/predictions", content=arrow(table), headers=headers).json()

    assert told["accepted"] == 1
    assert told["rejected"] == [{"index": 0, "field": "user", "reason": "expected a text or a whole number"}]


def test_a_hundred_megabytes_and_a_million_fields_are_refused_in_bounded_memory(root: Path) -> None:
    with open_platform(root) as platform:
        invite(open_door(platform))
    with bound("127.0.0.1", 0) as listening:
        server = start(root, listening)
        try:
            with httpx.Client(
                base_url=f"http://127.0.0.1:{listening.getsockname()[1]}", headers=KEY, timeout=60
            ) as client:
                assert send(client, "warm").status_code == 200
                process = psutil.Process(server.pid)
                before = process.memory_info().rss
                chunk = b"x" * (1 << 20)
                headers = {"Content-Type": "application/json"}
                answer = client.post("/api/v1/predictions", content=iter([chunk] * 100), headers=headers)
                grown = process.memory_info().rss - before
                fields = {f"f{number}": 1 for number in range(1_000_000)}
                row = {"model": "loans", "id": "wide", "prediction": 1, "features": fields}
                body = json.dumps(row)
                wide = [client.post("/api/v1/predictions", content=body, headers=headers).json() for _ in range(2)]
                grown_by_fields = process.memory_info().rss - before
                assert send(client, "after").json()["accepted"] == 1
        finally:
            server.kill()
            server.join()

    assert problem(answer)["detail"] == "the body is larger than 16 MiB; send fewer rows at a time"
    assert grown < 64 << 20
    assert {each["rejected"][0]["reason"] for each in wide} == {"has more than 2,000 columns"}
    assert grown_by_fields < 256 << 20

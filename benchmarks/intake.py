"""How many predictions a second the collector takes, answers after the disk, beside the same rows written without HTTP.

One server process and the load share the machine. Rows have 12 features, an id, a user and a text; ids are hashed and
texts scrubbed; SQLite commits with synchronous=FULL. The floor is what the same rows cost when they are written in
batches of the same size straight into the same kind of database, ready-made: nothing is parsed, checked or answered.
"""

import asyncio
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import httpx
import orjson
import psutil
import pyarrow as pa
from websockets.asyncio.client import ClientConnection, connect

from aimon.access import keys
from aimon.access.rights import Scope
from aimon.intake.parcel import JsonParcel, line_of
from aimon.platform import open_platform
from aimon.service.server import open_door
from aimon.store import inbox
from aimon.store.inbox import digests_of
from aimon.store.store import open_store
from benchmarks.measure import arguments, report

MODEL = """\
model: loans
task: binary
source: {kind: collector}
columns:
  prediction: decision
  score: score
  features: {%s, region: categorical, channel: categorical}
  protected: [sex]
"""
JSON, ARROW = "application/json", "application/vnd.apache.arrow.stream"
NUMBERS = [f"number_{place}" for place in range(9)]
MARK = b"@@@@@@@@@@"
BATCH, COLUMNS = 100, 1_000
CONNECTIONS, SINGLES = 8, 48
TEMPLATES = 20
LIVE_RPS = 5_000
NOTES = (
    "the applicant was called and answered every question; nothing to add",
    "a short note on the case, kept for the file",
    "income was confirmed by the employer in writing",
    "asked for a second look, because the score was near the limit",
    "moved recently; the former address was not asked for",
    "a branch customer of many years who applied on the web",
    "no remarks",
    "please write to ann@example.org before Friday, or call +49 151 23456789",
)


def rows(seed: int, number: int) -> list[dict[str, object]]:
    """Rows as a model server reports them; the ids hold a mark that each request replaces."""
    drawn = random.Random(seed)  # noqa: S311
    now = datetime.now(UTC).isoformat().replace("+00:00", "Z")
    return [
        {
            "model": "loans",
            "id": f"{MARK.decode()}-{place:05}",
            "timestamp": now,
            "version": "2.3",
            "prediction": int(drawn.random() > 0.4),
            "score": round(drawn.random(), 6),
            "latency": round(drawn.expovariate(5), 4),
            "user": f"user-{drawn.randrange(10_000)}",
            "text": drawn.choice(NOTES),
            "features": {
                **{name: round(drawn.gauss(0, 1), 6) for name in NUMBERS},
                "region": drawn.choice(["north", "south", "west"]),
                "channel": drawn.choice(["web", "branch"]),
                "sex": drawn.choice(["f", "m"]),
            },
        }
        for place in range(number)
    ]


def arrow(made: list[dict[str, object]]) -> bytes:
    flat = [{**{key: value for key, value in row.items() if key != "features"}, **row["features"]} for row in made]  # type: ignore[dict-item]
    table = pa.Table.from_pylist(flat)
    moments = pa.array([datetime.fromisoformat(str(row["timestamp"])) for row in made], pa.timestamp("us", "UTC"))
    table = table.set_column(table.column_names.index("timestamp"), "timestamp", moments)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue().to_pybytes())


def request(body: bytes, kind: str, key: str) -> bytes:
    about = {"Host": "x", "Authorization": f"Bearer {key}", "Content-Type": kind, "Content-Length": len(body)}
    lines = ["POST /api/v1/predictions HTTP/1.1", *(f"{name}: {value}" for name, value in about.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def admitted(folder: Path) -> str:
    """The key that the load shows."""
    with open_platform(folder) as platform:
        accounts = open_door(platform).accounts
        with accounts.trail.change("benchmark") as change:
            return keys.create(change, accounts.keyring, "benchmark", [Scope.INGEST, Scope.READ])[1]


@dataclass
class Load:
    """What came back: seconds of each answer, rows that were accepted."""

    latencies: list[float] = field(default_factory=list)
    accepted: int = 0
    seconds: float = 0.0
    cpu_s: float = 0.0
    """Of the server."""

    @property
    def cpu_us(self) -> float:
        """Microseconds of the server's processor a row."""
        return 1e6 * self.cpu_s / self.accepted

    @property
    def rps(self) -> float:
        return self.accepted / self.seconds

    @property
    def p99_ms(self) -> float:
        return 1e3 * sorted(self.latencies)[int(0.99 * len(self.latencies))]


async def pour(port: int, templates: list[bytes], connections: int, seconds: float, start: int) -> Load:
    """Send requests over some connections, each as soon as the one before was answered."""
    load, numbers = Load(), count(start)
    began = time.perf_counter()

    async def one(offset: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for place in count(offset):
            sent = time.perf_counter()
            if sent - began > seconds:
                break
            writer.write(templates[place % len(templates)].replace(MARK, b"%010d" % next(numbers)))
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            told = orjson.loads(await reader.readexactly(length))
            if not head.startswith(b"HTTP/1.1 200") or told["rejected"] or told["duplicates"]:
                raise RuntimeError(f"{head!r} {told}")
            load.latencies.append(time.perf_counter() - sent)
            load.accepted += told["accepted"]
        writer.close()

    await asyncio.gather(*(one(offset) for offset in range(connections)))
    load.seconds = time.perf_counter() - began
    return load


async def listen(port: int, key: str, templates: list[bytes], seconds: float, start: int) -> float:
    """The 99th percentile, in ms, of the time from sending a prediction to the message that counts it and all before.

    5,000 predictions a second, in batches of 100.
    """
    waiting: deque[tuple[int, float]] = deque()
    taken: list[float] = []
    sent = before = 0

    async def hear(socket: ClientConnection) -> None:
        async for message in socket:
            total, now = json.loads(message)["total"] - before, time.perf_counter()
            while waiting and waiting[0][0] <= total:
                taken.append(now - waiting.popleft()[1])

    async def post(lane: tuple[asyncio.StreamReader, asyncio.StreamWriter], number: int) -> None:
        reader, writer = lane
        writer.write(templates[number % len(templates)].replace(MARK, b"%010d" % (start + number)))
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0]))

    lanes = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CONNECTIONS)]
    posts: list[asyncio.Task[None]] = []
    address = f"ws://127.0.0.1:{port}/api/v1/live?model=loans"
    async with connect(address, additional_headers={"Authorization": f"Bearer {key}"}) as socket:
        before = json.loads(await socket.recv())["total"]
        hearing = asyncio.create_task(hear(socket))
        began = time.perf_counter()
        for number in range(int(seconds * LIVE_RPS / BATCH)):
            await asyncio.sleep(max(0.0, began + number * BATCH / LIVE_RPS - time.perf_counter()))
            if number >= CONNECTIONS:
                await posts[number - CONNECTIONS]
            sent += BATCH
            waiting.append((sent, time.perf_counter()))
            posts.append(asyncio.create_task(post(lanes[number % CONNECTIONS], number)))
        await asyncio.gather(*posts)
        await asyncio.sleep(1)
        hearing.cancel()
    for _, writer in lanes:
        writer.close()
    if waiting:
        raise RuntimeError(f"{len(waiting)} batches were never told of")
    return 1e3 * sorted(taken)[int(0.99 * len(taken))]


@contextmanager
def serving(folder: Path) -> Iterator[tuple[int, psutil.Process]]:
    """`aimon serve` as anybody would start it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", "from aimon.cli import main; main()", "-C", str(folder), "serve"]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            [*command, "--port", str(port)],
            stdout=log,
            stderr=log,
            env={**os.environ, "AIMON_HASH_KEYS": "b:" + "k" * 32},
        ) as server,
    ):
        try:
            until_it_answers(port)
            yield port, psutil.Process(server.pid)
        finally:
            server.send_signal(signal.SIGINT)


def until_it_answers(port: int) -> None:
    for _ in range(600):
        try:
            httpx.get(f"http://127.0.0.1:{port}/api/v1/monitoring/health")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the server does not start")


def project(folder: Path) -> Path:
    (folder / "models").mkdir()
    (folder / "aimon.yaml").write_text("")
    (folder / "models" / "loans.yaml").write_text(MODEL % ", ".join(f"{name}: numeric" for name in NUMBERS))
    return folder


def floor(folder: Path, seed: int, batch: int, seconds: float) -> float:
    """Rows a second, ready-made, in transactions of `batch` rows."""
    made, day = rows(seed, batch), datetime.now(UTC).date()
    lines = [line_of((str(row["id"]), 0, "2.3", row)) for row in made]
    with open_store(f"sqlite:///{folder}/floor-{batch}.db") as store:
        began, written = time.perf_counter(), 0
        for number in count():
            own = b"%010d" % number
            names = [f"{number:010}-{place:05}" for place in range(batch)]
            parcel = JsonParcel(
                "loans", day, digests_of("loans", day, names), [line.replace(MARK, own) for line in lines]
            )
            with store.transaction() as connection:
                inbox.accept(connection, parcel)
            written += batch
            if time.perf_counter() - began > seconds:
                return written / (time.perf_counter() - began)
    raise AssertionError


def main() -> None:
    asked = arguments(str(__doc__).partition("\n")[0])
    seconds, rounds = (3.0, 1) if asked.quick else (20.0, 3)
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="aimon-bench-") as made:
        folder = project(Path(made))
        key = admitted(folder)
        lots = [rows(asked.seed + place, BATCH) for place in range(TEMPLATES)]
        single = [request(orjson.dumps(row), JSON, key) for row in lots[0]]
        batches = [request(orjson.dumps(lot), JSON, key) for lot in lots]
        columns = [request(arrow(rows(asked.seed + place, COLUMNS)), ARROW, key) for place in range(4)]
        with serving(folder) as (port, server):
            numbers = count(1)

            def poured(templates: list[bytes], connections: int) -> Load:
                before = server.cpu_times()
                load = asyncio.run(pour(port, templates, connections, seconds, next(numbers) * 10**7))
                after = server.cpu_times()
                load.cpu_s = after.user + after.system - before.user - before.system
                return load

            poured(batches[:1], 1)
            memory = server.memory_info().rss
            for number in range(rounds):
                floors = Path(made) / f"floor{number}"
                floors.mkdir()
                batched, arrows, singles = poured(batches, CONNECTIONS), poured(columns, 4), poured(single, SINGLES)
                measured = {
                    "floor_rps": floor(floors, asked.seed, BATCH, seconds),
                    "floor_1000_rps": floor(floors, asked.seed, COLUMNS, seconds),
                    "json_rps": batched.rps,
                    "arrow_rps": arrows.rps,
                    "single_rps": singles.rps,
                    "p99_ms": max(batched.p99_ms, singles.p99_ms),
                    "live_p99_ms": asyncio.run(listen(port, key, batches, seconds, next(numbers) * 10**7)),
                    "json_cpu_us": batched.cpu_us,
                    "arrow_cpu_us": arrows.cpu_us,
                    "single_cpu_us": singles.cpu_us,
                    "json_p99_ms": batched.p99_ms,
                    "arrow_p99_ms": arrows.p99_ms,
                    "single_p99_ms": singles.p99_ms,
                }
                print("  ".join(f"{name} {value:,.0f}" for name, value in measured.items()), flush=True)
                for name, value in measured.items():
                    found.setdefault(name, []).append(value)
            grown = (server.memory_info().rss - memory) / 2**20
    figures = {name: statistics.median(values) for name, values in found.items()} | {"grown_mb": grown}
    print(f"JSON {figures['json_rps'] / figures['floor_rps']:.2f} of the floor, ", end="")
    print(f"Arrow {figures['arrow_rps'] / figures['floor_1000_rps']:.2f}; memory grew by {grown:.0f} MB")
    report("intake", figures)


if __name__ == "__main__":
    main()

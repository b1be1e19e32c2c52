"""How many predictions a second the collector takes, answers after the disk, beside the same rows written without HTTP.

One server process and the load share the machine. Rows have 12 features, an id, a user and a text; ids are hashed and
texts scrubbed; SQLite commits with synchronous=FULL. The floor is what the same rows cost when they are written in
batches of the same size straight into the same kind of database, ready-made: nothing is parsed, checked or answered.
"""

import asyncio
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
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

from aimon.intake.parcel import JsonParcel, line_of
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
NUMBERS = [f"number_{place}" for place in range(9)]
MARK = b"@@@@@@@@@@"
BATCH, COLUMNS = 100, 1_000
CONNECTIONS, SINGLES = 8, 48
TEMPLATES = 20
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


def request(body: bytes, kind: str) -> bytes:
    head = (
        f"POST /api/v1/predictions HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


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
    single = [request(orjson.dumps(row), "application/json") for row in rows(asked.seed, TEMPLATES)]
    batches = [request(orjson.dumps(rows(asked.seed + place, BATCH)), "application/json") for place in range(TEMPLATES)]
    columns = [
        request(arrow(rows(asked.seed + place, COLUMNS)), "application/vnd.apache.arrow.stream") for place in range(4)
    ]
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="aimon-bench-") as made:
        folder = project(Path(made))
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
                json, arrows, singles = poured(batches, CONNECTIONS), poured(columns, 4), poured(single, SINGLES)
                measured = {
                    "floor_rps": floor(floors, asked.seed, BATCH, seconds),
                    "floor_1000_rps": floor(floors, asked.seed, COLUMNS, seconds),
                    "json_rps": json.rps,
                    "arrow_rps": arrows.rps,
                    "single_rps": singles.rps,
                    "p99_ms": max(json.p99_ms, singles.p99_ms),
                    "json_cpu_us": json.cpu_us,
                    "arrow_cpu_us": arrows.cpu_us,
                    "single_cpu_us": singles.cpu_us,
                    "json_p99_ms": json.p99_ms,
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

"""Load for the collector. In: a port and ready-made requests. Out: what came back, and how long it took."""

import asyncio
import json
import random
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

import orjson
import pyarrow as pa
from websockets.asyncio.client import ClientConnection, connect

JSON, ARROW = "application/json", "application/vnd.apache.arrow.stream"
NUMBERS = [f"number_{place}" for place in range(9)]
MARK = b"@@@@@@@@@@"
LIVE_RPS = 5_000
LIVE_BATCH, LIVE_CONNECTIONS = 100, 8
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

    lanes = [await asyncio.open_connection("127.0.0.1", port) for _ in range(LIVE_CONNECTIONS)]
    posts: list[asyncio.Task[None]] = []
    address = f"ws://127.0.0.1:{port}/api/v1/live?model=loans"
    async with connect(address, additional_headers={"Authorization": f"Bearer {key}"}) as socket:
        before = json.loads(await socket.recv())["total"]
        hearing = asyncio.create_task(hear(socket))
        began = time.perf_counter()
        for number in range(int(seconds * LIVE_RPS / LIVE_BATCH)):
            await asyncio.sleep(max(0.0, began + number * LIVE_BATCH / LIVE_RPS - time.perf_counter()))
            if number >= LIVE_CONNECTIONS:
                await posts[number - LIVE_CONNECTIONS]
            sent += LIVE_BATCH
            waiting.append((sent, time.perf_counter()))
            posts.append(asyncio.create_task(post(lanes[number % LIVE_CONNECTIONS], number)))
        await asyncio.gather(*posts)
        await asyncio.sleep(1)
        hearing.cancel()
    for _, writer in lanes:
        writer.close()
    if waiting:
        raise RuntimeError(f"{len(waiting)} batches were never told of")
    return 1e3 * sorted(taken)[int(0.99 * len(taken))]

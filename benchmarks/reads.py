"""How long reads of the API take while 50 clients ask at once, at 100,000 incidents and 10 million records.

Two server processes and the load share the machine. Each client asks its next question as soon as the last one was
answered, so the latencies are those of a server that is never idle. The questions are those of the dashboard's pages:
first everybody looks at other models and incidents, so that hardly an answer is asked for twice within a second; then
all look at the same pages (`same_`), whose answers are remembered until something is committed.
"""

import asyncio
import random
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import httpx

from aimon.access import keys
from aimon.access.rights import Scope
from aimon.platform import open_platform
from aimon.service.server import open_door
from benchmarks.measure import arguments, report
from benchmarks.served import served

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
MODELS, COLUMNS, CLIENTS, WORKERS = 50, 60, 50, 2
METRICS = ("psi", "kl", "js", "wasserstein", "ks", "hellinger", "total_variation", "missing_shift", "unseen_share")
MODEL = "model: {name}\ntask: binary\nsource: {{kind: parquet, path: {name}.parquet}}\ncolumns: {{prediction: y}}\n"
RECORD = (
    'INSERT INTO records (model, day, window, family, position, version, metric, "column", value, low, high, '
    "threshold, verdict, n_reference, n_current, low_power, as_of) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
)
INCIDENT = (
    "INSERT INTO incidents (cause, kind, model, subject, historic, status, severity, title, first_day, last_day, "
    "opened_at, updated_at, resolved_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)"
)


def names() -> list[str]:
    return [f"model-{number:02}" for number in range(MODELS)]


def records(wanted: int, seed: int) -> Iterator[tuple[Any, ...]]:
    """Days of all models, back from today, until there are enough."""
    drawn = random.Random(seed)  # noqa: S311
    moment = NOW.replace(tzinfo=None).isoformat(" ", "microseconds")
    a_day = COLUMNS * len(METRICS) + 1
    days = wanted // (MODELS * a_day) + 1

    def rows() -> Iterator[tuple[Any, ...]]:
        for name in names():
            for back in range(days - 1, -1, -1):
                day = (NOW.date() - timedelta(days=back)).isoformat()
                for place in range(a_day):
                    column = None if place == 0 else f"feature_{place % COLUMNS:02}"
                    metric = "drift_score" if place == 0 else METRICS[place % len(METRICS)]
                    value = drawn.random()
                    told = (value, value - 0.1, value + 0.1, 0.25, "ok" if value < 0.99 else "critical")
                    yield (name, day, "1d", "drift", place, "1", metric, column, *told, 100_000, 5_000, False, moment)

    return islice(rows(), wanted)


def incidents(wanted: int, seed: int) -> Iterator[tuple[Any, ...]]:
    """One of a hundred stands; the others are resolved."""
    drawn, first = random.Random(seed), date(2024, 1, 1)  # noqa: S311
    for number in range(wanted):
        model, stands = drawn.choice(names()), number % 100 == 0
        day = (first + timedelta(days=number * 1000 // wanted)).isoformat()
        moment, severity = f"{day} 06:00:00.000000", drawn.choice(["warning", "critical"])
        cause, title = f"drift|{model}|c{number}", f"{model}: c{number} drifts"
        life = ("open", severity, title, day, day, moment, moment, None if stands else moment)
        yield (cause, "drift", model, f"c{number}", False, *(life if stands else ("resolved", *life[1:])))


def fill(root: Path, number_of_records: int, number_of_incidents: int, seed: int) -> str:
    """Make the project; the key that the clients show."""
    (root / "models").mkdir()
    (root / "aimon.yaml").write_text("")
    for name in names():
        (root / "models" / f"{name}.yaml").write_text(MODEL.format(name=name))
    with open_platform(root) as platform:
        accounts = open_door(platform).accounts
        with accounts.trail.change("benchmark") as change:
            key = keys.create(change, accounts.keyring, "benchmark", [Scope.READ])[1]
    with sqlite3.connect(root / "storage" / "aimon.db") as connection:
        connection.executemany(RECORD, records(number_of_records, seed))
        connection.executemany(INCIDENT, incidents(number_of_incidents, seed))
    return key


def different(number_of_incidents: int, seed: int) -> list[str]:
    """Pages about all models, shuffled."""
    drawn = random.Random(seed)  # noqa: S311
    asked = [
        question
        for number, name in enumerate(names())
        for question in (
            f"monitoring/incidents?model={name}&standing=true&limit=50",
            f"monitoring/incidents?model={name}&status=resolved&limit=50",
            f"monitoring/incidents?severity=critical&limit=50&model={name}",
            *(f"monitoring/incidents/{drawn.randrange(1, number_of_incidents)}" for _ in range(4)),
            *(f"monitoring/records?model={name}&metric=psi&column=feature_{c:02}&range=30d" for c in range(0, 60, 15)),
            f"monitoring/trends/{name}?metric=drift_score",
            f"monitoring/records?model={name}&range=24h&limit=100",
            f"monitoring/records?model={name}&range=7d&verdict=critical&limit=50",
            f"monitoring/overview?search={name}" if number % 5 == 0 else "monitoring/overview?limit=50",
        )
    ]
    drawn.shuffle(asked)
    return asked


def questions(number_of_incidents: int) -> list[str]:
    return [
        "monitoring/incidents?standing=true&limit=50",
        "monitoring/incidents?severity=critical&limit=50",
        "monitoring/incidents?model=model-07&status=resolved&limit=50",
        f"monitoring/incidents/{number_of_incidents // 2}",
        "monitoring/records?model=model-03&metric=psi&column=feature_07&range=30d",
        "monitoring/records?model=model-11&range=24h&limit=100",
        "monitoring/records?model=model-19&range=7d&verdict=critical&limit=50",
        "monitoring/overview",
        "monitoring/status",
    ]


async def ask(port: int, key: str, asked: list[str], seconds: float) -> dict[str, list[float]]:
    """The seconds of every answer, by question, of clients that ask one question after the other."""
    taken: dict[str, list[float]] = {question: [] for question in asked}
    ends = time.perf_counter() + seconds

    async def client(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        turn = number
        while time.perf_counter() < ends:
            question = asked[turn % len(asked)]
            turn += 1
            began = time.perf_counter()
            head = f"GET /api/v1/{question} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n"
            writer.write(head.encode())
            answer = (await reader.readuntil(b"\r\n\r\n")).lower()
            if not answer.startswith(b"http/1.1 200"):
                raise RuntimeError(f"{question}: {answer.splitlines()[0].decode()}")
            await reader.readexactly(int(answer.partition(b"content-length: ")[2].split()[0]))
            taken[question].append(time.perf_counter() - began)
        writer.close()

    await asyncio.gather(*(client(number) for number in range(CLIENTS)))
    return taken


def share(values: list[float], part: float) -> float:
    """The quantile, in milliseconds."""
    return 1e3 * sorted(values)[min(int(part * len(values)), len(values) - 1)]


def main() -> None:
    options = arguments(__doc__ or "")
    stored = (500_000, 10_000) if options.quick else (10_000_000, 100_000)
    seconds = 8.0 if options.quick else 30.0
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        key = fill(root, *stored, options.seed)
        asked = questions(stored[1])
        with served(root, workers=WORKERS, AIMON_NOW=NOW.isoformat()) as (port, _):
            asyncio.run(ask(port, key, asked, 3.0))  # warm
            alone = asyncio.run(ask_alone(port, key, different(stored[1], options.seed)[:200]))
            told = asyncio.run(ask(port, key, different(stored[1], options.seed), seconds))
            same = asyncio.run(ask(port, key, asked, seconds))
    every = [taken for own in told.values() for taken in own]
    together = [taken for own in same.values() for taken in own]
    for question, own in same.items():
        print(f"{share(own, 0.5):7.1f} ms  {share(own, 0.99):7.1f} ms", question)
    figures = {
        "records": stored[0],
        "incidents": stored[1],
        "clients": CLIENTS,
        "answers": len(every),
        "answers_rps": len(every) / seconds,
        "p50_ms": share(every, 0.5),
        "p99_ms": share(every, 0.99),
        "alone_p50_ms": share(alone, 0.5),
        "alone_p99_ms": share(alone, 0.99),
        "same_rps": len(together) / seconds,
        "same_p50_ms": share(together, 0.5),
        "same_p99_ms": share(together, 0.99),
    }
    report("reads", figures)


async def ask_alone(port: int, key: str, asked: list[str]) -> list[float]:
    """The seconds of answers to one client that is alone and asks nothing twice: what a question costs."""
    taken = []
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {key}"}) as client:
        for question in asked:
            began = time.perf_counter()
            (await client.get(f"http://127.0.0.1:{port}/api/v1/{question}")).raise_for_status()
            taken.append(time.perf_counter() - began)
    return taken


if __name__ == "__main__":
    main()

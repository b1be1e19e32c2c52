"""How long reads of the API take while 50 clients ask at once, at 100,000 incidents and 10 million records.

Two server processes and the load share the machine. Each client asks its next question as soon as the last one was
answered, so the latencies are those of a server that is never idle. The questions are those of the dashboard's pages:
first everybody looks at other models and incidents, so that hardly an answer is asked for twice within a second; then
all look at the same pages (`same_`), whose answers are remembered until something is committed.
"""

import asyncio
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx

from aimon.service.answers import cursor
from benchmarks.measure import arguments, report
from benchmarks.reads_data import COLUMNS, fill, names
from benchmarks.served import served

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
CLIENTS, WORKERS = 50, 2


def questions_about(name: str, drawn: random.Random, number_of_incidents: int) -> Iterator[str]:
    """What the pages of a model and of its incidents ask."""
    column = f"feature_{drawn.randrange(COLUMNS):02}"
    deep = cursor(drawn.randrange(1, number_of_incidents))
    for narrowed in ("standing=true", "status=resolved", "severity=critical", f"severity=warning&cursor={deep}"):
        yield f"monitoring/incidents?model={name}&limit=50&{narrowed}"
    yield f"monitoring/incidents?status=resolved&limit=50&cursor={deep}"
    for _ in range(4):
        yield f"monitoring/incidents/{drawn.randrange(1, number_of_incidents)}"
    yield f"monitoring/records?model={name}&metric=psi&column={column}&range=30d"
    yield f"monitoring/records?model={name}&family=fairness&range=30d&limit=100"
    yield f"monitoring/records?model={name}&range=24h&limit=100"
    yield f"monitoring/records?model={name}&range=7d&verdict=critical&limit=50"
    yield f"monitoring/trends/{name}?metric=drift_score"
    yield f"monitoring/trends/{name}?metric=psi&column={column}"
    yield f"monitoring/overview?search={name}"


def different(number_of_incidents: int, seed: int) -> list[str]:
    """Pages about all models, shuffled."""
    drawn = random.Random(seed)  # noqa: S311
    asked = [question for name in names() for question in questions_about(name, drawn, number_of_incidents)]
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
        key = fill(root, *stored, now=NOW, seed=options.seed)
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

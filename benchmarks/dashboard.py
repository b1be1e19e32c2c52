"""How soon the dashboard stands on the screen, what it transfers, how fast it answers, and what a live client costs.

500 models and 100,000 incidents behind two workers without sticky sessions. Debian's Chromium visits with an empty
cache, already logged in; times are since the navigation began. A page is complete when its rows or its chart are
drawn. The processor's shares are of the service, not of the browser, under the same five predictions a second. That
of the first live clients is the difference between a few, so that every worker has one, and none: workers that have a
listener look for news. That of a client is what each further one costs.
"""

import asyncio
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil
from playwright.sync_api import Browser, Page, sync_playwright
from websockets.asyncio.client import connect

from aimon.access import keys, users
from aimon.access.rights import Role, Scope
from aimon.clock import today
from aimon.platform import open_platform
from aimon.service.server import open_door
from benchmarks.measure import arguments, report
from benchmarks.served import cpu_seconds, served

CHROMIUM = "/usr/bin/chromium"
PASSWORD = "correct horse battery"  # noqa: S105
WORKERS, FEW, LISTENERS, HZ, DAYS, COLUMNS = 2, 10, 50, 5, 30, 12
MODEL = """\
model: {name}
task: binary
owner: team-{team}
source: {{kind: collector}}
columns: {{id: id, timestamp: at, prediction: y}}
"""
RECORD = (
    'INSERT INTO records (model, day, window, family, position, version, metric, "column", value, low, high, '
    "threshold, verdict, n_reference, n_current, low_power, as_of) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
)
INCIDENT = (
    "INSERT INTO incidents (cause, kind, model, subject, historic, status, severity, title, first_day, last_day, "
    "opened_at, updated_at, resolved_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)"
)
REVISION = "INSERT INTO revisions (model, number) VALUES (?, 1)"
HEADS = (
    ("drift", "drift_score", 40.0),
    ("performance", "accuracy", 0.9),
    ("operations", "volume", 5e4),
    ("operations", "cost_usd", 9.0),
)


def name(number: int) -> str:
    return f"model-{number:03}"


def records(models: int, seed: int) -> Iterator[tuple[Any, ...]]:
    """A month of what stands for each model, and the columns of the first."""
    drawn = random.Random(seed)  # noqa: S311
    for number in range(models):
        columns = [("drift", "psi", 0.2, f"feature_{each:02}") for each in range(COLUMNS)] if number == 0 else []
        for back in range(DAYS, 0, -1):
            day = today() - timedelta(days=back)
            for place, (family, metric, usual, *column) in enumerate([*HEADS, *columns]):
                value = usual * drawn.uniform(0.8, 1.2)
                told = (value, value * 0.95, value * 1.05, None, "ok", 50_000, 5_000, False, f"{day} 06:00:00.000000")
                yield (name(number), str(day), "1d", family, place, "1", metric, column[0] if column else None, *told)


def incidents(wanted: int, models: int, seed: int) -> Iterator[tuple[Any, ...]]:
    """One of a hundred stands; the others are resolved."""
    drawn, first = random.Random(seed), date(2024, 1, 1)  # noqa: S311
    for number in range(wanted):
        model, stands = name(drawn.randrange(models)), number % 100 == 0
        day = (first + timedelta(days=number * 1000 // wanted)).isoformat()
        moment, severity = f"{day} 06:00:00.000000", drawn.choice(["warning", "critical"])
        life = (severity, f"{model}: c{number} drifts", day, day, moment, moment, None if stands else moment)
        yield (f"drift|{model}|c{number}", "drift", model, f"c{number}", False, "open" if stands else "resolved", *life)


def fill(root: Path, models: int, number_of_incidents: int, seed: int) -> str:
    """Make the project; the key that may report and listen."""
    (root / "models").mkdir()
    (root / "aimon.yaml").write_text("models: models\n")
    for number in range(models):
        (root / "models" / f"{name(number)}.yaml").write_text(MODEL.format(name=name(number), team=number % 12))
    with open_platform(root) as platform:
        accounts = open_door(platform).accounts
        with accounts.trail.change("benchmark") as change:
            users.add(change, "viewer", Role.VIEWER, password=PASSWORD)
            key = keys.create(change, accounts.keyring, "benchmark", [Scope.READ, Scope.INGEST])[1]
    with sqlite3.connect(root / "storage" / "aimon.db") as connection:
        connection.executemany(RECORD, records(models, seed))
        connection.executemany(REVISION, [(name(number),) for number in range(models)])
        connection.executemany(INCIDENT, incidents(number_of_incidents, models, seed))
    return key


def logged_in(browser: Browser, url: str) -> Any:
    """What the browser keeps after logging in."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(url)
    page.get_by_label("Name").fill("viewer")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name="Drift").wait_for()
    state = context.storage_state()
    context.close()
    return state


def visit(browser: Browser, state: Any, address: str, drawn: str) -> tuple[dict[str, float], Page]:
    """First paint, completeness and what was transferred, of a visit with an empty cache."""
    page = browser.new_context(storage_state=state, viewport={"width": 1440, "height": 900}).new_page()
    transferred = 0.0
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")

    def count(finished: dict[str, Any]) -> None:
        nonlocal transferred
        transferred += finished["encodedDataLength"]

    session.on("Network.loadingFinished", count)
    page.goto(address, wait_until="commit")
    page.locator(drawn).first.wait_for()
    complete = page.evaluate(
        """async () => { await new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)));
        return performance.now() }"""
    )
    page.wait_for_timeout(400)
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    return {"fcp_s": paint / 1e3, "complete_s": complete / 1e3, "transferred_kb": transferred / 1024}, page


def interaction(page: Page) -> float:
    """Milliseconds from a click on a table's head until the sorted rows are painted, the median of some."""
    taken = page.evaluate(
        """async () => { const all = []; const head = document.querySelectorAll('thead th button')[3];
        for (let i = 0; i < 7; i++) { const began = performance.now(); head.click();
          await new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)));
          all.push(performance.now() - began); await new Promise(r => setTimeout(r, 60)); } return all }"""
    )
    return float(statistics.median(taken))


def pages(url: str, rounds: int) -> dict[str, float]:
    """The figures of three pages, each the median of some visits."""
    figures: dict[str, float] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        state = logged_in(browser, url)
        for label, path, drawn in (
            ("", "/", "tbody tr svg.spark"),
            ("drift_", f"/drift?model={name(0)}", "canvas"),
            ("incidents_", "/incidents?status=all", "tbody tr td a"),
        ):
            seen = []
            for _ in range(rounds):
                measured, page = visit(browser, state, url + path, drawn)
                seen.append(measured)
                if label != "drift_":
                    measured["interaction_ms"] = interaction(page)
                page.context.close()
            figures |= {f"{label}{key}": statistics.median(each[key] for each in seen) for key in seen[0]}
        browser.close()
    return figures


async def busy(url: str, key: str, process: psutil.Process, listeners: int, seconds: float) -> tuple[float, int]:
    """Seconds of processor that the service used while it took five predictions a second; messages that were heard."""
    bearer = {"Authorization": f"Bearer {key}"}
    heard = 0

    async def listen() -> None:
        nonlocal heard
        async with connect(url.replace("http", "ws") + "/api/v1/live", additional_headers=bearer) as socket_:
            async for _ in socket_:
                heard += 1

    tasks = [asyncio.create_task(listen()) for _ in range(listeners)]
    await asyncio.sleep(2)
    used = cpu_seconds(process)
    async with httpx.AsyncClient(headers=bearer) as client:
        ends, number = time.perf_counter() + seconds, 0
        while time.perf_counter() < ends:
            row = {"model": name(1), "id": f"{listeners}-{number}", "prediction": 1}
            (await client.post(f"{url}/api/v1/predictions", json=row)).raise_for_status()
            number += 1
            await asyncio.sleep(max(0.0, ends - seconds + number / HZ - time.perf_counter()))
    used = cpu_seconds(process) - used
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return used, heard


def main() -> None:
    options = arguments(__doc__ or "")
    models, number_of_incidents, rounds, seconds = (100, 10_000, 3, 6.0) if options.quick else (500, 100_000, 5, 15.0)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        key = fill(root, models, number_of_incidents, options.seed)
        with served(root, workers=WORKERS) as (port, process):
            url = f"http://127.0.0.1:{port}"
            figures: dict[str, float] = pages(url, rounds)
            quiet = asyncio.run(busy(url, key, process, 0, seconds))[0]
            few = asyncio.run(busy(url, key, process, FEW, seconds))[0]
            loud, heard = asyncio.run(busy(url, key, process, LISTENERS, seconds))
    figures |= {
        "cpu_share_per_client": (loud - few) / seconds / (LISTENERS - FEW),
        "cpu_share_first_clients": (few - quiet) / seconds,
        "live_messages_per_client_s": heard / LISTENERS / seconds,
        "models": models,
        "incidents": number_of_incidents,
        "listeners": LISTENERS,
    }
    for label, value in figures.items():
        print(f"{value:10.4g}  {label}")
    report("dashboard", figures)


if __name__ == "__main__":
    main()

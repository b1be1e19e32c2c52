"""Processes that are killed between a failed check and the confirmed delivery, and what must be left in the end.

A worker takes a failed check, routes and delivers its notices over HTTP, and kills itself by SIGKILL before one of its
statements or requests, chosen at random. After ten of these one worker may finish.
"""

import json
import multiprocessing
import os
import random
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from sqlalchemy import event

from aimon import clock
from aimon.incident.channels.webhook import WebhookChannel
from aimon.incident.delivery import deliver_pending
from aimon.incident.evaluation import Evaluation
from aimon.incident.routes import Routing
from aimon.incident.seed import open_from_evaluations
from aimon.spec.settings import Settings
from aimon.store import Store, incidents, notices, open_store, records
from aimon.store.notices import Status
from aimon.verdict.record import Family, Record, Verdict

DAY = date(2026, 11, 19)
NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
KILLS = 10
COLUMNS = ("income", "age")
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.incident.killed", "alembic.script"])
SECRET = "of the test"
SETTINGS = {"channels": {"hook": {"kind": "webhook", "url": "$HOOK_URL", "secret": "$HOOK_SECRET"}}}


class Receiver:
    """Takes webhooks on loopback and counts them by their ids."""

    def __init__(self) -> None:
        taken = self.taken = Counter[str]()
        incidents_told = self.incidents_told = dict[str, int]()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                payload = json.loads(self.rfile.read(int(self.headers["content-length"])))
                taken[self.headers["webhook-id"]] += 1
                incidents_told[payload["id"]] = payload["incident"]
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = Thread(target=receiver.server.serve_forever)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        receiver.server.server_close()
        thread.join()


class Dying:
    """Counts the points that the process passes, and kills it at one of them."""

    def __init__(self, at: int | None) -> None:
        self.at = at
        self.passed = 0

    def point(self, *_: Any) -> None:
        self.passed += 1
        if self.passed == self.at:
            os.kill(os.getpid(), signal.SIGKILL)


class Sends:
    """A channel that passes a point before and after each request."""

    def __init__(self, channel: WebhookChannel, dying: Dying) -> None:
        self.channel = channel
        self.dying = dying

    def send(self, notice: notices.Notice) -> None:
        self.dying.point()
        self.channel.send(notice)
        self.dying.point()


def work(url: str, hook: str, now: datetime, at: int | None) -> int:
    """Take the failed check and deliver what it has to say; gives how many points were passed."""
    dying = Dying(at)
    with open_store(url) as store, clock.stopped_at(now):
        for moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
            event.listen(store.engine, moment, dying.point)
        open_from_evaluations(store, [failed_check()])
        routing = Routing.declared(Settings.model_validate(SETTINGS), {})
        channel = Sends(WebhookChannel(hook, SECRET, allow_private=True), dying)
        deliver_pending(store, {"hook": channel}, routing)
    return dying.passed


def failed_check() -> Evaluation:
    return Evaluation(
        run_id="r", asset="fairness", check="fairness", model="loans", day=DAY, passed=False, timestamp=NOW
    )


def prepare(store: Store) -> None:
    """Two attributes are unfair, which are two causes, and so two incidents."""
    unfair = [
        Record(
            family=Family.FAIRNESS,
            metric="disparate_impact",
            column=column,
            value=0.5,
            threshold=0.8,
            verdict=Verdict.CRITICAL,
        )
        for column in COLUMNS
    ]
    with store.transaction() as connection:
        records.replace(
            connection, model="loans", version="1", day=DAY, window="1d", records=unfair, families=["fairness"],
            baseline_id=None, grid_id=None, run_id="r", as_of=NOW,
        )  # fmt: skip


def one_round(folder: Path, chance: random.Random, points: int) -> int:
    """Workers die, at most ten, until one finishes; says how many died, and holds what is left to what must be.

    The work that is left shrinks with each, so early points are the likelier ones.
    """
    url = f"sqlite:///{folder}/aimon.db"
    died = 0
    with open_store(url) as store, receiving() as receiver:
        prepare(store)
        for number in range(KILLS):
            now = NOW + timedelta(minutes=5 * number)
            at = round(points ** chance.random())
            worker = CONTEXT.Process(target=work, args=(url, receiver.url, now, at))
            worker.start()
            worker.join()
            if worker.exitcode == 0:
                break
            assert worker.exitcode == -signal.SIGKILL
            died += 1
        work(url, receiver.url, NOW + timedelta(minutes=5 * KILLS), None)
        hold(store, receiver)
    return died


def hold(store: Store, receiver: Receiver) -> None:
    """No incident lost or doubled, no notice lost; a notice that came twice came under the same id."""
    with store.session() as connection:
        opened = incidents.query(connection)
        told = [notice for each in opened for notice in notices.of_incident(connection, each.id)]
        history = [event.kind for each in opened for event in incidents.events(connection, each.id)]
    assert sorted(each.cause for each in opened) == ["unfair|loans|age", "unfair|loans|income"]
    assert history == ["opened", "opened"]
    assert [(notice.status, notice.channel) for notice in told] == [(Status.DELIVERED, "hook")] * 2
    assert set(receiver.taken) == {notice.id for notice in told}
    assert sorted(receiver.incidents_told.values()) == sorted(each.id for each in opened)


def points_of_a_clean_run(folder: Path) -> int:
    """How many points a worker passes that nobody disturbs."""
    url = f"sqlite:///{folder}/aimon.db"
    with open_store(url) as store, receiving() as receiver:
        prepare(store)
        passed = work(url, receiver.url, NOW, None)
        hold(store, receiver)
    return passed

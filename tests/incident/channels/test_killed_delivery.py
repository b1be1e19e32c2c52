"""A deliverer killed at random moments: every notice arrives, each under one id for ever, and none is lost."""

import multiprocessing
import os
import random
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

from aimon.incident.channels.configured import configured
from aimon.incident.delivery import deliver_pending
from aimon.incident.evaluation import Evaluation
from aimon.incident.routes import Routing
from aimon.incident.seed import open_from_evaluations
from aimon.spec.settings import Settings
from aimon.store import notices, open_store
from aimon.store.notices import Status
from tests.incident.channels.receivers import http_receiver

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
KILLS = 10
MODELS = 12
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["aimon.incident.seed", "aimon.incident.channels.configured", "httpx"])


def settings(url: str) -> Settings:
    hook = {"kind": "webhook", "url": f"{url}/hook", "secret": "$HOOK", "allow_private": True, "per_minute": 6_000}
    pager = {"kind": "pagerduty", "url": url, "routing_key": "$HOOK", "allow_private": True, "per_minute": 6_000}
    return Settings.model_validate({"channels": {"hook": hook, "pager": pager}})


def work(database: str, url: str, now: datetime) -> None:
    """Take every evaluation and deliver as it goes."""
    os.environ |= {"AIMON_NOW": now.isoformat(), "HOOK": "wordThatNobodyMaySee"}
    declared = settings(url)
    with open_store(database) as store:
        for number in range(MODELS):
            told = Evaluation(
                run_id="r",
                asset="quality",
                check="quality",
                model=f"m{number}",
                day=date(2026, 11, 19),
                passed=False,
                timestamp=NOW,
            )
            open_from_evaluations(store, [told])
            deliver_pending(store, configured(declared), Routing.declared(declared, {}))


def test_no_notice_is_lost_by_killing_the_deliverer(database_url: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("HOOK", "wordThatNobodyMaySee")
    chance = random.Random(7)  # noqa: S311 - the same moments every time
    with http_receiver() as receiver:
        for kill in range(KILLS):
            worker = CONTEXT.Process(target=work, args=(database_url, receiver.url, NOW + timedelta(minutes=5 * kill)))
            worker.start()
            time.sleep(chance.uniform(0.02, 0.5))
            worker.kill()
            worker.join()
        final = CONTEXT.Process(target=work, args=(database_url, receiver.url, NOW + timedelta(hours=5)))
        final.start()
        final.join()
        assert final.exitcode == 0
    with open_store(database_url) as store, store.session() as connection:
        assert notices.count(connection) == {Status.DELIVERED: 2 * MODELS}
    hooks = [request for request in receiver.taken if request.path == "/hook"]
    assert len({request.headers["webhook-id"] for request in hooks}) == MODELS
    assert {request.json["model"] for request in hooks} == {f"m{number}" for number in range(MODELS)}
    pages = {request.json["dedup_key"] for request in receiver.taken if request.path == "/v2/enqueue"}
    assert len(pages) == MODELS

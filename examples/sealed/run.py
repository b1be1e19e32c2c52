"""Ten days of the sealed model: hospitals send over HTTP, Dagster adds, the owner's agent answers, Dagster goes on."""

import asyncio
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta

import dagster as dg
import httpx
import numpy as np
import structlog
import uvicorn

from aimon import clock
from aimon.access import keys
from aimon.access.rights import Scope
from aimon.clock import DAY
from aimon.owner.agent import Outcome, run_once
from aimon.owner.gates import opened
from aimon.owner.server import Server
from aimon.platform import Platform, open_platform
from aimon.sealed.encoder import Encoder
from aimon.sealed.keys import PUBLIC, SECRET, read_public
from aimon.sealed.plan import read_plan
from aimon.sealed.sender import signer_of
from aimon.service.app import create_app
from aimon.service.server import bound, open_door
from aimon_pipelines.execution import missing_days, run_model_days
from examples.planted import Fault
from examples.sealed.projects import OWNER, sender_key
from examples.sealed.triage import DAYS, FAULT, HOSPITALS, NAME, PATIENTS_A_DAY, rows


def planted(last: date) -> Fault:
    """The fault on the demo's calendar."""
    return FAULT.dated(last, DAYS)


def materialise(platform: Platform, instance: dg.DagsterInstance, last: date) -> Iterator[str]:
    """Every day that is missing, from the hospitals' rows to verdicts on the server; a line about it."""
    started, days = time.perf_counter(), missing_days(instance, NAME, last - (DAYS - 1) * DAY, last)
    if not days:
        yield f"{NAME}: all {DAYS} days are there already"
        return
    with serving(platform) as (address, sender, agent):
        sent = send(platform, address, sender, days, planted(last))
        failures = dict(run_model_days(platform, instance, NAME, days[0], days[-1]).failures)
        told = answered(platform, address, agent)
        failures |= run_model_days(platform, instance, NAME, days[0], days[-1]).failures
    for key, reason in failures.items():
        yield f"{key} FAILED: {reason}"
    yield (
        f"{NAME}: {len(days)} days in {time.perf_counter() - started:.1f} s ({sent:,} bytes of encrypted counts from "
        f"{len(HOSPITALS)} hospitals; {len(told)} sums opened by the owner of the key)"
    )


def send(platform: Platform, address: str, key: str, days: Sequence[date], fault: Fault) -> int:
    """What each hospital sends of its own patients; how many bytes that are."""
    owner, sent = platform.root / OWNER, 0
    plan, public = read_plan(owner / "plan.json"), read_public(owner / "keys" / PUBLIC)
    with httpx.Client(base_url=address, headers={"authorization": f"Bearer {key}"}, timeout=60) as client:
        for place, hospital in enumerate(HOSPITALS):
            named = {"model": NAME, "version": plan.version, "sender": hospital, "number": time.time_ns()}
            signer = signer_of(sender_key(owner, hospital), hospital)
            sealing = Encoder(plan.layout, public, signer=signer, **named)
            for day in days:
                rng = np.random.default_rng([71, place, day.toordinal()])
                table = rows(rng, day, PATIENTS_A_DAY, faulty=fault.day_number(day) is not None)
                content = sealing.seal_rows(table, day).to_bytes()
                client.post("/api/v1/sealed/envelopes", content=content).raise_for_status()
                sent += len(content)
    return sent


def answered(platform: Platform, address: str, key: str) -> list[Outcome]:
    """What the owner's agent does, on the owner's machine."""
    owner = platform.root / OWNER
    with (
        open_platform(owner) as own,
        opened(own.root, [owner / "keys" / SECRET]) as gates,
        Server(address, key) as server,
    ):
        return list(run_once(own, server, gates))


@contextmanager
def serving(platform: Platform) -> Iterator[tuple[str, str, str]]:
    """The server's address, a key for hosts and one for the agent, valid for an hour."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    door = open_door(platform)
    ends = clock.now() + timedelta(hours=1)
    with door.accounts.trail.change("demo") as change:
        made = [
            keys.create(change, door.accounts.keyring, f"demo {scope}", {scope}, expires_at=ends)[1]
            for scope in (Scope.INGEST, Scope.AGENT)
        ]
    server = uvicorn.Server(uvicorn.Config(create_app(platform, door), log_config=None, access_log=False))
    with bound("127.0.0.1", 0) as listening:
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}", made[0], made[1]
        finally:
            server.should_exit = True
            thread.join()

"""What incidents promise when processes die or race: every evaluation once, one incident a cause, no notice lost."""

import multiprocessing
import os
import random
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest

from aimon.incident.delivery import deliver_pending
from aimon.incident.evaluation import Evaluation
from aimon.incident.failures import report_failure
from aimon.incident.file_channel import FileChannel
from aimon.incident.seed import open_from_evaluations
from aimon.store import Store, findings, incidents, notices, open_store
from aimon.store.notices import Status
from aimon.verdict.record import Verdict

World = Any
DAY = date(2026, 11, 19)
NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
MODELS = [f"m{number}" for number in range(12)]
DAYS = [DAY - timedelta(days=offset) for offset in (40, 39, 2, 1, 0)]
KILLS = 20
CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["aimon.store", "aimon.incident.seed", "aimon.incident.delivery", "alembic.script"])


def prepare(world: World) -> None:
    """Records of every model's days: drift that worsens, and one calm model."""
    for model in MODELS[1:]:
        for place, day in enumerate(DAYS):
            verdict = Verdict.CRITICAL if place == len(DAYS) - 1 else Verdict.WARNING
            world.drift("income", "age", model=model, day=day, verdict=verdict)


def evaluations() -> list[Evaluation]:
    """What the orchestrator would tell: every day's drift check, judged twice, as by a rerun."""
    return [
        Evaluation(
            run_id=f"run-{rerun}-{day}",
            asset="drift",
            check="drift",
            model=model,
            day=day,
            passed=model == MODELS[0],
            timestamp=NOW + timedelta(seconds=rerun),
        )
        for day in DAYS
        for rerun in range(2)
        for model in MODELS
    ]


def work(url: str, outbox: str, now: datetime, start: Barrier | None = None) -> None:
    """One process: takes everything it is told from the beginning, and delivers as it goes."""
    os.environ["AIMON_NOW"] = now.isoformat()
    channels = {"file": FileChannel(Path(outbox))}
    with open_store(url) as store:
        if start is not None:
            start.wait()
        for told in evaluations():
            open_from_evaluations(store, [told])
            report_failure(store, model=told.model, step="profile", run_id=told.run_id, message="boom", day=DAY)
            deliver_pending(store, channels)


def state(store: Store, outbox: Path) -> dict[str, Any]:
    """Everything that must be equal after any history of crashes: all but numbers, instants and notices' names."""
    seen: dict[str, Any] = {}
    delivered = set()
    with store.session() as connection:
        for incident in incidents.query(connection):
            cause = f"{incident.cause}{' historic' if incident.historic else ''}"
            assert cause not in seen
            history = {event.id: event for event in incidents.events(connection, incident.id)}
            told = notices.of_incident(connection, incident.id)
            delivered |= {notice.id for notice in told if notice.status is Status.DELIVERED}
            seen[cause] = {
                "incident": (incident.status, incident.severity, incident.title, incident.first_day, incident.last_day),
                "events": [(event.kind, event.evaluation_key, event.detail) for event in history.values()],
                "findings": sorted(
                    (finding.key, finding.verdict, finding.value, finding.cleared_at is None, finding.evaluation_key)
                    for finding in findings.of_incident(connection, incident.id)
                ),
                "notices": sorted((history[each.event_id].kind, each.body, each.status) for each in told),
            }
    assert {path.stem for path in outbox.iterdir() if path.suffix == ".json"} == delivered
    assert not list(outbox.glob(".*.part"))
    return seen


@pytest.fixture(scope="module")
def clean(worlds: Callable[[Store], World], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The state after one run that nobody disturbed, in a database of its own."""
    folder = tmp_path_factory.mktemp("clean")
    url = f"sqlite:///{folder}/aimon.db"
    with pytest.MonkeyPatch.context() as patch, open_store(url) as store:
        patch.setenv("AIMON_NOW", NOW.isoformat())
        prepare(worlds(store))
        work(url, str(folder / "outbox"), NOW)
        return state(store, folder / "outbox")


def test_the_clean_run_holds_what_it_should(clean: dict[str, Any]) -> None:
    assert len(clean) == 12 + 2 * 11
    live, historic = clean["drift|m1|age"], clean["drift|m1|age historic"]
    assert [kind for kind, *_ in live["events"]] == [
        "opened",
        "confirmed",
        "continued",
        "confirmed",
        "worsened",
        "confirmed",
    ]
    assert [kind for kind, *_ in live["notices"]] == ["opened", "worsened"]
    assert (len(live["findings"]), len(historic["findings"]), historic["notices"]) == (6, 4, [])


def test_a_process_killed_at_any_moment_leaves_what_a_clean_run_leaves(
    world: World, database_url: str, tmp_path: Path, clean: dict[str, Any]
) -> None:
    prepare(world)
    outbox = tmp_path / "outbox"
    chance = random.Random(7)  # noqa: S311 - moments to kill at are no secret
    killed = 0
    for round_number in range(KILLS):
        start = CONTEXT.Barrier(2, timeout=60)
        now = NOW + timedelta(minutes=10 * round_number)
        worker = CONTEXT.Process(target=work, args=(database_url, str(outbox), now, start))
        worker.start()
        start.wait()
        time.sleep(chance.uniform(0.0, 0.15))
        killed += worker.is_alive()
        worker.kill()
        worker.join()
    work(database_url, str(outbox), NOW + timedelta(minutes=10 * KILLS))
    assert state(world.store, outbox) == clean
    assert killed > KILLS / 2


def test_two_processes_that_are_told_the_same_at_once_leave_what_one_leaves(
    world: World, database_url: str, tmp_path: Path, clean: dict[str, Any]
) -> None:
    prepare(world)
    outbox = tmp_path / "outbox"
    start = CONTEXT.Barrier(2, timeout=60)
    workers = [CONTEXT.Process(target=work, args=(database_url, str(outbox), NOW, start)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]
    deliver_pending(world.store, {"file": FileChannel(outbox)})
    found = state(world.store, outbox)
    assert found.keys() == clean.keys()
    for cause, expected in clean.items():
        assert found[cause]["incident"][:2] == expected["incident"][:2]
        assert [each[0] for each in found[cause]["findings"]] == [each[0] for each in expected["findings"]]
        assert sorted(each[1] for each in found[cause]["events"]) == sorted(each[1] for each in expected["events"])
        openings = [each[0] for each in found[cause]["events"]].count("opened")
        told = [kind for kind, *_ in found[cause]["notices"]]
        assert openings == 1
        assert told.count("opened") == (0 if cause.endswith("historic") else 1)


def take(url: str, told: list[Evaluation], start: Barrier) -> None:
    """One process that takes its own share."""
    os.environ["AIMON_NOW"] = NOW.isoformat()
    with open_store(url) as store:
        start.wait()
        open_from_evaluations(store, told)


def test_two_processes_that_find_one_cause_on_two_days_open_one_incident(world: World, database_url: str) -> None:
    models = [f"m{number}" for number in range(40)]
    days = (DAY, DAY - timedelta(days=1))
    for model in models:
        for day in days:
            world.drift("income", model=model, day=day)
    shares = [[world.evaluation(model=model, day=day) for model in models] for day in days]
    start = CONTEXT.Barrier(2, timeout=60)
    workers = [CONTEXT.Process(target=take, args=(database_url, share, start)) for share in shares]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]
    opened = world.incidents()
    assert sorted(incident.model for incident in opened) == sorted(models)
    for incident in opened:
        assert sorted(event.kind for event in world.events(incident.id)) == ["continued", "opened"]
        assert (incident.first_day, incident.last_day) == (days[1], days[0])
        assert (len(world.findings(incident.id)), len(world.notices(incident.id))) == (2, 1)

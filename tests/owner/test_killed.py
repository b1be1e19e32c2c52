"""The agent killed by SIGKILL at every step of a release: nothing is lost, paid twice or told twice."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from aimon import clock
from aimon.access.rights import Scope
from aimon.daily.sealed_day import SealedDay
from aimon.owner.gates import ledger_path
from aimon.sealed.keys import read_secret
from aimon.sealed.ledger import Ledger
from aimon.store import incidents, records, sealed
from tests.owner.test_agent import Scene, scene
from tests.sealed_project import NAME
from tests.service.people import known_key
from tests.tiny_project import FIRST

TODAY = FIRST + timedelta(10)
ROOT = Path(__file__).parents[2]
POINTS = {
    "fetched, not opened": "after(server.Server, 'envelopes')",
    "opened, not in the ledger": "before(ledger.Ledger, 'add')",
    "half a line in the ledger": "half()",
    "judged, not answered": "before(server.Server, 'answer')",
    "answered, not told": "after(server.Server, 'answer')",
}
PROGRAM = """
import os, signal, sys
from pathlib import Path
from aimon.owner import agent, server
from aimon.owner.gates import opened
from aimon.platform import open_platform
from aimon.sealed import ledger

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def before(kind, name):
    setattr(kind, name, die)

def after(kind, name):
    plain = getattr(kind, name)
    def done(*given, **named):
        plain(*given, **named)
        die()
    setattr(kind, name, done)

def half():
    def cut(number):
        size = os.fstat(number).st_size
        os.ftruncate(number, size - 30)
        die()
    ledger.os.fsync = cut

with open_platform(Path(sys.argv[1])) as own, opened(own.root, [Path(sys.argv[2])]) as gates:
    with server.Server(sys.argv[3], sys.argv[4]) as asked:
        POINT
        list(agent.run_once(own, asked, gates))
"""


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with clock.stopped_at(clock.day_start(TODAY)):
        yield


def kill(stage: Scene, point: str) -> None:
    """An agent of its own process that dies at the point."""
    program = PROGRAM.replace("POINT", POINTS[point])
    arguments = [str(stage.project.owner), str(stage.project.secret), stage.address, known_key(Scope.AGENT)]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "client")]),
        "AIMON_NOW": f"{TODAY}T00:00:00Z",
    }
    made = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert made.returncode == -signal.SIGKILL, f"{point}: {made.stderr}"


def test_an_agent_that_is_killed_anywhere_loses_nothing_and_pays_and_tells_once(tmp_path: Path) -> None:
    budget = f", budget: {{epsilon: 60.0, delta: 0.000001, releases: {len(POINTS)}}}"
    with scene(tmp_path, "verdicts", budget) as stage:
        secret, _ = read_secret(stage.project.secret)
        days = [FIRST + timedelta(place) for place in range(len(POINTS))]
        for place, (day, point) in enumerate(zip(days, POINTS, strict=True), 1):
            stage.send(day, income_shift=1.5 if day == FIRST + timedelta(1) else 0.0)
            spec = stage.platform.model(NAME)
            assert SealedDay(stage.platform, spec, day, as_of=clock.day_start(TODAY)).add() is not None
            kill(stage, point)
            told = stage.agent()
            answered = point == "answered, not told"
            assert [each.said.startswith("verdicts handed back") for each in told] == ([] if answered else [True]), told
            assert stage.agent() == []
            ledger = Ledger(ledger_path(stage.project.owner, NAME), secret.ledger_key)
            assert len(ledger.releases) == place, point
            with stage.platform.store.session() as connection:
                found = sealed.sum_of(connection, NAME, day)
            assert found is not None
            assert found.answer == "verdicts", point
        assert 59.0 < ledger.epsilon(1e-6) <= 60.0 * (1 + 1e-9)

        for _ in range(2):
            assert stage.run(days[0], days[-1]) == {}
        with stage.platform.store.session() as connection:
            kept = records.query(connection, model=NAME, since=days[0], until=days[-1])
            opened = incidents.query(connection, model=NAME)
        named = Counter(
            (each.day, each.window, each.family, each.metric, each.column, each.segment, each.group, each.groups)
            for each in kept
        )
        assert {day for day, *_ in named} == set(days)
        assert max(named.values()) == 1
        assert max(Counter(each.title for each in opened).values(), default=1) == 1

"""From a host's rows to an incident on a server that can read none of them, over real HTTP and real Dagster."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from pathlib import Path

import dagster as dg
import httpx
import pytest

from aimon import clock
from aimon.access.rights import Scope
from aimon.errors import ConflictError
from aimon.owner.agent import Outcome, run_once
from aimon.owner.gates import opened
from aimon.owner.server import Server
from aimon.platform import Platform, open_platform
from aimon.service.app import create_app
from aimon.service.server import open_door
from aimon.store import incidents, records, sealed
from aimon_pipelines.execution import run_model_days
from tests.sealed_project import NAME, SealedProject, sealed_project
from tests.service.conftest import running
from tests.service.people import bearer, invite, known_key
from tests.tiny_project import FIRST

TODAY = FIRST + timedelta(10)
FAULTY = FIRST + timedelta(1)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with clock.stopped_at(clock.day_start(TODAY)):
        yield


class Scene:
    """A running server, its platform, its Dagster, and the owner's project."""

    def __init__(self, project: SealedProject, platform: Platform, address: str, instance: dg.DagsterInstance) -> None:
        self.project = project
        self.platform = platform
        self.address = address
        self.instance = instance

    def send(self, day: date, *, income_shift: float = 0.0, hosts: int = 2, first: int = 0) -> list[httpx.Response]:
        envelopes = self.project.envelopes(day, hosts, income_shift=income_shift, first=first)
        with httpx.Client(base_url=self.address, headers=bearer(known_key(Scope.INGEST)), timeout=60) as host:
            return [host.post("/api/v1/sealed/envelopes", content=each.to_bytes()) for each in envelopes]

    def run(self, first: date, last: date) -> dict[str, str]:
        return dict(run_model_days(self.platform, self.instance, NAME, first, last).failures)

    def agent(self) -> list[Outcome]:
        with (
            open_platform(self.project.owner) as own,
            opened(own.root, self.project.secrets) as gates,
            Server(self.address, known_key(Scope.AGENT)) as server,
        ):
            return list(run_once(own, server, gates))


@contextmanager
def scene(
    folder: Path, release: str, budget: str = "", *, joins: bool = False, segments: str | None = None
) -> Iterator[Scene]:
    with served(sealed_project(folder, release, budget, joins=joins, segments=segments)) as stage:
        yield stage


@contextmanager
def served(project: SealedProject) -> Iterator[Scene]:
    with ExitStack() as held:
        platform = held.enter_context(open_platform(project.server))
        door = open_door(platform)
        invite(door)
        address = held.enter_context(running(create_app(platform, door)))
        instance = held.enter_context(dg.DagsterInstance.ephemeral())
        yield Scene(project, platform, address, instance)


@pytest.mark.parametrize("release", ["counts", "verdicts"])
def test_a_fault_in_sealed_rows_opens_an_incident_like_any_other(tmp_path: Path, release: str) -> None:
    with scene(tmp_path, release) as stage:
        assert [each.status_code for each in stage.send(FIRST)] == [200, 200]
        assert [each.status_code for each in stage.send(FAULTY, income_shift=1.5)] == [200, 200]

        assert stage.run(FIRST, FAULTY) == {}
        with stage.platform.store.session() as connection:
            assert [each.day for each in sealed.pending(connection)] == [FIRST, FAULTY]
            assert records.query(connection, model=NAME, since=FIRST, until=FAULTY) == []

        told = stage.agent()
        assert [each.said.startswith(f"{release} handed back") for each in told] == [True, True]
        assert all(each.page is not None and Path(each.page).stat().st_size > 10_000 for each in told)

        assert stage.run(FIRST, FAULTY) == {}
        with stage.platform.store.session() as connection:
            judged = records.query(connection, model=NAME, since=FIRST, until=FAULTY)
            found = incidents.query(connection, model=NAME)
        assert {record.metric for record in judged} > {"psi", "accuracy", "demographic_parity_difference", "volume"}
        assert [incident.title.startswith("loans: ") for incident in found] == [True, True]
        assert {incident.first_day for incident in found} == {FAULTY}
        assert stage.platform.lake.exists(f"reports/model={NAME}/date={FAULTY}/report.html")
        assert (stage.platform.profiles.day(NAME, FAULTY) is not None) is (release == "counts")
        assert stage.agent() == []


def test_a_budget_is_spent_once_a_sum_and_then_withholds(tmp_path: Path) -> None:
    budget = ", budget: {epsilon: 8.0, delta: 0.000001, releases: 1}"
    with scene(tmp_path, "verdicts", budget) as stage:
        stage.send(FIRST)
        assert stage.run(FIRST, FIRST) == {}
        manifest = sealed_sums(stage)
        with (
            open_platform(stage.project.owner) as own,
            opened(own.root, [stage.project.secret]) as gates,
            Server(stage.address, known_key(Scope.AGENT)) as server,
        ):
            spec, waiting = own.models[NAME], server.waiting()[0]
            aggregate = server.sum(waiting)
            first = gates.of(spec).open(aggregate, server.envelopes(aggregate))  # and then the agent is killed
        told = stage.agent()
        with open_platform(stage.project.owner) as own:
            kept = own.profiles.day(NAME, FIRST)
        assert kept is not None
        assert all((kept.tables[key] == counts).all() for key, counts in first.tables.items())
        assert [each.said.startswith("verdicts handed back") for each in told] == [True]
        assert len((stage.project.owner / "sealed" / f"{NAME}.ledger").read_text().splitlines()) == 1
        assert sealed_sums(stage) == manifest

        stage.send(FAULTY)
        assert stage.run(FAULTY, FAULTY) == {}
        (told_again,) = stage.agent()
        assert told_again.said == "withheld: the privacy budget of epsilon 8 is spent by 1 releases"
        failures = stage.run(FAULTY, FAULTY)
        assert "the owner of the key withholds it: the privacy budget" in failures[f"{FAULTY}|{NAME}"]


def sealed_sums(stage: Scene) -> list[str]:
    with stage.platform.store.session() as connection:
        found = sealed.sum_of(connection, NAME, FIRST)
    return [] if found is None else [found.manifest_id]


def test_a_second_agent_may_not_hold_the_ledgers(tmp_path: Path) -> None:
    project = sealed_project(tmp_path)
    with (
        opened(project.owner, [project.secret]),
        pytest.raises(ConflictError, match="another agent holds the ledgers"),
        opened(project.owner, [project.secret]),
    ):
        pytest.fail("two agents held the ledgers")


def test_a_sum_that_was_tampered_with_is_not_answered(tmp_path: Path) -> None:
    with scene(tmp_path, "verdicts") as stage:
        stage.send(FIRST)
        assert stage.run(FIRST, FIRST) == {}
        path = next((stage.project.server / "storage" / "lake" / "sealed").rglob("envelopes/*.sealed"))
        path.write_bytes(path.read_bytes()[:-1] + b"x")
        (told,) = stage.agent()
        assert told.faulty
        with stage.platform.store.session() as connection:
            assert [each.day for each in sealed.pending(connection)] == [FIRST]

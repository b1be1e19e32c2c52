"""Labels that come days after their rows, from somebody else: joined by a server that reads neither, over real HTTP."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from aimon import clock
from aimon.access.rights import Scope
from aimon.errors import SealedError
from aimon.owner.gates import opened
from aimon.platform import open_platform
from aimon.sealed.encoder import Encoder
from aimon.sealed.envelope import Envelope
from aimon.sealed.join.day import read_joined_day
from aimon.sealed.join.encoder import JoinEncoder, Sealed
from aimon.sealed.join.evaluator import read_joined, verify_join
from aimon.sealed.join.layout import JoinLayout
from aimon.sealed.joins import labelled, seed_of
from aimon.sealed.keys import PUBLIC, read_public
from aimon.sealed.seal.parameters import JOIN
from aimon.sealed.sums import read
from aimon.store import records as stored_records
from aimon.store import sealed as stored
from aimon.store.records import StoredRecord
from tests.owner.test_agent import Scene, scene
from tests.sealed_project import NAME
from tests.service.people import bearer, known_key
from tests.tiny_project import FIRST, rows

TO = "/api/v1/sealed/envelopes"


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with clock.stopped_at(clock.day_start(FIRST + timedelta(10))):
        yield


class Labelling:
    """Hosts that know no label, and a registry that does."""

    def __init__(self, stage: Scene) -> None:
        self.stage = stage
        self.table = rows(FIRST, 400, 1)
        self.flushes = [self.table.slice(0, 200), self.table.slice(200, 150), self.table.slice(350, 50)]
        public = read_public(stage.project.label_keys / PUBLIC)
        layout = JoinLayout(stage.project.plan.grid, ("sex",), JOIN)
        about = {"model": NAME, "version": "1", "number": 0}
        self.host = JoinEncoder(layout, public, sender="host-records", **about)  # type: ignore[arg-type]
        self.registry = JoinEncoder(layout, public, sender="registry", **about)  # type: ignore[arg-type]

    def records(self) -> list[Sealed]:
        return [self.host.records(flush, FIRST) for flush in self.flushes]

    def labels(self, sealed: Sealed, flush: int, known: int | None = None) -> Envelope:
        table = self.flushes[flush].take(sealed.places)
        if known is not None:
            column = table.column("label").to_pylist()
            kept = [*column[:known], *[None] * (len(column) - known)]
            table = table.set_column(table.schema.get_field_index("label"), "label", pa.array(kept, pa.int64()))
        return self.registry.labels(table, sealed.envelope.header, sealed.envelope.id)

    def counts(self) -> Envelope:
        public = read_public(self.stage.project.keys / PUBLIC)
        encoder = Encoder(
            self.stage.project.plan.layout, public, model=NAME, version="1", sender="host-counts", number=0
        )
        return encoder.seal_rows(self.table.drop_columns(["label"]), FIRST)

    def send(self, *envelopes: Envelope) -> list[httpx.Response]:
        with httpx.Client(base_url=self.stage.address, headers=bearer(known_key(Scope.INGEST)), timeout=60) as host:
            return [host.post(TO, content=each.to_bytes()) for each in envelopes]

    def judged(self, metric: str) -> list[StoredRecord]:
        with self.stage.platform.store.session() as connection:
            found = stored_records.query(connection, model=NAME, since=FIRST, until=FIRST)
        return [each for each in found if each.metric == metric and each.window == "1d" and each.value is not None]


@pytest.mark.parametrize("release", ["counts", "verdicts"])
def test_labels_that_come_later_are_joined_judged_and_handed_back(tmp_path: Path, release: str) -> None:
    with scene(tmp_path, release, joins=True) as stage:
        world = Labelling(stage)
        sealed = world.records()
        sent = world.send(world.counts(), *(each.envelope for each in sealed))
        assert [each.status_code for each in sent] == [200] * 4
        assert stage.run(FIRST, FIRST) == {}
        assert [each.said.startswith(release) for each in stage.agent()] == [True]
        assert stage.run(FIRST, FIRST) == {}
        assert world.judged("accuracy") == []
        assert world.judged("psi") != []

        for flushes, n in (([0], 200), ([1, 2], 400)):
            assert [each.status_code for each in world.send(*(world.labels(sealed[at], at) for at in flushes))] == [
                200
            ] * len(flushes)
            assert stage.run(FIRST, FIRST) == {}
            (told,) = stage.agent()
            assert "labels not counted" not in told.said
            assert stage.run(FIRST, FIRST) == {}
            known = world.table.slice(0, n)
            right = np.array(known["decision"]) == np.array(known["label"])
            (accuracy,) = world.judged("accuracy")
            assert accuracy.value == pytest.approx(right.mean(), abs=1e-9)
            assert accuracy.n_current == n
            women = np.array(known["sex"]) == "female"
            positive = np.array(known["label"]) == 1
            (tpr,) = [each for each in world.judged("tpr") if each.group == "female"]
            assert tpr.value == pytest.approx(np.array(known["decision"])[women & positive].mean(), abs=1e-9)
        assert stage.agent() == []
        assert stage.run(FIRST, FIRST) == {}
        assert stage.agent() == []


def test_a_few_more_labels_are_not_opened_and_the_server_is_not_told(tmp_path: Path) -> None:
    with scene(tmp_path, "verdicts", joins=True) as stage:
        world = Labelling(stage)
        sealed = world.records()
        world.send(world.counts(), *(each.envelope for each in sealed), world.labels(sealed[0], 0, known=150))
        assert stage.run(FIRST, FIRST) == {}
        (first,) = stage.agent()
        assert first.said.startswith("verdicts handed back")
        world.send(world.labels(sealed[0], 0, known=170))
        assert stage.run(FIRST, FIRST) == {}
        (second,) = stage.agent()
        assert "labels not counted: some of these records were released already" in second.said
        assert stage.run(FIRST, FIRST) == {}
        (accuracy,) = world.judged("accuracy")
        assert accuracy.n_current == 150
        answer = next((stage.project.server / "storage").rglob("answers/*.json")).read_text()
        assert "released already" not in answer


def test_the_owner_gets_neither_records_nor_seeds_and_an_auditor_can_join_again(tmp_path: Path) -> None:
    with scene(tmp_path, "verdicts", joins=True) as stage:
        world = Labelling(stage)
        sealed = world.records()
        envelope = world.labels(sealed[0], 0)
        world.send(world.counts(), sealed[0].envelope, envelope)
        assert stage.run(FIRST, FIRST) == {}
        agent = bearer(known_key(Scope.AGENT))
        with httpx.Client(base_url=stage.address, headers=agent, timeout=60) as owner:
            for each in (sealed[0].envelope, envelope):
                assert owner.get(f"/api/v1/sealed/envelopes/{each.id}").status_code == 404
            content = owner.get(f"/api/v1/sealed/joins/{NAME}/{FIRST}").content
            host = bearer(known_key(Scope.INGEST))
            assert owner.get(f"/api/v1/sealed/joins/{NAME}/{FIRST}", headers=host).status_code == 403
        platform = stage.platform
        pairs = labelled(platform.store, NAME, FIRST)
        records, labels = ([pair[place] for pair in pairs] for place in (0, 1))
        seed = seed_of(platform.lake, NAME, FIRST, [each.id for each in (*records, *labels)])
        assert seed not in content
        (joined,) = read_joined_day(content, "it").joins
        kept = platform.lake.read_bytes(f"sealed/model={NAME}/date={FIRST}/joins/{joined.manifest.id}.joined")
        assert read_joined(kept, "it") == joined
        verify_join(joined, read(platform.lake, records), read(platform.lake, labels), seed=seed)


def test_labels_are_judged_by_segment_where_hosts_name_it_and_noise_is_paid_from_one_budget(tmp_path: Path) -> None:
    budget = ", budget: {epsilon: 60.0, delta: 0.000001, releases: 2}"
    with scene(tmp_path, "counts", budget, joins=True, segments="region") as stage:
        world = Labelling(stage)
        regions = ("north", "south", "west")
        world.flushes = [world.table.filter(pc.equal(world.table["region"], each)) for each in regions]
        sealed = [
            world.host.records(flush, FIRST, tags={"region": world.host.layout.segment(flush, "region"), "rack": "7"})
            for flush in world.flushes
        ]
        labels = [world.labels(each, place) for place, each in enumerate(sealed)]
        world.send(world.counts(), *(each.envelope for each in sealed), *labels)
        for _ in range(2):  # the second time nothing is asked any more
            assert stage.run(FIRST, FIRST) == {}
            assert [each.said.count("labels not counted") for each in stage.agent()] in ([0], [])
        assert stage.run(FIRST, FIRST) == {}
        right = np.array(world.table["decision"]) == np.array(world.table["label"])
        found = {each.segment: each for each in world.judged("accuracy")}
        assert found.keys() == {None, *(f"region={each}" for each in regions)}
        assert found[None].value == pytest.approx(right.mean(), abs=0.1)
        assert found[None].value != pytest.approx(right.mean(), abs=1e-9)
        assert found[None].low < right.mean() < found[None].high  # type: ignore[operator]
        with open_platform(stage.project.owner) as own, opened(own.root, stage.project.secrets) as gates:
            of_counts, of_labels = gates.of(own.models[NAME]), gates.of_labels(own.models[NAME])
        paid = [each for each in (*of_counts.ledger.releases, *of_labels.ledger.releases) if each.rho is not None]
        assert [each.sigma for each in paid] == [of_counts.sigma] * 2
        assert paid[1].rho < paid[0].rho / 2  # type: ignore[operator]
        assert of_counts.beside[0].releases == of_labels.ledger.releases
        assert len(of_labels.ledger.releases) == 4


@pytest.mark.parametrize(
    ("said", "spoil"),
    [
        ("labels of records that have not come", lambda world, sealed: world.labels(sealed[1], 1)),
        ("labels of records that have not come", lambda world, sealed: world.registry.labels(
            world.flushes[0], sealed[0].envelope.header, "0" * 64)),
        ("labels of 150 records", lambda world, sealed: world.registry.labels(
            world.flushes[1], sealed[0].envelope.header.model_copy(update={"rows": 150}), sealed[0].envelope.id)),
        ("holds mask", lambda world, sealed: world.registry.mask(
            np.ones(200, np.bool_), sealed[0].envelope.header, sealed[0].envelope.id)),
    ],
)  # fmt: skip
def test_labels_that_are_not_of_records_here_are_refused(tmp_path: Path, said: str, spoil) -> None:  # type: ignore[no-untyped-def]
    with scene(tmp_path, "verdicts", joins=True) as stage:
        world = Labelling(stage)
        sealed = world.records()
        world.send(sealed[0].envelope)
        (answer,) = world.send(spoil(world, sealed))
        assert answer.status_code == 422
        assert said in answer.json()["detail"]


def test_a_model_that_joins_nothing_takes_no_records(tmp_path: Path) -> None:
    with scene(tmp_path / "a", "verdicts", joins=True) as joining, scene(tmp_path / "b", "verdicts") as plain:
        (sealed, *_) = Labelling(joining).records()
        with httpx.Client(base_url=plain.address, headers=bearer(known_key(Scope.INGEST)), timeout=60) as host:
            answer = host.post(TO, content=sealed.envelope.to_bytes())
        assert answer.status_code == 422
        assert "loans joins no labels" in answer.json()["detail"]


def test_labels_in_the_rows_and_apart_from_them_are_not_counted_twice(tmp_path: Path) -> None:
    with scene(tmp_path, "verdicts", joins=True) as stage:
        world = Labelling(stage)
        sealed = world.records()
        stage.send(FIRST)
        world.send(sealed[0].envelope, world.labels(sealed[0], 0))
        assert stage.run(FIRST, FIRST) == {}
        (told,) = stage.agent()
        assert "labels not counted: labels came with the rows and apart from them" in told.said


def test_too_few_labels_leave_the_day_as_it_is(tmp_path: Path) -> None:
    with scene(tmp_path, "verdicts", joins=True) as stage:
        world = Labelling(stage)
        few = world.host.records(world.table.slice(0, 30), FIRST)
        table = world.table.slice(0, 30).take(few.places)
        world.send(world.counts(), few.envelope, world.registry.labels(table, few.envelope.header, few.envelope.id))
        assert stage.run(FIRST, FIRST) == {}
        with stage.platform.store.session() as connection:
            (waiting,) = stored.pending(connection)
        assert waiting.joined_id is None
        (told,) = stage.agent()
        assert told.said.startswith("verdicts handed back")


def test_without_the_key_of_the_labels_the_agent_says_so_and_judges_the_counts(tmp_path: Path) -> None:
    with (
        scene(tmp_path, "verdicts", joins=True) as stage,
        open_platform(stage.project.owner) as own,
        opened(own.root, [stage.project.secret]) as gates,
        pytest.raises(SealedError, match="which is not here; give it with --key"),
    ):
        gates.of_labels(own.models[NAME])

"""Envelopes and answers over HTTP: what is taken, what is refused, and that again is harmless."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest

from aimon.access.rights import Scope
from aimon.errors import SealedError
from aimon.platform import Platform, open_platform
from aimon.sealed.encoder import Encoder
from aimon.sealed.envelope import Envelope
from aimon.sealed.evaluator import read_aggregate
from aimon.sealed.keys import PUBLIC, generate, read_public
from aimon.sealed.reception import check_signature
from aimon.sealed.seal.parameters import CUBE
from aimon.sealed.sums import make_sum, noted
from aimon.store.sealed import StoredSum
from tests.sealed_project import NAME, SealedProject, sealed_project, spec_of
from tests.service.conftest import problem
from tests.service.people import bearer, known_key
from tests.tiny_project import FIRST, rows

TO = "/api/v1/sealed/envelopes"


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIMON_NOW", f"{FIRST + timedelta(3)}T00:00:00Z")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> SealedProject:
    return sealed_project(tmp_path_factory.mktemp("sealed"))


@pytest.fixture
def platform(project: SealedProject, tmp_path: Path) -> Iterator[Platform]:
    (tmp_path / "server").mkdir()
    for path in project.server.iterdir():
        if path.name != "storage":
            (tmp_path / "server" / path.name).symlink_to(path)
    with open_platform(tmp_path / "server") as opened:
        yield opened


def made(
    project: SealedProject, number: int, *, sender: str = "a", day: date = FIRST, model: str = NAME, version: str = "1"
) -> Envelope:
    key = read_public(project.keys / PUBLIC)
    sealing = Encoder(project.plan.layout, key, model=model, version=version, sender=sender, number=number)
    return sealing.seal_rows(rows(day, 100, number), day)


def added(platform: Platform) -> StoredSum:
    manifest = make_sum(platform.store, platform.lake, NAME, FIRST)
    assert manifest is not None
    with platform.store.transaction() as connection:
        return noted(connection, manifest, NAME, FIRST)[0]


def test_an_envelope_is_taken_once_however_often_it_is_sent(client: httpx.Client, project: SealedProject) -> None:
    envelope = made(project, 1)
    first, second = (client.post(TO, content=envelope.to_bytes()) for _ in range(2))
    assert first.json() == {"id": envelope.id, "rows": 100, "known": False}
    assert second.json() == {"id": envelope.id, "rows": 100, "known": True}


def test_a_number_is_given_once_and_upwards(client: httpx.Client, project: SealedProject) -> None:
    earlier, taken, other = made(project, 3), made(project, 4), made(project, 4)
    assert client.post(TO, content=taken.to_bytes()).is_success
    replayed, reordered = (client.post(TO, content=each.to_bytes()) for each in (other, earlier))
    assert [replayed.status_code, reordered.status_code] == [409, 409]
    assert "envelope 4 of a was taken with another content" in problem(replayed)["detail"]
    assert "envelope 3 of a comes after number 4" in problem(reordered)["detail"]
    assert client.post(TO, content=made(project, 3, sender="b").to_bytes()).is_success


@pytest.mark.parametrize(
    ("said", "more"),
    [
        ("there is no model 'cars' here", {"model": "cars"}),
        ("the envelope is of version 2, and loans is declared with version 1", {"version": "2"}),
        ("is still to come", {"day": FIRST + timedelta(9)}),
        ("longer ago than predictions are kept", {"day": FIRST - timedelta(200)}),
    ],
)
def test_an_envelope_that_does_not_fit_the_model_is_refused(
    client: httpx.Client, project: SealedProject, said: str, more: dict[str, str]
) -> None:
    answer = client.post(TO, content=made(project, 1, **more).to_bytes())  # type: ignore[arg-type]
    assert answer.status_code == 422
    assert said in problem(answer)["detail"]


def test_an_envelope_of_another_key_is_refused(client: httpx.Client, project: SealedProject, tmp_path: Path) -> None:
    key = generate(tmp_path / "keys", CUBE)
    sealing = Encoder(project.plan.layout, key, model=NAME, version="1", sender="a", number=0)
    answer = client.post(TO, content=sealing.seal_rows(rows(FIRST, 100, 1), FIRST).to_bytes())
    assert answer.status_code == 422
    assert f"the envelope is of key {key.id}" in problem(answer)["detail"]


def test_where_the_file_names_senders_nobody_else_s_envelopes_are_taken(tmp_path: Path) -> None:
    project = sealed_project(tmp_path, budget=f", senders: {{host-1: {'0' * 64}}}")
    first, second = project.envelopes(FIRST)
    for envelope, said in ((first, "envelope .* of host-0 is of nobody known"), (second, "of host-1 is not signed")):
        with pytest.raises(SealedError, match=said):
            check_signature(envelope, spec_of(project))


@pytest.mark.parametrize("place", [2, 60, 9_000, -5])
def test_a_flipped_bit_on_the_way_is_found(client: httpx.Client, project: SealedProject, place: int) -> None:
    content = bytearray(made(project, 1).to_bytes())
    content[place] ^= 1
    assert client.post(TO, content=bytes(content)).status_code == 422


def test_a_sum_is_fetched_by_agents_alone_and_answered_once(
    client: httpx.Client, platform: Platform, project: SealedProject
) -> None:
    assert client.post(TO, content=made(project, 1).to_bytes()).is_success
    waiting = added(platform)
    agent, host = bearer(known_key(Scope.AGENT)), bearer(known_key(Scope.INGEST))
    where = f"/api/v1/sealed/sums/{NAME}/{FIRST}"
    assert client.get(where, headers=host).status_code == 403
    (item,) = client.get("/api/v1/sealed/sums", headers=agent).json()["items"]
    assert item == {
        "model": NAME, "day": str(FIRST), "manifest_id": waiting.manifest_id, "envelopes": 1, "rows": 100,
    }  # fmt: skip
    assert read_aggregate(client.get(where, headers=agent).content, "it").manifest.id == waiting.manifest_id

    told = {"manifest_id": waiting.manifest_id, "release": "withheld", "as_of": "2026-11-04T00:00:00Z", "reason": "few"}
    stale = client.post(f"{where}/answer", headers=agent, json=told | {"manifest_id": "0" * 64})
    assert stale.status_code == 409
    wrong = client.post(f"{where}/answer", headers=agent, json=told | {"release": "verdicts"})
    assert "an answer of verdicts holds that and nothing else" in problem(wrong)["detail"]
    answers = [client.post(f"{where}/answer", headers=agent, json=told).json() for _ in range(2)]
    assert answers == [{"known": False}, {"known": True}]
    assert client.get("/api/v1/sealed/sums", headers=agent).json()["items"] == []


def test_other_records_than_the_model_s_file_asks_for_are_not_taken(
    client: httpx.Client, platform: Platform, project: SealedProject
) -> None:
    assert client.post(TO, content=made(project, 1).to_bytes()).is_success
    waiting = added(platform)
    record = {"window": "1d", "family": "drift", "metric": "psi", "verdict": "ok"}
    told = {"manifest_id": waiting.manifest_id, "release": "verdicts", "as_of": "2026-11-04T00:00:00Z"}
    answer = client.post(f"/api/v1/sealed/sums/{NAME}/{FIRST}/answer", json=told | {"records": [record]})
    assert "declared with release: counts, and verdicts were handed back" in problem(answer)["detail"]

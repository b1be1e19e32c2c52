"""Envelopes over HTTP where the model's file names who may send: forged, replayed and relabelled ones are refused."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from aimon.platform import Platform, open_platform
from aimon.sealed.encoder import Encoder
from aimon.sealed.envelope import Envelope
from aimon.sealed.keys import PUBLIC, read_public
from aimon.sealed.signature import Signer
from tests.sealed_project import NAME, SealedProject, sealed_project
from tests.service.conftest import problem
from tests.tiny_project import FIRST, rows

TO = "/api/v1/sealed/envelopes"
NORTH, SOUTH = Signer(bytes(range(32))), Signer(bytes(range(1, 33)))


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIMON_NOW", f"{FIRST + timedelta(3)}T00:00:00Z")


@pytest.fixture
def project(tmp_path: Path) -> SealedProject:
    return sealed_project(tmp_path, budget=f", senders: {{north: {NORTH.public!r}, south: {SOUTH.public!r}}}")


@pytest.fixture
def platform(project: SealedProject) -> Iterator[Platform]:
    with open_platform(project.server) as opened:
        yield opened


def made(project: SealedProject, sender: str, signer: Signer | None, number: int = 1) -> Envelope:
    key = read_public(project.keys / PUBLIC)
    sealing = Encoder(project.plan.layout, key, model=NAME, version="1", sender=sender, number=number, signer=signer)
    return sealing.seal_rows(rows(FIRST, 100, number), FIRST)


def changed(envelope: Envelope, **fields: object) -> Envelope:
    return Envelope(envelope.header.model_copy(update=fields), envelope.ciphertexts)


def test_what_a_named_host_signed_is_taken_and_once(client: httpx.Client, project: SealedProject) -> None:
    content = made(project, "north/7-abc", NORTH).to_bytes()
    assert [client.post(TO, content=content).json()["known"] for _ in range(2)] == [False, True]


def test_forged_and_relabelled_envelopes_are_refused_each_with_its_reason(
    client: httpx.Client, project: SealedProject
) -> None:
    real = made(project, "north", NORTH, 5)
    assert client.post(TO, content=real.to_bytes()).is_success
    for envelope, said in (
        (made(project, "north", None, 6), "is not signed"),
        (made(project, "east", NORTH, 6), "is of nobody known here: north, south"),
        (made(project, "north", SOUTH, 6), "was not signed by north"),
        (changed(real, sender="south"), "was not signed by south"),
        (changed(real, number=6), "was not signed by north"),
        (changed(real, day=FIRST + timedelta(1)), "was not signed by north"),
        (changed(real, rows=real.header.rows + 1), "was not signed by north"),
        (changed(real, signature=None), "is not signed"),
    ):
        answer = client.post(TO, content=envelope.to_bytes())
        assert answer.status_code == 422
        assert said in problem(answer)["detail"]


def test_an_old_envelope_of_a_host_cannot_be_slipped_in_later(client: httpx.Client, project: SealedProject) -> None:
    withheld, sent = made(project, "south", SOUTH, 1), made(project, "south", SOUTH, 2)
    assert client.post(TO, content=sent.to_bytes()).is_success
    answer = client.post(TO, content=withheld.to_bytes())
    assert answer.status_code == 409
    assert "envelope 1 of south comes after number 2" in problem(answer)["detail"]

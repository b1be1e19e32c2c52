"""The sealing client and a real server: what arrives, in which order, and what never touches the disk."""

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aimon.access.rights import Scope
from aimon.errors import SealedError
from aimon.platform import open_platform
from aimon.profile.count import count_all
from aimon.profile.profile import TableKey
from aimon.sealed.envelope import read_envelope
from aimon.sealed.evaluator import add
from aimon.sealed.gate import DecryptGate
from aimon.sealed.host import Sealer, table_of
from aimon.sealed.keys import PUBLIC, read_secret
from aimon.sealed.sender import new_sender
from aimon.sealed.signature import check_senders
from aimon.sealed.sums import read, registered
from aimon.service.app import create_app
from aimon.service.server import open_door
from aimon_client import SealedClient
from tests.sealed_project import NAME, SealedProject, sealed_project
from tests.service.conftest import running
from tests.service.people import invite, known_key
from tests.tiny_project import FIRST, rows

NOWHERE = "http://127.0.0.1:9"
KEY = known_key(Scope.INGEST)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> SealedProject:
    return sealed_project(tmp_path_factory.mktemp("sealed"), release="verdicts")


@pytest.fixture
def sealer(project: SealedProject) -> Sealer:
    return Sealer(project.owner / "plan.json", project.keys / PUBLIC, sender="host")


@pytest.fixture
def logged() -> list[dict[str, Any]]:
    """What a model says of a day, as the client is told."""
    told = rows(FIRST, 120, 1).to_pylist()
    return [
        {
            "prediction": row["decision"],
            "timestamp": row["at"],
            "score": row["score"],
            "label": row["label"],
            "features": {name: row[name] for name in ("income", "region", "sex")},
        }
        for row in told
    ]


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIMON_NOW", f"{FIRST + timedelta(2)}T00:00:00Z")


def test_what_the_client_seals_is_what_the_rows_count(
    project: SealedProject, sealer: Sealer, logged: list[dict[str, Any]], tmp_path: Path
) -> None:
    folder = tmp_path / "waiting"
    away = SealedClient(NOWHERE, sealer, key=KEY, rows=60, folder=folder)
    for record in logged:
        away.log(**record)
    assert not away.close()
    files = sorted(folder.iterdir())
    assert len(files) >= 1
    assert not any(b"north" in file.read_bytes() for file in files)
    assert (away.stats.logged, away.stats.sealed, away.stats.sent, away.stats.dropped) == (120, 120, 0, 0)

    with open_platform(project.server) as platform:
        door = open_door(platform)
        invite(door)
        with running(create_app(platform, door)) as address:
            for file in files:  # as if the process that wrote it were gone
                file.rename(folder / f"999999999.{file.name}")
            with SealedClient(address, sealer, key=KEY, folder=folder) as back:
                assert back.flush()
                assert (back.stats.sent, back.stats.refused) == (len(files), 0)
        envelopes = read(platform.lake, registered(platform.store, NAME, FIRST))
    secret, key_id = read_secret(project.secret)
    opened = DecryptGate(project.plan.layout, secret, key_id).open(add(envelopes), envelopes)
    clear = count_all(project.plan.grid, table_of(project.plan.grid, logged))
    assert opened.rows == 120
    for key in (TableKey("column:income"), TableKey("column:region"), TableKey("outcome:sex")):
        assert (opened.tables[key] == clear.tables[key]).all()


class Broken:
    """Seals nothing."""

    def seal(self, records: Sequence[Mapping[str, Any]], /) -> Sequence[bytes]:
        raise OSError("no entropy left")


def test_rows_that_cannot_be_sealed_are_dropped_and_never_written(tmp_path: Path) -> None:
    with SealedClient(NOWHERE, Broken(), rows=2, seconds=0.1, folder=tmp_path / "waiting") as client:
        for _ in range(3):
            client.log(1, features={"income": 1.0}, timestamp=datetime(2026, 11, 1, tzinfo=UTC))
        deadline = time.monotonic() + 20
        while client.stats.dropped < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
    assert client.stats.dropped == 3
    assert "no entropy left" in (client.stats.last_error or "")
    assert not (tmp_path / "waiting").exists()


def test_a_host_with_a_key_of_its_own_signs_every_envelope(
    project: SealedProject, logged: list[dict[str, Any]], tmp_path: Path
) -> None:
    made = new_sender(tmp_path / "host.key", "host")
    signing = Sealer(project.owner / "plan.json", project.keys / PUBLIC, sender="host", sign=tmp_path / "host.key")
    envelopes = [read_envelope(content, "sealed") for content in signing.seal(logged)]
    check_senders(envelopes, {"host": made.signer.public})
    assert all(each.header.sender.startswith("host/") for each in envelopes)
    with pytest.raises(SealedError, match="was not signed by host"):
        check_senders(envelopes, {"host": "1" * 64})

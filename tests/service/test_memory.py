"""Answers that are given again without asking the database, and when they are not."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import create_engine, event, text

from aimon.access import keys
from aimon.access.rights import Scope
from aimon.incident.alert import raise_alert
from aimon.platform import Platform
from aimon.service.access import Door
from aimon.store import open_store
from aimon.store.version import DataVersion
from tests.service.conftest import KEY, running
from tests.service.people import bearer, known_key

API = "/api/v1"
INCIDENTS = f"{API}/monitoring/incidents"


@pytest.fixture(autouse=True)
def _one_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock stands, and a busy machine has time enough."""
    monkeypatch.setenv("AIMON_NOW", datetime(2026, 11, 20, 6, tzinfo=UTC).isoformat())
    monkeypatch.setattr("aimon.service.memory.SECONDS", 600.0)


@pytest.fixture
def client(app: FastAPI) -> Iterator[httpx.Client]:
    with running(app) as address, httpx.Client(base_url=address, timeout=60) as opened:
        yield opened


@pytest.fixture
def statements(platform: Platform) -> list[str]:
    """Every statement that the database is asked from now on."""
    asked: list[str] = []
    event.listen(
        platform.store.engine, "before_cursor_execute", lambda _c, _k, statement, *_rest: asked.append(statement)
    )
    return asked


def test_what_was_asked_a_moment_ago_is_told_again_without_the_database(
    client: httpx.Client, statements: list[str]
) -> None:
    client.get(INCIDENTS, headers=KEY)  # notes that the key was used
    first = client.get(INCIDENTS, headers=KEY)
    statements.clear()
    second = client.get(INCIDENTS, headers=KEY)
    other = client.get(f"{INCIDENTS}?limit=7", headers=KEY)

    assert second.content == first.content
    assert second.headers["etag"] == first.headers["etag"]
    assert second.headers["x-request-id"] != first.headers["x-request-id"]
    assert [each for each in statements if "LIMIT" in each] != [], "another question is asked"
    assert len([each for each in statements if "FROM incidents" in each]) == 1
    assert other.json() == first.json()


def test_a_commit_of_anybody_ends_the_memory(client: httpx.Client, platform: Platform, root: Path) -> None:
    before = [client.get(INCIDENTS, headers=KEY).json()["items"] for _ in range(2)]
    with open_store(platform.project.settings.database_url, root) as other:
        raise_alert(other, model="alpha", title="new", severity="critical", text="", by="another process")
    after = client.get(INCIDENTS, headers=KEY).json()["items"]

    assert before == [[], []]
    assert [each["title"] for each in after] == ["alpha: new"]


def test_a_key_that_was_revoked_opens_nothing_any_more(client: httpx.Client, door: Door) -> None:
    reader = bearer(known_key(Scope.READ))
    known = [client.get(INCIDENTS, headers=reader).status_code for _ in range(3)]
    with door.accounts.trail.change("tests") as change:
        keys.revoke(change, known_key(Scope.READ).split("_")[1])

    assert known == [200, 200, 200]
    assert client.get(INCIDENTS, headers=reader).status_code == 401
    assert client.get(INCIDENTS).status_code == 401


def test_what_only_admins_may_see_is_not_remembered_for_others(client: httpx.Client) -> None:
    file, reader = f"{API}/models/alpha/file", bearer(known_key(Scope.READ))
    for _ in range(2):
        assert client.get(INCIDENTS, headers=reader).status_code == 200
        assert client.get(file, headers=KEY).status_code == 200
        assert client.get(file, headers=reader).status_code == 403


def test_a_page_of_another_site_is_refused_though_the_answer_is_known(client: httpx.Client, app: FastAPI) -> None:
    assert app is not None
    for _ in range(2):
        assert client.get(INCIDENTS, headers=KEY).status_code == 200
    shown = {"Cookie": "aimon_session=guessed", "Origin": "https://elsewhere.example.org"}
    assert client.get(INCIDENTS, headers=shown).status_code == 401


def test_the_number_of_the_data_changes_with_each_commit_and_with_nothing_else(platform: Platform) -> None:
    version = DataVersion(platform.store.engine)
    first = version()
    with platform.store.session() as connection:
        connection.execute(text("SELECT count(*) FROM incidents"))
    assert version() == first
    raise_alert(platform.store, model="alpha", title="new", severity="warning", text="", by="tests")
    assert version() != first
    version.close()


def test_on_postgresql_nothing_is_remembered() -> None:
    assert DataVersion(create_engine("postgresql+psycopg://nobody@192.0.2.1/none"))() is None

"""A project served by a real server on loopback, in a thread of this process."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from argon2 import PasswordHasher
from fastapi import FastAPI

from aimon.access import passwords
from aimon.access.rights import Scope
from aimon.platform import Platform, open_platform
from aimon.service.access import Door
from aimon.service.app import create_app
from aimon.service.protocol import ImpatientProtocol
from aimon.service.server import bound, open_door
from tests.service.people import bearer, invite, known_key
from tests.tiny_project import tiny_project

SECRET = known_key(Scope.ADMIN)
KEY = bearer(SECRET)

Served = Callable[..., httpx.Client]


@contextmanager
def running(app: FastAPI) -> Iterator[str]:
    """The address at which the application is served until the block ends."""
    config = uvicorn.Config(app, http=ImpatientProtocol, log_config=None, access_log=False, timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    with bound("127.0.0.1", 0) as listening:
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a hash costs is no part of what is tested here."""
    monkeypatch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    passwords._nobodys.cache_clear()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tiny_project(tmp_path / "project", days=1)


@pytest.fixture
def platform(root: Path) -> Iterator[Platform]:
    with open_platform(root) as opened:
        yield opened


@pytest.fixture
def door(platform: Platform) -> Door:
    opened = open_door(platform)
    invite(opened)
    return opened


@pytest.fixture
def app(platform: Platform, door: Door) -> FastAPI:
    return create_app(platform, door)


@pytest.fixture
def client(app: FastAPI) -> Iterator[httpx.Client]:
    """Somebody who has the key, talking to the server."""
    with running(app) as address, httpx.Client(base_url=address, headers=KEY, timeout=60) as opened:
        yield opened


def problem(answer: httpx.Response) -> dict[str, Any]:
    """The problem details of an answer; fails where it is none."""
    assert answer.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = answer.json()
    assert told["status"] == answer.status_code
    assert told["request_id"] == answer.headers["x-request-id"]
    return told

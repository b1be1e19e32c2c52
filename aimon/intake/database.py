"""A connection to somebody's database, to read only. What goes wrong is a SourceError that shows no password."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError

from aimon.errors import SourceError
from aimon.intake.environment import expand_url
from aimon.store.engine import masked

CONNECT_SECONDS = 10
"""A server that does not answer must not hold up a day's run."""


class Database:
    """A database by its URL. Relative SQLite paths start at `root`."""

    def __init__(self, url: str, root: Path) -> None:
        self._url = _prepared(expand_url(url), root)
        self.shown = masked(self._url)

    @contextmanager
    def connected(self, batch_rows: int) -> Iterator[Connection]:
        """A read-only connection whose results come in batches of so many rows from the server."""
        engine = self._engine()
        with self._explained("cannot be reached"):
            connection = engine.connect()
        with connection, self._explained("cannot be read"):
            connection.execution_options(stream_results=True, yield_per=batch_rows)
            if connection.dialect.name == "postgresql":
                connection.execution_options(postgresql_readonly=True)
            yield connection

    def _engine(self) -> Engine:
        backend = self._url.get_backend_name()
        patience = {"connect_timeout": CONNECT_SECONDS}
        arguments = patience if backend == "postgresql" and "connect_timeout" not in self._url.query else {}
        try:
            engine = create_engine(self._url, poolclass=NullPool, connect_args=arguments)
        except (NoSuchModuleError, ImportError) as error:
            raise SourceError(
                f"{self.shown}: the driver of {self._url.drivername}:// is not installed; install its Python package"
            ) from error
        if backend == "sqlite":
            event.listen(engine, "connect", _refuse_writes)
        return engine

    @contextmanager
    def _explained(self, what: str) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            said = self._without_secrets(" ".join(str(cause).split()))
            # The cause is left out: its text may hold the password.
            raise SourceError(f"{self.shown} {what}: {said}; check source.url, the rights and the server") from None

    def _without_secrets(self, said: str) -> str:
        hidden = [self._url.password, *(value for name, value in self._url.query.items() if "password" in name.lower())]
        for secret in hidden:
            if isinstance(secret, str) and secret:
                said = said.replace(secret, "***")
        return said


def _prepared(url: URL, root: Path) -> URL:
    backend = url.drivername.split("+")[0]
    if url.drivername in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        return url
    if not url.database or url.database == ":memory:":
        raise SourceError("source.url names no SQLite file; write sqlite:///data/predictions.db")
    path = root / url.database
    if not path.is_file():  # SQLite would make an empty database of it
        raise SourceError(f"{masked(url)}: there is no file {path}; check source.url")
    return url.set(database=str(path))


def _refuse_writes(connection: Any, _: object) -> None:
    connection.execute("PRAGMA query_only=ON")

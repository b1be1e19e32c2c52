"""The store: one engine, a way to read and a way to write. `open_store` is the only way to get one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from aimon.store.engine import WRITES, is_outage, make_engine, masked, outage, parse_url
from aimon.store.migrate import migrate


class Store:
    """The operations database of one process. Threads share it; a forked process opens its own."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def session(self) -> Iterator[Connection]:
        """A connection to read with, in one read-only transaction; a write through it is refused."""
        with self._explained(), self.engine.connect() as connection:
            if connection.dialect.name != "sqlite":
                connection.execution_options(postgresql_readonly=True)
                yield connection
                return
            connection.exec_driver_sql("PRAGMA query_only=ON")
            try:
                yield connection
            finally:
                if not connection.invalidated:
                    connection.rollback()
                    connection.exec_driver_sql("PRAGMA query_only=OFF")

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A connection to write with: all of it is kept when the block ends, none of it when the block raises."""
        with self._explained(), self.engine.connect() as connection:
            connection.execution_options(**{WRITES: True})
            with connection.begin():
                yield connection

    def dispose(self) -> None:
        """Close every connection. The store may be used again and then connects anew."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.dispose()

    def __repr__(self) -> str:
        return f"Store({masked(self.engine.url)})"

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            if not is_outage(error):
                raise
            raise outage(self.engine.url, error) from error


def open_store(url: str, root: Path = Path()) -> Store:
    """Connect to the operations database and bring its tables up to date; relative paths start at `root`.

    Raises `StoreError` where the database cannot be reached, is none of ours, or is newer than this program.
    """
    store = Store(make_engine(parse_url(url, root)))
    try:
        migrate(store)
    except BaseException:
        store.dispose()
        raise
    return store

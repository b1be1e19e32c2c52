"""From a URL to a SQLAlchemy engine that behaves alike on both databases.

SQLite: WAL, synchronous=FULL, foreign keys, patience when busy, real transactions. PostgreSQL: always psycopg 3.
"""

import os
import time
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from aimon.errors import StoreError
from aimon.store.columns import dump_json

BUSY_SECONDS = 30
CONNECT_SECONDS = 10
KEPT_CONNECTIONS = 20
"""A connection to a file costs little to keep and a millisecond to make; a service has up to 40 threads."""
WRITES = "aimon_writes"
"""Execution option of a connection that is going to write: SQLite then takes the write lock at once."""
FILE = "aimon_file"
"""Which file a connection of SQLite has open."""


def parse_url(url: str, root: Path) -> URL:
    """Read the URL; a relative SQLite path starts at `root`, and every PostgreSQL URL gets the driver psycopg."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:  # ValueError: a port that is no number
        raise StoreError(
            "database_url is not a URL; write sqlite:///storage/aimon.db or postgresql://user@host/database"
        ) from error
    backend = parsed.drivername.split("+")[0]
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise StoreError(f"database_url starts with {backend}://; the operations database is sqlite or postgresql")
    if not parsed.database or parsed.database.startswith((":memory:", "file:")):
        raise StoreError("database_url names no file; write sqlite:///storage/aimon.db")
    return parsed.set(drivername="sqlite", database=str((root / parsed.database).resolve()))


def masked(url: URL) -> str:
    """The URL as it may be shown: no password, neither before the host nor among the parameters.

    >>> masked(make_url("postgresql://ann:secret@db/aimon?sslpassword=secret"))
    'postgresql://ann:***@db/aimon?sslpassword=***'
    """
    hidden = {name: "***" for name in url.query if "password" in name.lower()}
    return url.update_query_dict(hidden).render_as_string(hide_password=True).replace("%2A%2A%2A", "***")


def make_engine(url: URL) -> Engine:
    """The engine of a parsed URL. Nothing is connected yet."""
    engine = _sqlite_engine(url) if url.get_backend_name() == "sqlite" else _postgresql_engine(url)
    event.listen(engine, "begin", _begin)
    return engine


def is_outage(error: DBAPIError) -> bool:
    """Whether somebody outside must act (server gone, disk full, file locked), rather than a programmer."""
    if error.connection_invalidated:
        return True
    name = getattr(error.orig, "sqlite_errorname", None)
    if name is not None:
        return not name.startswith(("SQLITE_ERROR", "SQLITE_CONSTRAINT", "SQLITE_MISMATCH", "SQLITE_RANGE"))
    return isinstance(error, OperationalError)


def outage(url: URL, error: DBAPIError) -> StoreError:
    """The sentence about a database that cannot be used now."""
    said = " ".join(str(error.orig).split())
    secrets = [url.password, *(value for name, value in url.query.items() if "password" in name.lower())]
    for secret in secrets:
        if isinstance(secret, str) and secret:
            said = said.replace(secret, "***")
    return StoreError(
        f"the operations database {masked(url)} cannot be used: {said}; "
        "check database_url and that the database is running and writable"
    )


def _postgresql_engine(url: URL) -> Engine:
    defaults = {"connect_timeout": CONNECT_SECONDS, "application_name": "aimon"}
    arguments = {name: value for name, value in defaults.items() if name not in url.query}
    return create_engine(
        url, pool_pre_ping=True, connect_args=arguments, json_serializer=dump_json, hide_parameters=True
    )


def _sqlite_engine(url: URL) -> Engine:
    if url.database is not None:
        folder = Path(url.database).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"the folder {folder} of the operations database cannot be made: {error.strerror}"
            ) from error
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_SECONDS},
        pool_size=KEPT_CONNECTIONS,
        max_overflow=KEPT_CONNECTIONS,
        json_serializer=dump_json,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, record: Any) -> None:
    record.info[FILE] = _file_at(connection.execute("PRAGMA database_list").fetchone()[2])
    connection.isolation_level = None  # the driver's own idea of transactions breaks savepoints and DDL
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        _switch_to_wal(connection)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA wal_autocheckpoint=10000")
    connection.execute("PRAGMA foreign_keys=ON")


def _switch_to_wal(connection: Any) -> None:
    """Turn the file to WAL, once in its life. SQLite does not wait here for a second process that does the same."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except connection.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _file_at(path: str) -> tuple[int, int] | None:
    """Which file lies there, whatever its name; None where there is none."""
    try:
        found = os.stat(path)  # noqa: PTH116 - before every write
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _refuse_moved_file(connection: Connection) -> None:
    """SQLite would go on writing into a file that was deleted or moved away, where nobody ever reads it."""
    url = connection.engine.url
    found = _file_at(str(url.database))
    if found == connection.info[FILE]:
        return
    if found is not None:  # another file is in its place, as after a backup was restored: the next connection opens it
        connection.invalidate()
    raise StoreError(
        f"the operations database {masked(url)} cannot be used: its file was moved, deleted or replaced while it was "
        "open; put it back, and try again"
    )


def _begin(connection: Connection) -> None:
    """Open the transaction that the driver was told not to open. PostgreSQL's driver opens its own."""
    if connection.dialect.name == "sqlite":
        writes = connection.get_execution_options().get(WRITES, False)
        if writes:
            _refuse_moved_file(connection)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

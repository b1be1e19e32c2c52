"""Whether anything was committed since: a number that SQLite hands to whoever asks, at the cost of a few microseconds.

PostgreSQL has none that is so cheap to ask for, so nothing that rests on it is remembered there.
"""

import sqlite3
import threading

from sqlalchemy import Engine


class DataVersion:
    """The database as of the last commit of any process. It changes with every commit, and with nothing else."""

    def __init__(self, engine: Engine) -> None:
        self._path = engine.url.database if engine.dialect.name == "sqlite" else None
        self._asking = threading.Lock()
        self._connection: sqlite3.Connection | None = None

    def __call__(self) -> int | None:
        """The number; None where there is none, or where the database cannot be asked."""
        if self._path is None:
            return None
        with self._asking:
            try:
                if self._connection is None:
                    self._connection = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None)
                found: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
            except sqlite3.Error:
                return None
        return found

    def close(self) -> None:
        """Let go of the database."""
        with self._asking:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

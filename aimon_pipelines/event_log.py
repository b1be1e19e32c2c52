"""Dagster's event log on SQLite, with what a connection needs kept between events.

The one that Dagster brings makes a new SQLAlchemy engine for every statement, so each is compiled anew, and lets the
disk settle after each: a model day of 13 events costs more than all of its drift. Here the engines of the last few
databases are kept, and WAL is settled at checkpoints. A killed process loses nothing; a machine that loses its power
may lose the last events, never the database.
"""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from sqlalchemy import Connection, Engine, create_engine, event

KEPT = 8
BUSY_SECONDS = 60


class KeptSqliteEventLog(SqliteEventLogStorage):
    """The same files, the same tables, the same answers."""

    def __init__(self, *args: Any, **named: Any) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        super().__init__(*args, **named)

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> "KeptSqliteEventLog":
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection

    def dispose(self) -> None:
        """Let go of every connection."""
        super().dispose()
        while self._engines:
            self._engines.popitem()[1].dispose()

    def _engine(self, shard: str) -> Engine:
        """The shard's engine, made when there is none; only the last few are kept."""
        if shard not in self._engines:
            url, waiting = self.conn_string_for_shard(shard), {"timeout": BUSY_SECONDS}
            made = create_engine(url, pool_size=1, connect_args=waiting)
            event.listen(made, "connect", _settle_at_checkpoints)
            self._engines[shard] = made
        self._engines.move_to_end(shard)
        while len(self._engines) > KEPT:
            self._engines.popitem(last=False)[1].dispose()
        return self._engines[shard]


def _settle_at_checkpoints(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous = NORMAL")

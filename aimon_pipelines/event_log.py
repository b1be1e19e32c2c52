"""Dagster's event log on SQLite, with what a connection needs kept between events, and one transaction for each event.

The one that Dagster brings makes a new SQLAlchemy engine for every statement, asks the database for its own tables
again, and lets the disk settle up to four times an event: a model day of 14 events costs more than all of its drift.
Here the engines of the last few databases are kept, what is stored at once is one transaction, and WAL is settled at
checkpoints. A killed process loses nothing that was stored; a machine that loses its power may lose the last events,
never the database.
"""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from threading import RLock
from typing import Any

import dagster as dg
import sqlalchemy as sql
from dagster._core.events import ASSET_CHECK_EVENTS, ASSET_EVENTS, EVENT_TYPE_TO_PIPELINE_RUN_STATUS
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus as Status
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable as Checks
from dagster._core.storage.event_log.schema import AssetKeyTable as Assets
from dagster._core.storage.event_log.schema import SqlEventLogStorageTable as Events
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from sqlalchemy.dialects.sqlite import Insert, insert

KEPT = 8
BUSY_SECONDS = 60
MIRRORED = {*ASSET_EVENTS, *ASSET_CHECK_EVENTS, *EVENT_TYPE_TO_PIPELINE_RUN_STATUS}
"""What the index knows beside the run's own file."""

ADD_EVENT = Events.insert()
ADD_CHECK = Checks.insert()
CHECK_OF_RUN = ("asset_key", "check_name", "run_id", "partition")
SET_CHECK = Checks.update().where(*(Checks.c[name].is_(sql.bindparam(f"of_{name}")) for name in CHECK_OF_RUN))


class KeptSqliteEventLog(SqliteEventLogStorage):
    """The same files, the same tables, the same answers."""

    def __init__(self, *args: Any, **named: Any) -> None:
        self._engines: OrderedDict[str, sql.Engine] = OrderedDict()
        self._tables: set[str] = set()
        super().__init__(*args, **named)
        self._db_lock = RLock()

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> "KeptSqliteEventLog":
        return cls(inst_data=inst_data, **config_value)

    def store_event(self, event: dg.EventLogEntry) -> None:
        """Store an event."""
        self.store_event_batch([event])

    def store_event_batch(self, events: Sequence[dg.EventLogEntry]) -> None:
        """Store events of one run at once, each in the run's file and, where others ask for it, in the index."""
        with ExitStack() as entered:
            index = entered.enter_context(self._connect(INDEX_SHARD_NAME))
            own = entered.enter_context(self._connect(events[0].run_id))  # committed before the index is
            for event in events:
                row = self._event_to_row(event)
                own.execute(ADD_EVENT, row)
                if event.dagster_event is not None and event.dagster_event_type in MIRRORED:
                    self._mirror(index, event, event.dagster_event, row)

    def has_table(self, table_name: str) -> bool:
        """Whether there is such a table; one that was seen is not looked for again."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    def dispose(self) -> None:
        """Let go of every connection."""
        super().dispose()
        while self._engines:
            self._engines.popitem()[1].dispose()

    @contextmanager
    def _connect(self, shard: str) -> Iterator[sql.Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection

    def _engine(self, shard: str) -> sql.Engine:
        """The shard's engine, made when there is none; only the last few are kept."""
        if shard not in self._engines:
            url, waiting = self.conn_string_for_shard(shard), {"timeout": BUSY_SECONDS}
            made = sql.create_engine(url, pool_size=1, connect_args=waiting)
            sql.event.listen(made, "connect", _settle_at_checkpoints)
            self._engines[shard] = made
        self._engines.move_to_end(shard)
        while len(self._engines) > KEPT:
            self._engines.popitem(last=False)[1].dispose()
        return self._engines[shard]

    def _mirror(
        self, index: sql.Connection, event: dg.EventLogEntry, told: dg.DagsterEvent, row: Mapping[str, Any]
    ) -> None:
        """Tell the index of an event, and of what its asset or its check is by now."""
        (number,) = index.execute(ADD_EVENT, row).inserted_primary_key or (None,)
        if told.event_type in ASSET_EVENTS and told.asset_key is not None:
            self._store_asset_event_tags(index, [event], [number])
            known = self._get_asset_entry_values(event, number, has_asset_key_index_cols=True)
            if known:
                index.execute(_set_asset(frozenset(known)), {"asset_key": row["asset_key"], **known})
        elif told.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED:
            _plan(index, told, row, number)
        elif told.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            _evaluate(index, told, row, number)


def _check_row(check: dg.AssetCheckKey, row: Mapping[str, Any], number: int | None) -> dict[str, Any]:
    return {
        "asset_key": check.asset_key.to_string(),
        "check_name": check.name,
        "run_id": row["run_id"],
        "evaluation_event": row["event"],
        "evaluation_event_timestamp": row["timestamp"],
        "evaluation_event_storage_id": number,
    }


def _plan(index: sql.Connection, told: dg.DagsterEvent, row: Mapping[str, Any], number: int | None) -> None:
    """A row of the check for each partition of the run. The event names them all and is written as text once."""
    planned = told.asset_check_planned_data
    keys = planned.partitions_subset.get_partition_keys() if planned.partitions_subset else [None]
    check = _check_row(planned.asset_check_key, row, number) | {"execution_status": Status.PLANNED.value}
    index.execute(ADD_CHECK, [check | {"partition": key} for key in keys])


def _evaluate(index: sql.Connection, told: dg.DagsterEvent, row: Mapping[str, Any], number: int | None) -> None:
    """What the check found takes the place of what the run had planned; where it had not, it is a row of its own."""
    evaluation = told.asset_check_evaluation_data
    target = evaluation.target_materialization_data
    check = _check_row(evaluation.asset_check_key, row, number) | {
        "partition": evaluation.partition,
        "execution_status": (Status.SUCCEEDED if evaluation.passed else Status.FAILED).value,
        "materialization_event_storage_id": None if target is None else target.storage_id,
    }
    planned = {f"of_{name}": check[name] for name in CHECK_OF_RUN}
    if not (row["run_id"] and index.execute(SET_CHECK, check | planned).rowcount):
        index.execute(ADD_CHECK, check)


@cache
def _set_asset(names: frozenset[str]) -> Insert:
    """The statement that adds an asset, or sets what is known of it, in one."""
    added = insert(Assets).values({name: sql.bindparam(name) for name in ("asset_key", *names)})
    return added.on_conflict_do_update(
        index_elements=["asset_key"], set_={name: added.excluded[name] for name in names}
    )


def _settle_at_checkpoints(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous = NORMAL")

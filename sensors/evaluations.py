"""Reading check evaluations from Dagster's event log, each at least once, in the order they were stored.

The only module that uses a private part of Dagster: on the default SQLite storage, checks are mirrored in an index
that the public call refuses to page through. A cursor moves only past events older than the settling time, because
PostgreSQL can commit a lower id after a higher one; what is read twice, unique keys absorb.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import dagster as dg
from dagster import DagsterEventType, EventLogRecord, EventRecordsFilter
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage

from aimon.incident.evaluation import DATA_VERSION, Evaluation

BATCH = 500
TICK_SECONDS = 20.0
SETTLE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Drained:
    """What one tick read: where the next one starts, and how much there was."""

    cursor: int
    read: int


def read_records(instance: dg.DagsterInstance, after: int, limit: int) -> list[EventLogRecord]:
    """Evaluation events stored after the given id, oldest first."""
    storage = instance.event_log_storage
    query = EventRecordsFilter(DagsterEventType.ASSET_CHECK_EVALUATION, after_cursor=after)
    if storage.is_run_sharded:
        return list(SqlEventLogStorage.get_event_records(storage, query, limit=limit, ascending=True))
    return list(storage.get_event_records(query, limit=limit, ascending=True))


def newest_id(instance: dg.DagsterInstance) -> int:
    """The id of the newest evaluation, 0 when there is none; a cursor beyond it is of a storage that is gone."""
    storage = instance.event_log_storage
    query = EventRecordsFilter(DagsterEventType.ASSET_CHECK_EVALUATION)
    read = SqlEventLogStorage.get_event_records if storage.is_run_sharded else type(storage).get_event_records
    records = list(read(storage, query, limit=1, ascending=False))
    return records[0].storage_id if records else 0


def settled(records: list[EventLogRecord], start: int, now: float) -> tuple[int, bool]:
    """How far the cursor may move over the records, and whether it reached the last one."""
    position = start
    for record in records:
        if record.event_log_entry.timestamp > now - SETTLE_SECONDS:
            return position, False
        position = record.storage_id
    return position, True


def as_evaluation(entry: dg.EventLogEntry) -> Evaluation | None:
    """The event in the engine's words; None where it is no evaluation of a partition."""
    event = entry.dagster_event
    if event is None or event.asset_check_evaluation_data is None:
        return None
    data = event.asset_check_evaluation_data
    if data.partition is None:
        return None
    return Evaluation.of_event(
        run_id=entry.run_id,
        asset=data.asset_key.path[-1],
        check=data.check_name,
        partition=data.partition,
        passed=data.passed,
        severity=data.severity.value,
        description=data.description,
        data_version=data_version(data.metadata),
        timestamp=entry.timestamp,
    )


def data_version(metadata: Mapping[str, dg.MetadataValue[Any]]) -> str | None:
    """Which rows were judged, where the check says so."""
    said = metadata.get(DATA_VERSION)
    return said.text if isinstance(said, dg.TextMetadataValue) else None


def as_evaluations(entries: Iterable[dg.EventLogEntry]) -> list[Evaluation]:
    """The evaluations of partitions among the entries, in their order."""
    return [evaluation for entry in entries if (evaluation := as_evaluation(entry)) is not None]


def evaluations_of_run(instance: dg.DagsterInstance, run_id: str) -> list[Evaluation]:
    """Every evaluation of one run that ended."""
    return as_evaluations(instance.all_logs(run_id, of_type=DagsterEventType.ASSET_CHECK_EVALUATION))


def batches(instance: dg.DagsterInstance, after: int) -> Iterator[list[EventLogRecord]]:
    """Batches of events until there are no more or the tick's time is up."""
    deadline = time.monotonic() + TICK_SECONDS
    while records := read_records(instance, after, BATCH):
        yield records
        after = records[-1].storage_id
        if len(records) < BATCH or time.monotonic() > deadline:
            return


def drain(
    instance: dg.DagsterInstance,
    cursor: int,
    handle: Callable[[list[Evaluation]], object],
    clock: Callable[[], float] = time.time,
) -> Drained:
    """Hand every evaluation after the cursor to `handle` and say where to go on. When it raises, the cursor stays."""
    start = cursor if cursor <= newest_id(instance) else 0
    position, unbroken, read = start, True, 0
    for records in batches(instance, start):
        handle(as_evaluations(record.event_log_entry for record in records))
        read += len(records)
        if unbroken:
            position, unbroken = settled(records, position, clock())
    return Drained(position, read)

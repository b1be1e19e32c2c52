"""The collector's inbox as a source: predictions that were accepted and are not yet in the lake.

The payload's fields are the columns, beside the id, the timestamp and the version that the inbox keeps for each.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime

import pyarrow as pa
from sqlalchemy import Connection, Engine, Row, Select, select
from sqlalchemy.exc import DBAPIError

from aimon.intake.align import UTC_MICROS, fitted, united
from aimon.intake.spool import Spool
from aimon.intake.values import column_of
from aimon.store.engine import outage
from aimon.store.tables.predictions import inbox

BATCH_ROWS = 5_000
VERSION = "version"


class Inbox:
    """One model's accepted predictions, by day and id, under the names that the model gives these columns."""

    def __init__(self, engine: Engine, model: str, *, id_column: str = "id", timestamp: str = "timestamp") -> None:
        self._engine = engine
        self._model = model
        self._id = id_column
        self._timestamp = timestamp

    def schema(self) -> pa.Schema:
        return self.rows().schema

    def columns(self) -> list[str]:
        return list(self.schema().names)

    def batches(self, start: datetime, end: datetime, columns: Sequence[str] | None = None) -> pa.RecordBatchReader:
        days = inbox.c.day.between(start.date(), end.date())
        inside = (inbox.c.timestamp >= start) & (inbox.c.timestamp < end)
        return self._read(self._all().where(days, inside), columns)

    def rows(self, columns: Sequence[str] | None = None) -> pa.RecordBatchReader:
        return self._read(self._all(), columns)

    def days(self) -> list[date]:
        with self._connected() as connection:
            found = connection.execute(select(inbox.c.day).where(inbox.c.model == self._model).distinct())
            return sorted(found.scalars())

    def undated(self) -> int:
        return 0  # the collector refuses a prediction without a time

    def _all(self) -> Select[tuple[object, ...]]:
        chosen = select(inbox.c.id, inbox.c.timestamp, inbox.c.version, inbox.c.payload)
        return chosen.where(inbox.c.model == self._model).order_by(inbox.c.day, inbox.c.id)

    def _read(self, statement: Select[tuple[object, ...]], columns: Sequence[str] | None) -> pa.RecordBatchReader:
        spool = Spool()
        with self._connected() as connection:
            streamed = connection.execution_options(stream_results=True, yield_per=BATCH_ROWS)
            for rows in streamed.execute(statement).partitions():
                spool.append(self._batch(rows))
        own = pa.schema([(self._id, pa.string()), (self._timestamp, UTC_MICROS), (VERSION, pa.string())])
        found = united([own, *spool.schemas])
        # An inbox has only the columns that somebody sent; one that nobody sent is null, not a mistake.
        schema = found if columns is None else pa.schema([_field(found, name) for name in columns])
        return pa.RecordBatchReader.from_batches(schema, (fitted(batch, schema) for batch in spool.batches()))

    def _batch(self, rows: Sequence[Row[tuple[object, ...]]]) -> pa.RecordBatch:
        payloads = [row.payload for row in rows]
        names = dict.fromkeys(name for payload in payloads for name in payload)
        columns = {name: column_of([payload.get(name) for payload in payloads]) for name in names}
        columns[self._id] = pa.array([row.id for row in rows], pa.string())
        columns[self._timestamp] = pa.array([row.timestamp for row in rows], UTC_MICROS)
        columns[VERSION] = pa.array([row.version for row in rows], pa.string())
        return pa.RecordBatch.from_arrays(list(columns.values()), list(columns))

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except DBAPIError as error:
            raise outage(self._engine.url, error) from error


def _field(schema: pa.Schema, name: str) -> pa.Field:
    return schema.field(name) if name in schema.names else pa.field(name, pa.null())

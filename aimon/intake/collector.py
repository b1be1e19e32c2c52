"""The collector's inbox as a source: predictions that were accepted and are not yet in the lake."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime

import pyarrow as pa
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from aimon.clock import day_end, day_start
from aimon.encryption.datakeys import DataKeys, finder
from aimon.intake.align import UTC_MICROS, fitted, united
from aimon.intake.day import within
from aimon.intake.parcel import VERSION, opened, unpacked
from aimon.intake.spool import Spool
from aimon.store import inbox
from aimon.store.engine import outage


class Inbox:
    """One model's accepted predictions, in the order they came, under the names that the model gives the columns."""

    def __init__(
        self,
        engine: Engine,
        model: str,
        *,
        id_column: str = "id",
        timestamp: str = "timestamp",
        keys: DataKeys | None = None,
    ) -> None:
        self._engine = engine
        self._model = model
        self._keys = keys
        self._id = id_column
        self._timestamp = timestamp

    def schema(self) -> pa.Schema:
        return self.rows().schema

    def columns(self) -> list[str]:
        return list(self.schema().names)

    def batches(self, start: datetime, end: datetime, columns: Sequence[str] | None = None) -> pa.RecordBatchReader:
        """The rows inside the range; whole parcels where it is made of whole days."""
        with self._connected() as connection:
            inside = [
                day for day in inbox.days(connection, self._model) if start < day_end(day) and day_start(day) < end
            ]
            sequences = [each for day in inside for each in inbox.waiting(connection, self._model, day)]
        return self._read(sequences, columns, (start, end))

    def rows(self, columns: Sequence[str] | None = None) -> pa.RecordBatchReader:
        with self._connected() as connection:
            return self._read(inbox.waiting(connection, self._model), columns)

    def waiting(self, day: date) -> list[int]:
        """The day's parcels, to be read with `parcels` and purged when the lake holds them."""
        with self._connected() as connection:
            return inbox.waiting(connection, self._model, day)

    def parcels(self, sequences: Sequence[int]) -> pa.RecordBatchReader:
        """The rows of exactly these parcels."""
        return self._read(sequences, None)

    def days(self) -> list[date]:
        with self._connected() as connection:
            return inbox.days(connection, self._model)

    def stamps(self, wanted: Sequence[date]) -> Mapping[date, str]:
        return {day: f"{parcels[-1]}" if (parcels := self.waiting(day)) else "" for day in wanted}

    def undated(self) -> int:
        return 0  # the collector refuses a prediction without a time

    def _read(
        self,
        sequences: Sequence[int],
        columns: Sequence[str] | None,
        span: tuple[datetime, datetime] | None = None,
    ) -> pa.RecordBatchReader:
        spool = Spool()
        find = finder(self._keys)
        with self._connected() as connection:
            for kept in inbox.read(connection, sequences):
                batch = unpacked(opened(find, self._model, kept), id_column=self._id, timestamp=self._timestamp)
                spool.append(batch if span is None else batch.filter(within(batch.column(self._timestamp), *span)))
        own = pa.schema([(self._id, pa.string()), (self._timestamp, UTC_MICROS), (VERSION, pa.string())])
        found = united([own, *spool.schemas])
        # An inbox has only the columns that somebody sent; one that nobody sent is null, not a mistake.
        schema = found if columns is None else pa.schema([_field(found, name) for name in columns])
        return pa.RecordBatchReader.from_batches(schema, (fitted(batch, schema) for batch in spool.batches()))

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except DBAPIError as error:
            raise outage(self._engine.url, error) from error


def _field(schema: pa.Schema, name: str) -> pa.Field:
    return schema.field(name) if name in schema.names else pa.field(name, pa.null())

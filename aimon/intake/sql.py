"""A table or a query of a database as a source. The day's filter runs in the database; rows come in batches.

The driver's values are taken as they are: what a column is, its values say.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlalchemy import (
    Connection,
    FromClause,
    Result,
    Select,
    column,
    func,
    inspect,
    literal_column,
    select,
    table,
    text,
)

from aimon.errors import SourceError
from aimon.intake.align import fitted, united
from aimon.intake.database import Database
from aimon.intake.day import cut, need_columns, need_timestamp, times_of, with_utc
from aimon.intake.moment import check_timezone
from aimon.intake.spool import Spool
from aimon.intake.sql_filter import counts_by_day, inside
from aimon.intake.values import batch_of, type_of
from aimon.spec.model import SqlSource

BATCH_ROWS = 5_000
SAMPLE_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class _Relation:
    """What is read: the table or query, its columns, and the types a table declares."""

    clause: FromClause
    names: tuple[str, ...]
    declared: dict[str, pa.DataType]


class SqlRows:
    """The rows of a table or a query, in the order of their time and then of the column `order`."""

    def __init__(
        self, source: SqlSource, *, root: Path, timestamp: str | None = None, order: str | None = None
    ) -> None:
        self._source = source
        self._database = Database(source.url, root)
        self._timestamp = timestamp
        self._timezone = check_timezone(source.timezone)
        self._order = order
        self._shown = f"{self._database.shown} {source.table or 'query'}"

    def schema(self) -> pa.Schema:
        with self._database.connected(SAMPLE_ROWS) as connection:
            relation = self._relation(connection)
            with _read(connection, self._ordered(relation, relation.names).limit(SAMPLE_ROWS)) as sample:
                schema = united([_empty(relation.names), *(batch.schema for batch in sample)])
        return with_utc(_declared(schema, relation), self._timestamp)

    def columns(self) -> list[str]:
        with self._database.connected(SAMPLE_ROWS) as connection:
            return list(self._relation(connection).names)

    def batches(self, start: datetime, end: datetime, columns: Sequence[str] | None = None) -> pa.RecordBatchReader:
        timestamp = need_timestamp(self._timestamp)
        spool = Spool()
        with self._database.connected(BATCH_ROWS) as connection:
            relation = self._relation(connection)
            need_columns([timestamp, *(columns or ())], relation.names, self._shown)
            names = list(columns or relation.names)
            condition = inside(connection, relation.clause, timestamp, start, end, self._timezone)
            statement = self._ordered(relation, [*names, timestamp]).where(condition)
            before = 0
            with _read(connection, statement) as found:
                for batch in found:
                    column = batch.column(timestamp)
                    times = times_of(column, self._timezone, timestamp=timestamp, shown=self._shown, before=before)
                    before += batch.num_rows
                    spool.append(cut(batch, timestamp, times, start, end))
        return self._reader(spool, relation, names)

    def rows(self, columns: Sequence[str] | None = None) -> pa.RecordBatchReader:
        spool = Spool()
        with self._database.connected(BATCH_ROWS) as connection:
            relation = self._relation(connection)
            need_columns(columns or (), relation.names, self._shown)
            names = list(columns or relation.names)
            with _read(connection, self._ordered(relation, names)) as found:
                for batch in found:
                    spool.append(batch)
        return self._reader(spool, relation, names)

    def days(self) -> None:
        """A database tells its days only by reading everything."""

    def stamps(self, wanted: Sequence[date]) -> Mapping[date, str] | None:
        """How many rows the last of the days hold; of as many days as the model lets be counted again and again."""
        looked_at = list(wanted)[-self._source.late_days :] if self._source.late_days else []
        if not looked_at:
            return None
        timestamp = need_timestamp(self._timestamp)
        with self._database.connected(BATCH_ROWS) as connection:
            relation = self._relation(connection)
            need_columns([timestamp], relation.names, self._shown)
            counts = counts_by_day(connection, relation.clause, timestamp, looked_at, self._timezone)
        return None if counts is None else {day: str(count) if count else "" for day, count in counts.items()}

    def undated(self) -> int:
        timestamp = need_timestamp(self._timestamp)
        with self._database.connected(BATCH_ROWS) as connection:
            relation = self._relation(connection)
            need_columns([timestamp], relation.names, self._shown)
            found = connection.execute(
                select(func.count()).select_from(relation.clause).where(relation.clause.c[timestamp].is_(None))
            )
            return int(found.scalar_one())

    def _relation(self, connection: Connection) -> _Relation:
        clause, declared = self._table(connection) if self._source.table else (self._query([]), {})
        nothing: Result[Any] = connection.execute(select(literal_column("*")).select_from(clause).limit(0))
        names = tuple(nothing.keys())
        nothing.close()
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise SourceError(
                f"{self._shown}: two columns are named {repeated[0]!r}; name one of them otherwise with AS"
            )
        if self._source.table:
            clause = table(clause.name, *map(column, names), schema=clause.schema)  # type: ignore[attr-defined]
        else:
            clause = self._query(names)
        return _Relation(clause, names, declared)

    def _table(self, connection: Connection) -> tuple[FromClause, dict[str, pa.DataType]]:
        wanted = self._source.table or ""
        inspector = inspect(connection)
        schema, _, name = wanted.rpartition(".")
        for place, known in ((None, wanted), (schema or None, name)):
            if inspector.has_table(known, schema=place):
                declared = {one["name"]: type_of(one["type"]) for one in inspector.get_columns(known, schema=place)}
                return table(known, schema=place), declared
        have = sorted([*inspector.get_table_names(), *inspector.get_view_names()])
        listed = f"the tables are {', '.join(have[:12])}" if have else "the database has no tables"
        raise SourceError(f"{self._database.shown}: there is no table {wanted!r}; {listed}")

    def _query(self, names: Sequence[str]) -> FromClause:
        query = (self._source.query or "").strip().rstrip(";").replace(":", "\\:")  # a colon is no parameter
        return text(f"{query}\n").columns(*map(column, names)).subquery("aimon_rows")

    def _ordered(self, relation: _Relation, names: Sequence[str]) -> Select[tuple[object, ...]]:
        keys = [name for name in (self._timestamp, self._order) if name in relation.names]
        chosen = [relation.clause.c[name] for name in dict.fromkeys(names)]
        return select(*chosen).order_by(*(relation.clause.c[name] for name in dict.fromkeys(keys)))

    def _reader(self, spool: Spool, relation: _Relation, names: Sequence[str]) -> pa.RecordBatchReader:
        found = (
            _declared(united([_empty(relation.names), *spool.schemas]), relation) if spool.schemas else self.schema()
        )
        schema = pa.schema([found.field(name) for name in names])
        batches = (fitted(batch, schema, self._timezone) for batch in spool.batches())
        return pa.RecordBatchReader.from_batches(schema, batches)


@contextmanager
def _read(connection: Connection, statement: Select[tuple[object, ...]]) -> Iterator[Iterator[pa.RecordBatch]]:
    """The statement's rows in batches; the server's cursor is closed at the end, whatever happens."""
    result = connection.execute(statement)
    try:
        names = list(result.keys())
        yield (batch_of(names, rows) for rows in result.partitions())
    finally:
        result.close()


def _empty(names: Sequence[str]) -> pa.Schema:
    return pa.schema([(name, pa.null()) for name in names])


def _declared(schema: pa.Schema, relation: _Relation) -> pa.Schema:
    """The schema; a column whose values show no type has the one its table declares."""
    return pa.schema(
        [
            pa.field(field.name, relation.declared.get(field.name, field.type))
            if pa.types.is_null(field.type)
            else field
            for field in schema
        ]
    )

"""Inserting what may be there already: the row that came first stays, and the caller learns whether it was new."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table


def insert_once(connection: Connection, table: Table, rows: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> int:
    """Insert the rows whose keys are not taken yet; says how many were new."""
    connection = connection.execution_options(preserve_rowcount=True)
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - each database loads its own dialect only

        return connection.execute(postgresql.insert(table).on_conflict_do_nothing(), rows).rowcount
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415

    return connection.execute(sqlite.insert(table).on_conflict_do_nothing(), rows).rowcount

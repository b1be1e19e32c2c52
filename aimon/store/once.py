"""Inserting what may be there already: the row that came first stays, and the caller learns whether it was new."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Insert, Table


def insert_once(connection: Connection, table: Table, rows: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> int:
    """Insert the rows whose keys are not taken yet; says how many were new."""
    done = connection.execute(_statement(connection, table), rows, execution_options={"preserve_rowcount": True})
    return done.rowcount


def _statement(connection: Connection, table: Table) -> Insert:
    """The insert in the words of the database; each loads its own dialect only."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table).on_conflict_do_nothing()
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table).on_conflict_do_nothing()

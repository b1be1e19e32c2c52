"""Brings the tables up to date when a process starts: nothing to do in the common case, once under a lock otherwise."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, inspect, text

from aimon.errors import StoreError
from aimon.store.engine import masked
from aimon.store.locks import lock

HEAD = "0017"
"""The newest migration; a test holds it to the files in `migrations/versions`."""

VERSION_TABLE = "aimon_version"
"""Its own, so that Dagster, whose tables are versioned by Alembic too, may live in the same database."""

_FOLDER = Path(__file__).parent / "migrations"


class _Opens(Protocol):
    def session(self) -> AbstractContextManager[Connection]: ...

    def transaction(self) -> AbstractContextManager[Connection]: ...


def migrate(store: _Opens) -> None:
    """Bring the database to HEAD. All missing migrations are one transaction, made by one process at a time."""
    with store.session() as connection:
        if revision(connection) == HEAD:
            return
    with store.transaction() as connection:
        lock(connection, "migrate")
        present = revision(connection)
        if present == HEAD:  # another process was faster
            return
        if present is not None and present not in known_revisions():
            raise StoreError(
                f"the operations database {masked(connection.engine.url)} is at revision {present}, which this program "
                f"does not know (it knows up to {HEAD}); install the newer version of aimon that wrote it"
            )
        _upgrade(connection, present)


def revision(connection: Connection) -> str | None:
    """The migration the database is at; None before the first."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    found: str | None = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608
    return found


def known_revisions() -> set[str]:
    """Every migration of this program, by the names of its files: v0001_models_and_predictions.py is 0001."""
    return {file.name[1:5] for file in (_FOLDER / "versions").glob("v[0-9]*_*.py")}


def _upgrade(connection: Connection, present: str | None) -> None:
    """Run the steps that are missing on this connection, in its transaction."""
    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from alembic.script import ScriptDirectory

    steps = ScriptDirectory(str(_FOLDER))
    context = MigrationContext.configure(connection, opts={"transactional_ddl": True, "version_table": VERSION_TABLE})
    with Operations.context(context):
        for step in reversed(list(steps.iterate_revisions(HEAD, present or "base"))):
            step.module.upgrade()
    context.stamp(steps, HEAD)

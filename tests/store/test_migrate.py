import multiprocessing
import os
import subprocess
import sys
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text

from aimon.errors import StoreError
from aimon.store import Store, migrations, open_store
from aimon.store.engine import make_engine, parse_url
from aimon.store.migrate import HEAD, VERSION_TABLE, known_revisions, revision
from aimon.store.tables import metadata

ROUNDS = 50
OPTIONS = {"version_table": VERSION_TABLE}


def test_head_is_the_newest_migration_file_and_every_file_is_known() -> None:
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    assert scripts.get_heads() == [HEAD]
    assert {script.revision for script in scripts.walk_revisions()} == known_revisions()


def test_the_migrated_tables_are_those_of_the_metadata(store: Store) -> None:
    with store.session() as connection:
        context = MigrationContext.configure(
            connection, opts={**OPTIONS, "compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []


def _definitions(connection: Connection) -> dict[str, str]:
    """Each table and index as the database itself would write it."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
        definitions = {row.name: _sorted_lines(row.sql) for row in rows}
    else:
        rows = connection.execute(
            text(
                "SELECT indexname AS name, indexdef AS sql FROM pg_indexes WHERE schemaname = 'public' UNION ALL "
                "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
                "WHERE connamespace = 'public'::regnamespace AND contype <> 'n' UNION ALL "
                "SELECT table_name || '.' || column_name, data_type || is_nullable || COALESCE(column_default, '') "
                "FROM information_schema.columns WHERE table_schema = 'public'"
            )
        )
        definitions = {row.name: row.sql for row in rows}
    return {name: sql for name, sql in definitions.items() if not name.startswith(("aimon_version", "sqlite"))}


def _sorted_lines(sql: str) -> str:
    """The definition without its layout: SQLite writes an added column behind the others, on their line."""
    sql = sql.replace(", ", ",\n").replace(")", "\n)")
    return "\n".join(sorted(stripped for line in sql.splitlines() if (stripped := line.strip().rstrip(","))))


def test_a_migrated_database_equals_one_made_from_the_metadata(store: Store, empty_database_url: str) -> None:
    made = make_engine(parse_url(empty_database_url.replace("aimon.db", "made.db"), Path()))
    with made.begin() as connection:
        metadata.create_all(connection)
        expected = _definitions(connection)
    made.dispose()
    with store.session() as connection:
        found = _definitions(connection)
    assert found == expected
    assert len(found) > len(metadata.tables)


@pytest.mark.parametrize("earlier", sorted(known_revisions() - {HEAD}))
def test_a_database_of_an_earlier_program_is_brought_up_to_date(empty_database_url: str, earlier: str) -> None:
    engine = make_engine(parse_url(empty_database_url, Path()))
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent))
    with engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={**OPTIONS, "transactional_ddl": True})
        with Operations.context(context):
            for step in reversed(list(scripts.iterate_revisions(earlier, "base"))):
                step.module.upgrade()
        context.stamp(scripts, earlier)
    engine.dispose()
    with open_store(empty_database_url) as store, store.session() as connection:
        assert revision(connection) == HEAD
        assert compare_metadata(MigrationContext.configure(connection, opts=OPTIONS), metadata) == []


def test_a_database_of_a_newer_program_is_refused(database_url: str) -> None:
    with open_store(database_url) as store, store.transaction() as connection:
        connection.execute(text("UPDATE aimon_version SET version_num = '9999'"))
    with pytest.raises(StoreError) as caught:
        open_store(database_url)
    assert "is at revision 9999, which this program does not know" in str(caught.value)
    assert str(caught.value).endswith("install the newer version of aimon that wrote it")


def test_a_migration_that_fails_leaves_nothing_behind(empty_database_url: str) -> None:
    engine = make_engine(parse_url(empty_database_url, Path()))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE privacy_ledger (mine INTEGER)"))  # in the way of the last table
    with pytest.raises(Exception, match="already exists"):
        open_store(empty_database_url)
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["privacy_ledger"]
    engine.dispose()


def _open_at_once(urls: list[str], barrier: Barrier, out: str) -> None:
    with Path(out).open("w") as report:
        for url in urls:
            barrier.wait()
            with open_store(url) as store, store.session() as connection:
                report.write(f"{revision(connection)}\n")


def test_two_processes_that_start_at_once_do_not_collide(
    backend: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if backend == "sqlite":
        urls = [f"sqlite:///{tmp_path}/{number}/aimon.db" for number in range(ROUNDS)]
    else:
        server = request.getfixturevalue("postgresql_server")
        names = [server.create_database() for _ in range(ROUNDS)]
        urls = [server.url(name) for name in names]
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["aimon.store", "alembic.script"])
    barrier = context.Barrier(2, timeout=60)
    outs = [tmp_path / "a.txt", tmp_path / "b.txt"]
    workers = [context.Process(target=_open_at_once, args=(urls, barrier, str(out))) for out in outs]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert [out.read_text().split() for out in outs] == [[HEAD] * ROUNDS] * 2
    if backend == "postgresql":
        for name in names:
            server.drop_database(name)


def test_a_start_with_nothing_to_migrate_does_not_load_alembic(database_url: str) -> None:
    code = (
        "import sys; from aimon.store import open_store; open_store(sys.argv[1]).dispose(); "
        "print([name for name in ('alembic', 'pandas', 'mako') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, database_url], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert done.stdout.strip() == "[]"


def test_a_migrated_database_says_its_revision(store: Store, empty_database_url: str) -> None:
    with store.session() as connection:
        assert revision(connection) == HEAD
    engine = create_engine(parse_url(empty_database_url.replace("aimon.db", "made.db"), Path()))
    with engine.connect() as connection:
        assert revision(connection) is None
    engine.dispose()

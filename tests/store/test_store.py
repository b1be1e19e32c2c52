import multiprocessing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from aimon import clock
from aimon.errors import StoreError
from aimon.store import Store, open_store
from aimon.store.engine import masked, parse_url
from aimon.store.tables import heartbeats

BEAT = {"kind": "model", "subject": "loans", "step": "profile", "beat_at": clock.instant("2026-11-20T06:00:00")}


def test_a_transaction_keeps_all_or_nothing(store: Store) -> None:
    def interrupted() -> None:
        with store.transaction() as connection:
            connection.execute(insert(heartbeats), BEAT)
            raise RuntimeError("interrupted")

    with pytest.raises(RuntimeError):
        interrupted()
    with store.session() as connection:
        assert connection.execute(select(heartbeats)).all() == []
    with store.transaction() as connection:
        connection.execute(insert(heartbeats), BEAT)
    with store.session() as connection:
        assert connection.execute(select(heartbeats.c.subject)).scalars().all() == ["loans"]


def test_a_session_only_reads_and_leaves_the_connection_fit_for_writing(store: Store) -> None:
    def write_in_session() -> None:
        with store.session() as connection:
            connection.execute(insert(heartbeats), BEAT)

    for _ in range(2):
        with pytest.raises((DBAPIError, StoreError), match=r"read.?only"):
            write_in_session()
        with store.transaction() as connection:
            connection.execute(text("DELETE FROM heartbeats"))
            connection.execute(insert(heartbeats), BEAT)


def test_a_savepoint_undoes_only_its_own_writes(store: Store) -> None:
    with store.transaction() as connection:
        connection.execute(insert(heartbeats), BEAT)
        with pytest.raises(IntegrityError), connection.begin_nested():
            connection.execute(insert(heartbeats), [{**BEAT, "step": "drift"}, BEAT])
    with store.session() as connection:
        assert connection.execute(select(heartbeats.c.step)).scalars().all() == ["profile"]


def test_sqlite_writes_ahead_syncs_fully_checks_foreign_keys_and_waits_when_busy(tmp_path: Path) -> None:
    with open_store("sqlite:///a/b/aimon.db", tmp_path) as store, store.session() as connection:
        asked = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        pragmas = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked}
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}
    assert (tmp_path / "a/b/aimon.db").exists()


def _count_up(url: str, times: int) -> None:
    with open_store(url) as store:
        for _ in range(times):
            with store.transaction() as connection:
                connection.execute(text("UPDATE registry SET version = CAST(CAST(version AS INTEGER) + 1 AS TEXT)"))


def test_two_processes_that_write_at_once_wait_for_each_other(store: Store, database_url: str) -> None:
    with store.transaction() as connection:
        connection.execute(
            text(
                "INSERT INTO registry (model, key, version, task, formerly, retired, file, yaml_sha256, first_seen_at,"
                " changed_at) VALUES ('m', 'm', '0', 'binary', '[]', :no, 'f', '', :at, :at)"
            ),
            {"no": False, "at": "2026-11-20 06:00:00"},
        )
    context = multiprocessing.get_context("forkserver")
    workers = [context.Process(target=_count_up, args=(database_url, 50)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with store.session() as connection:
        assert connection.execute(text("SELECT version FROM registry")).scalar() == "100"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("mysql://user@host/db", "database_url starts with mysql://; the operations database is sqlite or postgresql"),
        ("just text", "database_url is not a URL; write sqlite:///storage/aimon.db or postgresql://user@host/database"),
        ("sqlite://", "database_url names no file; write sqlite:///storage/aimon.db"),
    ],
)
def test_a_url_of_no_use_is_refused_in_one_sentence(url: str, sentence: str) -> None:
    with pytest.raises(StoreError) as caught:
        open_store(url)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    "url",
    ["postgresql://ann@db/aimon", "postgres://ann@db/aimon", "postgresql+psycopg2://ann@db/aimon"],
)
def test_every_postgresql_url_gets_the_driver_that_is_installed(url: str) -> None:
    assert parse_url(url, Path()).render_as_string() == "postgresql+psycopg://ann@db/aimon"


def test_a_relative_sqlite_file_lies_under_the_project(tmp_path: Path) -> None:
    assert parse_url("sqlite:///storage/aimon.db", tmp_path).database == str(tmp_path / "storage/aimon.db")
    assert parse_url("sqlite:////var/aimon.db", tmp_path).database == "/var/aimon.db"


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    url = "postgresql://ann:s3cret@127.0.0.1:1/aimon?sslpassword=s3cret2"
    with pytest.raises(StoreError) as caught:
        open_store(url)
    said = str(caught.value)
    assert said.startswith(
        "the operations database postgresql+psycopg://ann:***@127.0.0.1:1/aimon?sslpassword=*** cannot be used: "
    )
    assert said.endswith("; check database_url and that the database is running and writable")
    assert "s3cret" not in said
    assert "s3cret" not in repr(Store)
    assert "\n" not in said


def test_a_store_shows_no_password(tmp_path: Path) -> None:
    assert masked(parse_url("postgresql://ann:s3cret@db/aimon", tmp_path)) == "postgresql+psycopg://ann:***@db/aimon"
    with open_store("sqlite:///aimon.db", tmp_path) as store:
        assert repr(store) == f"Store(sqlite:///{tmp_path}/aimon.db)"


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "aimon.db").write_text("model: loans\n" * 100)
    with pytest.raises(StoreError, match=r"aimon\.db cannot be used: file is not a database; check database_url"):
        open_store("sqlite:///aimon.db", tmp_path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "storage").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match=f"the folder {tmp_path}/storage of the operations database cannot be made"):
        open_store("sqlite:///storage/aimon.db", tmp_path)


def test_a_mistake_in_a_statement_is_not_taken_for_an_outage(store: Store) -> None:
    with pytest.raises(DBAPIError, match="no_such_table"), store.session() as connection:
        connection.execute(text("SELECT * FROM no_such_table"))


def test_a_store_connects_anew_after_it_was_disposed_of(store: Store) -> None:
    store.dispose()
    with store.session() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1


def test_an_error_of_a_statement_does_not_tell_its_values(store: Store) -> None:
    with pytest.raises(IntegrityError) as caught, store.transaction() as connection:
        connection.execute(insert(heartbeats), [{**BEAT, "run_id": "s3cret"}, {**BEAT, "run_id": "s3cret"}])
    assert "s3cret" not in str(caught.value)


def test_a_database_locked_for_too_long_is_said_to_be_locked(tmp_path: Path) -> None:
    with open_store("sqlite:///aimon.db", tmp_path) as busy, open_store("sqlite:///aimon.db", tmp_path) as store:
        with store.session() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout=1")  # the pool hands the same connection out again
        locked = pytest.raises(StoreError, match="cannot be used: database is locked; check")
        with busy.transaction(), locked, store.transaction():
            pass
        with store.transaction() as connection:
            assert connection.execute(text("SELECT 1")).scalar() == 1


def test_a_server_that_goes_away_is_said_to_be_gone_and_used_again_when_it_is_back(
    postgresql_server: Any,
) -> None:
    name = postgresql_server.create_database(postgresql_server.template())
    with open_store(postgresql_server.url(name)) as store, open_store(postgresql_server.url(name)) as other:

        def cut_off() -> None:
            with store.transaction() as connection:
                number = connection.execute(text("SELECT pg_backend_pid()")).scalar()
                with other.transaction() as killer:
                    killer.execute(text("SELECT pg_terminate_backend(:number)"), {"number": number})
                connection.execute(insert(heartbeats), BEAT)

        with pytest.raises(StoreError, match="cannot be used: terminating connection due to administrator command"):
            cut_off()
        with store.transaction() as connection:
            connection.execute(insert(heartbeats), BEAT)
    postgresql_server.drop_database(name)

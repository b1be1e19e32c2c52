import json
import sqlite3
import tempfile
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import update

from aimon.encryption.datakeys import DataKeys
from aimon.errors import EncryptionError, StoreError
from aimon.govern.audit import AuditTrail
from aimon.govern.audit_anchor import Anchor
from aimon.keyring import Key, Keyring
from aimon.store import Store, data_keys
from aimon.store.tables import data_keys as table

SECRET, OTHER = Key.of("s" * 40), Key.of("t" * 40)


def keys_of(
    store: Store, *, current: Key = SECRET, previous: tuple[Key, ...] = (), encrypting: bool = True
) -> DataKeys:
    keyring = Keyring(current, previous)
    trail = AuditTrail(store, keyring, Anchor(Path(tempfile.mkdtemp()) / "anchor"))
    return DataKeys(store, lambda: keyring, lambda: trail.change("system"), encrypting=encrypting)


def test_a_model_gets_one_key_of_its_own_when_it_first_needs_one(store: Store) -> None:
    keys = keys_of(store)
    loans = keys.sealing("loans")
    fraud = keys.sealing("fraud")

    assert loans is not None
    assert fraud is not None
    assert keys.sealing("loans") == loans == keys.opening(loans.id)
    assert len({loans.secret, fraud.secret}) == len({loans.id, fraud.id}) == 2
    assert len(loans.secret) == 32
    assert loans.secret.hex() not in repr(loans)


def test_the_making_of_a_key_is_in_the_audit_log(store: Store, tmp_path: Path) -> None:
    keyring = Keyring(SECRET)
    trail = AuditTrail(store, keyring, Anchor(tmp_path / "anchor"))
    keys = DataKeys(store, lambda: keyring, lambda: trail.change("system"), encrypting=True)
    made = keys.sealing("loans")
    keys.sealing("loans")

    assert made is not None
    told = [(row.actor, row.action, row.subject, json.loads(row.detail)) for row in trail.rows()]
    assert told == [("system", "encryption.create", "loans", {"key": made.id, "wrapped_by": SECRET.id})]
    assert trail.verify().ok


def test_a_key_is_not_made_within_a_change_that_would_not_record_it(store: Store) -> None:
    with store.transaction() as connection, pytest.raises(StoreError, match="the key of loans was destroyed just now"):
        keys_of(store).sealing_within(connection, "loans")


def test_where_nothing_is_encrypted_there_is_no_key(store: Store) -> None:
    with store.transaction() as connection:
        assert keys_of(store, encrypting=False).sealing_within(connection, "loans") is None
    assert keys_of(store, encrypting=False).sealing("loans") is None
    with store.session() as connection:
        assert list(data_keys.every(connection)) == []


def test_processes_that_need_the_first_key_at_once_get_the_same_one(store: Store) -> None:
    found, start = [], Barrier(4)

    def ask() -> None:
        start.wait()
        found.append(keys_of(store).sealing("loans"))

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 4
    assert len({key.id for key in found if key is not None}) == 1


def test_a_key_is_not_told_by_what_lies_in_the_database(store: Store) -> None:
    key = keys_of(store).sealing("loans")
    assert key is not None

    with store.session() as connection:
        stored = data_keys.get(connection, key.id)
    assert stored is not None
    assert stored.wrapped is not None
    assert key.secret not in stored.wrapped
    assert stored.wrapped_by == SECRET.id


def test_without_the_secret_that_wrapped_it_a_key_is_refused_in_one_sentence(store: Store) -> None:
    key = keys_of(store).sealing("loans")
    assert key is not None

    with pytest.raises(EncryptionError) as refused:
        keys_of(store, current=OTHER).opening(key.id)
    assert str(refused.value) == (
        f"loans: the key {key.id} was wrapped by the secret {SECRET.id}, which is not known here; set AIMON_SECRET as "
        "it was, or name the old secret in AIMON_SECRET_PREVIOUS"
    )
    assert keys_of(store, current=OTHER, previous=(SECRET,)).opening(key.id) == key
    with pytest.raises(
        EncryptionError, match=r"^what is asked for is encrypted with the key 0{16}, which the operation"
    ):
        keys_of(store).opening("0" * 16)


def test_rotation_gives_new_keys_and_wraps_the_old_ones_by_the_present_secret(store: Store) -> None:
    old = keys_of(store).sealing("loans")
    both = keys_of(store, current=OTHER, previous=(SECRET,))
    with store.transaction() as connection:
        (made,) = both.rotate(connection, ["loans"])

    present = keys_of(store, current=OTHER)  # the old secret may be forgotten now
    new = present.sealing("loans")
    assert old is not None
    assert new is not None
    assert new.id == made.id != old.id
    assert present.opening(old.id).secret == old.secret
    with store.session() as connection:
        assert [key.state for key in data_keys.every(connection, "loans")] == ["retired", "in use"]


def test_a_destroyed_key_opens_nothing_and_the_model_goes_on_with_another(store: Store) -> None:
    keys = keys_of(store)
    old = keys.sealing("loans")
    assert old is not None
    with store.transaction() as connection:
        assert data_keys.destroy(connection, "loans", only_retired=True) == []
        assert data_keys.destroy(connection, "loans") == [old.id]

    with pytest.raises(EncryptionError, match=rf"^loans: the key {old.id} was destroyed on \d{{4}}-\d\d-\d\d; what it"):
        keys.opening(old.id)
    new = keys.sealing("loans")
    assert new is not None
    assert new.id != old.id


def test_a_destroyed_key_is_nowhere_in_the_database_files(tmp_path: Path) -> None:
    from aimon.store import open_store

    with open_store(f"sqlite:///{tmp_path}/ops.db") as store:
        keys = keys_of(store)
        key = keys.sealing("loans")
        assert key is not None
        with store.session() as connection:
            stored = data_keys.get(connection, key.id)
        assert stored is not None
        assert stored.wrapped is not None
        assert stored.wrapped in b"".join(file.read_bytes() for file in tmp_path.iterdir())

        with store.transaction() as connection:
            data_keys.destroy(connection, "loans")
        with store.engine.connect() as connection:
            data_keys.settle(connection)
        assert stored.wrapped not in b"".join(file.read_bytes() for file in tmp_path.iterdir())
    with sqlite3.connect(tmp_path / "ops.db") as found:
        assert found.execute("SELECT wrapped FROM data_keys").fetchall() == [(None,)]
    found.close()


def test_a_wrapped_key_that_was_changed_or_put_into_another_row_is_refused(store: Store) -> None:
    keys = keys_of(store)
    loans, fraud = keys.sealing("loans"), keys.sealing("fraud")
    assert loans is not None
    assert fraud is not None
    with store.transaction() as connection:
        stored = data_keys.get(connection, fraud.id)
        assert stored is not None
        connection.execute(update(table).where(table.c.id == loans.id).values(wrapped=stored.wrapped))

    with pytest.raises(EncryptionError, match=rf"^loans: the key {loans.id} was changed in the database; restore"):
        keys.opening(loans.id)

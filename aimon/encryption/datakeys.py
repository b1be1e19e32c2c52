"""The keys that rows are encrypted with: one in use a model, wrapped by the platform's secret, kept in the database.

A key that was rotated still opens what it sealed. One that was destroyed opens nothing any more, and nobody can bring
it back: that deletes everything it sealed, wherever copies of it lie.
"""

import secrets
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import cache
from hmac import digest
from typing import Any, Protocol, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection

from aimon.clock import iso
from aimon.errors import EncryptionError, StoreError
from aimon.keyring import Key, Keyring
from aimon.store import Store, data_keys
from aimon.store.data_keys import StoredKey
from aimon.store.locks import lock

PURPOSE = "wrap data keys"
KEY_BYTES = 32
NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class DataKey:
    """A key of 256 bits with its public name, which stands beside everything it seals."""

    id: str
    model: str
    secret: bytes = field(repr=False)

    def apart(self) -> Self:
        """The key of the model's protected attributes, under this one's name; neither opens what the other sealed."""
        return replace(self, secret=digest(self.secret, b"protected attributes", "sha256"))


class Change(Protocol):
    """A transaction that is recorded in the audit log."""

    @property
    def connection(self) -> Connection:
        """To write with."""

    def note(self, action: str, subject: str, **detail: Any) -> None:
        """Record what is done."""


Find = Callable[[str], DataKey]
"""Gives the key of a name; raises EncryptionError where it cannot."""


class DataKeys:
    """The keys of a project's models. None is remembered: what is destroyed in one process is gone in all."""

    def __init__(
        self,
        store: Store,
        open_keyring: Callable[[], Keyring],
        changing: Callable[[], AbstractContextManager[Change]],
        *,
        encrypting: bool,
    ) -> None:
        self.store = store
        self.encrypting = encrypting
        self._open_keyring = cache(open_keyring)
        self._changing = changing

    def sealing(self, model: str) -> DataKey | None:
        """The key for what is written of the model now, made where there is none; None where nothing is encrypted."""
        if not self.encrypting:
            return None
        with self.store.session() as connection:
            found = data_keys.in_use(connection, model)
        if found is not None:
            return self._unwrapped(found)
        with self._changing() as change:
            lock(change.connection, "data key", model)
            found = data_keys.in_use(change.connection, model)
            if found is None:
                found = self._made(change.connection, model)
                change.note("encryption.create", model, key=found.id, wrapped_by=found.wrapped_by)
        return self._unwrapped(found)

    def sealing_within(self, connection: Connection, model: str) -> DataKey | None:
        """The same for what is written in this transaction; the key is not destroyed before it ends.

        It makes none, since that is a change of its own: `sealing` is asked before the transaction begins.
        """
        if not self.encrypting:
            return None
        found = data_keys.in_use(connection, model, hold=True)
        if found is None:
            raise StoreError(f"the key of {model} was destroyed just now; try again to write by another")
        return self._unwrapped(found)

    def opening(self, key_id: str) -> DataKey:
        """The key of that name. Raises EncryptionError where it is not known, or was destroyed."""
        with self.store.session() as connection:
            found = data_keys.get(connection, key_id)
        if found is None:
            raise EncryptionError(
                f"what is asked for is encrypted with the key {key_id}, which the operations database does not know; "
                "is it the database of this lake?"
            )
        return self._unwrapped(found)

    def rotate(self, connection: Connection, models: Sequence[str]) -> list[StoredKey]:
        """Wrap every key by the present secret, and give these models new ones; the new ones."""
        present = self._open_keyring().current
        for stored in data_keys.every(connection):
            if stored.destroyed_at is None and stored.wrapped_by != present.id:
                secret = self._unwrapped(stored).secret
                data_keys.rewrap(connection, stored.id, _wrapped(present, stored.id, stored.model, secret), present.id)
        for model in models:
            lock(connection, "data key", model)
            data_keys.retire(connection, model)
        return [self._made(connection, model) for model in models]

    def is_known(self, stored: StoredKey) -> bool:
        """Whether the secret that wrapped the key is known here."""
        return self._open_keyring().get(stored.wrapped_by) is not None

    def _made(self, connection: Connection, model: str) -> StoredKey:
        present, key_id = self._open_keyring().current, secrets.token_hex(8)
        wrapped = _wrapped(present, key_id, model, secrets.token_bytes(KEY_BYTES))
        return data_keys.add(connection, key_id=key_id, model=model, wrapped=wrapped, wrapped_by=present.id)

    def _unwrapped(self, stored: StoredKey) -> DataKey:
        if stored.wrapped is None:
            when = "" if stored.destroyed_at is None else f" on {iso(stored.destroyed_at)[:10]}"
            raise EncryptionError(
                f"{stored.model}: the key {stored.id} was destroyed{when}; what it encrypted cannot be read any more"
            )
        key = self._open_keyring().get(stored.wrapped_by)
        if key is None:
            raise EncryptionError(
                f"{stored.model}: the key {stored.id} was wrapped by the secret {stored.wrapped_by}, which is not "
                "known here; set AIMON_SECRET as it was, or name the old secret in AIMON_SECRET_PREVIOUS"
            )
        nonce, sealed = stored.wrapped[:NONCE_BYTES], stored.wrapped[NONCE_BYTES:]
        try:
            secret = AESGCM(key.derived(PURPOSE)).decrypt(nonce, sealed, _about(stored.id, stored.model))
        except InvalidTag as error:
            raise EncryptionError(
                f"{stored.model}: the key {stored.id} was changed in the database; restore the table data_keys"
            ) from error
        return DataKey(stored.id, stored.model, secret)


def finder(keys: DataKeys | None) -> Find | None:
    """Finds keys for one operation, each once."""
    return None if keys is None else cache(keys.opening)


def finding_apart(find: Find) -> Find:
    """Finds the keys of protected attributes, by the names of the models' keys."""
    return lambda key_id: find(key_id).apart()


def _wrapped(key: Key, key_id: str, model: str, secret: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key.derived(PURPOSE)).encrypt(nonce, secret, _about(key_id, model))


def _about(key_id: str, model: str) -> bytes:
    return f"{key_id}\0{model}".encode()

"""Parquet's own encryption (modular, AES-GCM) by the keys of models. In: a key, or a way to find it. Out: properties.

Each file has a random key of its own, which stands in its footer, wrapped by the model's. So a file tells by which key
it opens, and a plain file is read with the same properties. Protected attributes have another key: whoever reads the
other columns does not unwrap it.
"""

import secrets
from base64 import b64decode, b64encode
from collections.abc import Collection, Sequence
from functools import cache
from hmac import digest
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from aimon.encryption.datakeys import KEY_BYTES, NONCE_BYTES, DataKey, Find
from aimon.errors import EncryptionError

ENCRYPTED = b"PARE"
"""How a Parquet file begins whose footer is encrypted."""
APART = ".protected"
"""What follows a key's name in a file where the key of the protected attributes is meant."""


def to_write(key: DataKey, columns: Sequence[str] = (), protected: Collection[str] = ()) -> Any:
    """What a ParquetWriter needs to encrypt all of a file by the key, and the protected ones of its columns by another.

    `columns` are all columns of the file. Where one has a name that Arrow cannot be told, all have the one key.
    """
    from pyarrow.parquet import encryption

    tellable = all(name == name.strip() and not set(name) & set(",;:") for name in columns)
    apart = [name for name in columns if name in protected] if tellable else []
    rest = [name for name in columns if name not in protected]
    by_key = {key.id: rest, key.id + APART: apart} if rest else {key.id + APART: apart}
    configuration = encryption.EncryptionConfiguration(
        footer_key=key.id,
        **({"column_keys": by_key, "uniform_encryption": False} if apart else {"uniform_encryption": True}),
        double_wrapping=False,
        data_key_length_bits=8 * KEY_BYTES,
    )
    return _factory(lambda _: key).file_encryption_properties(encryption.KmsConnectionConfig(), configuration)


def to_read(find: Find) -> Any:
    """What a ParquetFile needs to read one file, encrypted or not."""
    from pyarrow.parquet import encryption

    return _factory(find).file_decryption_properties(encryption.KmsConnectionConfig())


def _factory(find: Find) -> Any:
    from pyarrow.parquet import encryption

    @cache
    def cipher(name: str) -> AESGCM:
        key = find(name.removesuffix(APART))
        return _cipher(key.apart() if name.endswith(APART) else key)

    class Wrapping(encryption.KmsClient):  # type: ignore[misc]
        """Wraps the keys of files by those of models."""

        def wrap_key(self, key_bytes: bytes, master_key_identifier: str) -> str:
            nonce = secrets.token_bytes(NONCE_BYTES)
            sealed = cipher(master_key_identifier).encrypt(nonce, key_bytes, master_key_identifier.encode())
            return b64encode(nonce + sealed).decode()

        def unwrap_key(self, wrapped_key: str, master_key_identifier: str) -> bytes:
            content = b64decode(wrapped_key)
            opening = cipher(master_key_identifier)
            try:
                return opening.decrypt(content[:NONCE_BYTES], content[NONCE_BYTES:], master_key_identifier.encode())
            except InvalidTag as error:
                raise EncryptionError(
                    f"a file that names the key {master_key_identifier} does not open with it; restore the file"
                ) from error

    return encryption.CryptoFactory(lambda _: Wrapping())


def _cipher(key: DataKey) -> AESGCM:
    """Envelopes and files do not share a key."""
    return AESGCM(digest(key.secret, b"parquet", "sha256"))

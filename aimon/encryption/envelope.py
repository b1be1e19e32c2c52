"""Bytes and values in an envelope of AES-256-GCM that names its key and is bound to its place.

What was written before encryption was switched on has no envelope and is given back as it is.
"""

import json
import secrets
from base64 import b64decode, b64encode
from hmac import digest
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from aimon.encryption.datakeys import NONCE_BYTES, DataKey, Find
from aimon.errors import EncryptionError

MAGIC = b"aimon\x00E1"
ID_BYTES = 16
FIELD = "aimon:encrypted"
"""The one key of a JSON value that stands for an encrypted one."""


def sealed(key: DataKey | None, content: bytes, *place: str) -> bytes:
    """The content in an envelope that opens only at its place; the content itself where there is no key."""
    if key is None:
        return content
    nonce = secrets.token_bytes(NONCE_BYTES)
    head = MAGIC + key.id.encode()
    return head + nonce + _cipher(key).encrypt(nonce, content, _about(head, place))


def opened(find: Find | None, content: bytes, *place: str) -> bytes:
    """The content of an envelope. Raises EncryptionError where its key is gone, or it was changed or moved."""
    if not is_sealed(content):
        return content
    if find is None:
        raise EncryptionError(f"{_named(place)} is encrypted and cannot be read without the project's keys")
    head, rest = content[: len(MAGIC) + ID_BYTES], content[len(MAGIC) + ID_BYTES :]
    key = find(head[len(MAGIC) :].decode("ascii", "replace"))
    try:
        return _cipher(key).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], _about(head, place))
    except (InvalidTag, ValueError) as error:
        raise EncryptionError(
            f"{_named(place)} was changed after it was encrypted, or belongs elsewhere; restore it from a backup"
        ) from error


def is_sealed(content: bytes) -> bool:
    """Whether these bytes are an envelope."""
    return content.startswith(MAGIC)


def key_of(content: bytes) -> str | None:
    """The name of the key that sealed the bytes; None where they are no envelope."""
    return content[len(MAGIC) :][:ID_BYTES].decode("ascii", "replace") if is_sealed(content) else None


def sealed_value(key: DataKey | None, value: Any, *place: str) -> Any:
    """A JSON value in an envelope, itself a JSON value."""
    if key is None:
        return value
    return {FIELD: b64encode(sealed(key, json.dumps(value).encode(), *place)).decode()}


def opened_value(find: Find | None, value: Any, *place: str) -> Any:
    """The value in the envelope; what is no envelope is the value."""
    if not isinstance(value, dict) or set(value) != {FIELD}:
        return value
    return json.loads(opened(find, b64decode(value[FIELD]), *place))


def _cipher(key: DataKey) -> AESGCM:
    """Envelopes and files do not share a key."""
    return AESGCM(digest(key.secret, b"envelopes", "sha256"))


def _about(head: bytes, place: tuple[str, ...]) -> bytes:
    return head + "\0".join(place).encode()


def _named(place: tuple[str, ...]) -> str:
    return " ".join(place)

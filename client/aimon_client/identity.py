"""Naming people and inputs without knowing them. In: an id or a text. Out: a hash that only the key's owner can make.

Without a key in the environment's AIMON_HASH_KEY each process draws its own, and hashes of two processes do not match.
"""

import hashlib
import hmac
import os
import secrets

VARIABLE = "AIMON_HASH_KEY"
_own_key = secrets.token_bytes(32)


def key() -> bytes:
    """The environment's key, or this process's own."""
    return os.environ[VARIABLE].encode() if os.environ.get(VARIABLE) else _own_key


def keyed_hash(value: str, secret: bytes | None = None) -> str:
    """128 bits of HMAC-SHA256, in hexadecimal.

    >>> keyed_hash("ann", b"k")
    '9266175ac0e5692db793c2ff4b72068c'
    """
    return hmac.new(key() if secret is None else secret, value.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[
        :32
    ]

"""Naming people without knowing them. In: a user, session or input id. Out: a keyed hash, with the key's own name.

The keys come from the environment: `AIMON_HASH_KEYS=2026b:<secret>,2026a:<secret>`, the newest first. New hashes use
the newest; an older one still recognises what it made, until it is taken out: then nobody can link those again.
"""

import hmac
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from aimon.errors import UserError

VARIABLE = "AIMON_HASH_KEYS"
LEAST_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class HashKey:
    """One key with its name, which stands before every hash it makes."""

    name: str
    secret: bytes

    def __repr__(self) -> str:
        return f"HashKey({self.name!r})"


@dataclass(frozen=True, slots=True)
class HashKeys:
    """The keys in use, the newest first."""

    keys: tuple[HashKey, ...]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """The declared keys; where there are none, one that lives as long as the process and links nothing beyond."""
        declared = environment.get(VARIABLE, "")
        if not declared:
            return cls((HashKey("process", secrets.token_bytes(32)),))
        return cls(tuple(read_key(part.strip(), place) for place, part in enumerate(declared.split(","), 1)))

    def hash(self, value: str) -> str:
        """The name of the newest key and 128 bits of HMAC-SHA256.

        >>> HashKeys((HashKey("a", b"k"),)).hash("ann")
        'a:9266175ac0e5692db793c2ff4b72068c'
        """
        return keyed(self.keys[0], value)

    def matches(self, value: str, hashed: str) -> bool:
        """Whether the hash is of that value, by the key it names; false where that key is gone."""
        name = hashed.partition(":")[0]
        return any(hmac.compare_digest(keyed(key, value), hashed) for key in self.keys if key.name == name)


def keyed(key: HashKey, value: str) -> str:
    """The hash by one key."""
    mac = _started(key.secret).copy()
    mac.update(value.encode("utf-8", "surrogatepass"))
    return f"{key.name}:{mac.hexdigest()[:32]}"


@lru_cache(maxsize=16)
def _started(secret: bytes) -> hmac.HMAC:
    """The key taken in, once; a one-shot digest would also let go of the interpreter for every id."""
    return hmac.new(secret, digestmod="sha256")


def read_key(written: str, place: int) -> HashKey:
    """One `name:secret`; the secret is never repeated in an error."""
    name, separator, secret = written.partition(":")
    if not separator or re.fullmatch(r"[A-Za-z0-9_-]{1,20}", name) is None:
        raise UserError(f"{VARIABLE}: key {place} has no name; write name:secret, such as 2026a:..., parted by commas")
    if len(secret) < LEAST_CHARACTERS:
        raise UserError(
            f"{VARIABLE}: the secret of key {name} is shorter than {LEAST_CHARACTERS} characters; "
            "take one from `openssl rand -hex 32`"
        )
    return HashKey(name, secret.encode())

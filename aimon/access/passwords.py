"""Passwords: what is accepted, how they are kept (argon2id, RFC 9106), and how one is checked."""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from aimon.errors import UserError

SHORTEST = 12
LONGEST = 256
"""In characters. Whoever may send endless ones could make the hash endless work."""
_hasher = PasswordHasher()


def check_choice(password: str, name: str) -> None:
    """Refuse a password that is too short, too long, or the name itself."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise UserError(f"a password has {SHORTEST} to {LONGEST} characters; this one has {len(password)}")
    if name.casefold() in password.casefold():
        raise UserError("the password holds the user's name; choose another")
    if len(set(password)) < 5:
        raise UserError("the password repeats a few characters; choose another")


def one_time() -> str:
    """A password that is shown once and must be changed at the first login."""
    return secrets.token_urlsafe(15)


def hashed(password: str) -> str:
    """What is kept of a password. About 50 ms and 64 MB, on purpose."""
    return _hasher.hash(_bytes(password))


def matches(kept: str | None, password: str) -> bool:
    """Whether this is the password. Takes as long where there is none to compare with."""
    try:
        _hasher.verify(kept or _nobodys(), _bytes(password[:LONGEST]))
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Whether it was hashed with other costs than are used now."""
    return _hasher.check_needs_rehash(kept)


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


@cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_hex(16))

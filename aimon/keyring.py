"""The platform's secret and every key that is derived from it. In: the environment. Out: keys, each for one purpose.

The secret is `AIMON_SECRET`, or the content of the file that `AIMON_SECRET_FILE` names; without either a file beside
the project's state is made once. `AIMON_SECRET_PREVIOUS` holds the secrets that were replaced, so that what they
sealed can still be read.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aimon.errors import UserError

VARIABLE = "AIMON_SECRET"
FILE_VARIABLE = "AIMON_SECRET_FILE"
PREVIOUS_VARIABLE = "AIMON_SECRET_PREVIOUS"
VARIABLES = frozenset({VARIABLE, FILE_VARIABLE, PREVIOUS_VARIABLE})
DEFAULT_FILE = Path("storage/secret")
SHORTEST = 32


@dataclass(frozen=True, slots=True)
class Key:
    """One secret with its public name, which stands beside everything it seals."""

    id: str
    _secret: bytes = field(repr=False)

    def derived(self, purpose: str, length: int = 32) -> bytes:
        """The key for one purpose, by HKDF (RFC 5869) with SHA-256. No two purposes share a key.

        >>> Key.of("x" * 32).derived("audit") == Key.of("x" * 32).derived("tokens")
        False
        """
        extracted = hmac.digest(b"aimon", self._secret, "sha256")
        block, made = b"", b""
        while len(made) < length:
            block = hmac.digest(extracted, block + purpose.encode() + bytes([len(made) // 32 + 1]), "sha256")
            made += block
        return made[:length]

    def mac(self, purpose: str, message: bytes) -> str:
        """The keyed hash of the message, as hexadecimal text."""
        return hmac.digest(self.derived(purpose), message, "sha256").hex()

    @classmethod
    def of(cls, secret: str) -> "Key":
        """The key that a secret is. Its name tells nothing of it."""
        raw = secret.encode()
        return cls(hmac.digest(raw, b"aimon key id", hashlib.sha256).hex()[:16], raw)


@dataclass(frozen=True, slots=True)
class Keyring:
    """The key that seals now, and those that did before."""

    current: Key
    previous: tuple[Key, ...] = ()

    @property
    def keys(self) -> tuple[Key, ...]:
        """Every key, the one that seals now first."""
        return (self.current, *self.previous)

    def get(self, key_id: str) -> Key | None:
        """The key of that name."""
        return next((key for key in self.keys if key.id == key_id), None)

    def sealer(self, purpose: str, message: bytes, mac: str) -> Key | None:
        """Which key made the keyed hash; compared in constant time."""
        shown = mac.encode("utf-8", "surrogatepass")
        made = ((key, key.mac(purpose, message).encode()) for key in self.keys)
        return next((key for key, expected in made if hmac.compare_digest(expected, shown)), None)


def open_keyring(root: Path, environment: Mapping[str, str] = os.environ) -> Keyring:
    """The project's keys. Where the environment holds no secret, one is made and kept in `storage/secret`."""
    previous = [word for word in environment.get(PREVIOUS_VARIABLE, "").replace(",", " ").split() if word]
    for word in previous:
        _long_enough(word, PREVIOUS_VARIABLE)
    return Keyring(Key.of(_current(root, environment)), tuple(map(Key.of, previous)))


def _current(root: Path, environment: Mapping[str, str]) -> str:
    if secret := environment.get(VARIABLE, "").strip():
        return _long_enough(secret, VARIABLE)
    if named := environment.get(FILE_VARIABLE, "").strip():
        return _long_enough(_read(root / named), f"the file {named} of {FILE_VARIABLE}")
    path = root / DEFAULT_FILE
    if not path.exists():
        _make(path)
    return _long_enough(_read(path), f"the file {path}")


def _long_enough(secret: str, where: str) -> str:
    if len(secret) < SHORTEST:
        said = f"{where} holds a secret of less than {SHORTEST} characters"
        raise UserError(f"{said}; make one with `openssl rand -hex 32`")
    return secret


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is no text"
        raise UserError(f"the secret cannot be read from {path}: {said}; set {VARIABLE} instead") from error


def _make(path: Path) -> None:
    """Write a secret that only the owner of the file may read; whoever comes second uses the first one's."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{secrets.token_hex(32)}\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    except OSError as error:
        raise UserError(f"no secret can be written to {path}: {error.strerror}; set {VARIABLE} instead") from error

"""A copy of a folder of keys. In: the folder, a passphrase. Out: one encrypted file, and the folder back.

scrypt makes the key (128 MB and about half a second a guess), AES-256-GCM the file. Without the passphrase the file
tells nothing but its size.
"""

import json
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from aimon.errors import SealedError
from aimon.sealed.framing import framed, parts

MAGIC, INNER = b"aimon-keys-1\n", b"aimon-folder-1\n"
VARIABLE = "AIMON_SEALED_PASSPHRASE"
SHORTEST = 12
KEPT = (".key", ".json", ".jsonl", ".ledger")
"""Keys, sessions and ledgers; what else lies in the folder is not copied."""
SALT, NONCE = 16, 12


def backup(folder: Path, passphrase: str) -> tuple[bytes, list[str]]:
    """The file, and the names of what is in it."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix in KEPT and path.is_file())
    names = [path.relative_to(folder).as_posix() for path in paths]
    if not any(name.endswith(".key") for name in names):
        raise SealedError(f"{folder} holds no key; name the folder that `aimon sealed keygen` made")
    inner = framed(INNER, json.dumps(names).encode(), [path.read_bytes() for path in paths])
    salt, nonce = os.urandom(SALT), os.urandom(NONCE)
    return framed(MAGIC, salt + nonce, [AESGCM(_key(passphrase, salt)).encrypt(nonce, inner, MAGIC)]), names


def restore(content: bytes, name: str, folder: Path, passphrase: str) -> list[str]:
    """Write the files of a copy into a folder that has none of them; their names."""
    header, blobs = parts(MAGIC, content, name, "copy of keys; make one with `aimon sealed backup`")
    if len(header) != SALT + NONCE or len(blobs) != 1:
        raise SealedError(f"{name} is no copy of keys; make one with `aimon sealed backup`")
    try:
        inner = AESGCM(_key(passphrase, header[:SALT])).decrypt(header[SALT:], blobs[0], MAGIC)
    except InvalidTag as error:
        raise SealedError(f"{name} does not open with this passphrase") from error
    listed, files = parts(INNER, inner, name, "copy of keys")
    names = [str(each) for each in json.loads(listed)]
    there = [each for each in names if (folder / each).exists()]
    if there:
        raise SealedError(f"{folder / there[0]} is there already; restore into an empty folder")
    for each, file in zip(names, files, strict=True):
        path = folder / each
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as written:
            written.write(file)
    return names


def _key(passphrase: str, salt: bytes) -> bytes:
    if len(passphrase) < SHORTEST:
        raise SealedError(f"{VARIABLE} holds fewer than {SHORTEST} characters; choose a passphrase of several words")
    return Scrypt(salt, 32, n=2**17, r=8, p=1).derive(passphrase.encode())

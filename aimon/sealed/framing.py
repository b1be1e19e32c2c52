"""A readable header and blobs in one file of bytes. In: both. Out: the file, and back.

A file ends with the SHA-256 of all before, so that any byte that was damaged on the way is found. Whoever changes a
file on purpose can write another one: against that stand digests, signatures and the audit log.
"""

import hashlib
import struct
from collections.abc import Sequence

from aimon.errors import SealedError

MOST_BYTES = 1024 * 1024 * 1024
CHECKSUM = 32


def framed(magic: bytes, header: bytes, blobs: Sequence[bytes]) -> bytes:
    """The file: each part after its length, and the checksum."""
    content = magic + b"".join(struct.pack(">I", len(part)) + part for part in (header, *blobs))
    return content + hashlib.sha256(content).digest()


def parts(magic: bytes, content: bytes, name: str, what: str) -> tuple[bytes, tuple[bytes, ...]]:
    """The header and the blobs of a file; `what` says what it should have been."""
    if not content.startswith(magic) or len(content) > MOST_BYTES:
        raise SealedError(f"{name} is no {what}")
    content, checksum = content[:-CHECKSUM], content[-CHECKSUM:]
    if hashlib.sha256(content).digest() != checksum:
        raise SealedError(f"{name} was damaged or cut: its checksum does not hold; fetch or send it again")
    found, position = list[bytes](), len(magic)
    while position < len(content):
        start = position + 4
        length = struct.unpack(">I", content[position:start])[0] if start <= len(content) else MOST_BYTES
        position = start + length
        if position > len(content):
            raise SealedError(f"{name} ends in the middle; fetch or send it again")
        found.append(content[start:position])
    if not found:
        raise SealedError(f"{name} ends in the middle; fetch or send it again")
    return found[0], tuple(found[1:])

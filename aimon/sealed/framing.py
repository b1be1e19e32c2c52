"""A readable header and blobs in one file of bytes. In: both. Out: the file, and back."""

import struct
from collections.abc import Sequence

from aimon.errors import SealedError

MOST_BYTES = 1024 * 1024 * 1024


def framed(magic: bytes, header: bytes, blobs: Sequence[bytes]) -> bytes:
    """The file: each part after its length."""
    return magic + b"".join(struct.pack(">I", len(part)) + part for part in (header, *blobs))


def parts(magic: bytes, content: bytes, name: str, what: str) -> tuple[bytes, tuple[bytes, ...]]:
    """The header and the blobs of a file; `what` says what it should have been."""
    if not content.startswith(magic) or len(content) > MOST_BYTES:
        raise SealedError(f"{name} is no {what}")
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

"""SEAL's objects as bytes. It saves and loads by path only, so the path is one of memory."""

import os
from collections.abc import Callable
from typing import Protocol, TypeVar

from aimon.errors import SealedError

T = TypeVar("T")


class Saved(Protocol):
    """What SEAL can write to a path."""

    def save(self, path: str, /) -> object: ...


class Loaded(Protocol):
    """What SEAL can fill from a path, and hold against a context."""

    def load(self, context: object, path: str, /) -> object: ...


L = TypeVar("L", bound=Loaded)


def written(item: Saved) -> bytes:
    """The object's bytes, compressed by SEAL."""
    number = os.memfd_create("sealed")
    try:
        item.save(f"/proc/self/fd/{number}")
        return os.pread(number, os.fstat(number).st_size, 0)
    finally:
        os.close(number)


def read(load: Callable[[str], T], content: bytes, what: str) -> T:
    """What `load` makes of the bytes; SealedError where they are no such object of this parameter set."""
    number = os.memfd_create("sealed")
    try:
        os.pwrite(number, content, 0)
        return load(f"/proc/self/fd/{number}")
    except (RuntimeError, ValueError, IndexError, MemoryError) as error:
        raise SealedError(f"{what} cannot be read: it is damaged, or of another key or parameter set") from error
    finally:
        os.close(number)


def load_key(context: object, key: L, content: bytes, what: str) -> L:
    """The key, filled from its bytes."""

    def load(path: str) -> L:
        key.load(context, path)
        return key

    return read(load, content, what)

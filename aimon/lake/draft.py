"""A file that is being written and that nobody reads yet. Its writer holds a lock on it for as long as it lives.

So whoever finds a draft without a lock knows that its writer was killed, without asking a clock or a process list.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

PREFIX = ".draft-"


@dataclass(frozen=True, slots=True)
class Draft:
    """Where the bytes go until they are published."""

    stream: BinaryIO
    path: Path

    def settle(self) -> None:
        """Wait until every byte written so far is on the disk."""
        self.stream.flush()
        os.fsync(self.stream.fileno())


@contextmanager
def new_draft(folder: Path) -> Iterator[Draft]:
    """A fresh draft in the folder, removed at the end unless it was renamed."""
    draft = _locked_file(folder)
    try:
        yield draft
    finally:
        # Unlinked before it is closed: with the lock goes the right to the name, which a rename may have freed.
        draft.path.unlink(missing_ok=True)
        draft.stream.close()


def remove_abandoned(path: Path) -> bool:
    """Delete the draft if its writer is gone; whether it did."""
    try:
        with path.open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
    except (BlockingIOError, FileNotFoundError):
        return False
    return True


@contextmanager
def locked_folder(folder: Path) -> Iterator[None]:
    """Be the only one who publishes into the folder or deletes from it. A killed holder lets go by itself."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _locked_file(folder: Path) -> Draft:
    while True:
        path = folder / f"{PREFIX}{secrets.token_hex(8)}"
        stream = path.open("x+b")
        fcntl.flock(stream, fcntl.LOCK_EX)
        if path.exists():  # a sweep may have taken it in the moment before the lock
            return Draft(stream, path)
        stream.close()

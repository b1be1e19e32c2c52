"""Envelopes that wait on disk. In: envelopes, each with how many records it counts. Out: the same, in order.

A server refuses what comes before what it has of a sender, so order is kept: each process has a folder of its own,
and what one left is taken over whole, by renaming its folder, which only one can do. Folders are for their owner alone.
"""

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aimon_client.spill import SpillFullError, alive

_live: set[str] = set()
"""The folders that this process fills, so that a process of the same number in an earlier life is told apart."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """An envelope to send; `own` if this object wrote it, not an earlier process."""

    path: Path
    records: int
    own: bool


class Parcels:
    """A bounded folder of folders, one of which is this object's."""

    def __init__(self, root: Path, most_bytes: int) -> None:
        self.root = root
        self._most = most_bytes
        self._number = 0
        self._own = self._fresh()
        self._adopted: list[Path] = []

    def put(self, content: bytes, records: int) -> None:
        """Keep an envelope as one file, whole or not at all."""
        try:
            self._own.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.bytes() + len(content) > self._most:
                raise SpillFullError(f"{self.root} holds its {self._most} bytes")
            self._number += 1
            path = self._own / f"{self._number:012d}.{records}.sealed"
            draft = path.with_suffix(".draft")
            try:
                with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    file.write(content)
                draft.rename(path)
            except OSError:
                draft.unlink(missing_ok=True)
                raise
        except OSError as error:
            raise SpillFullError(f"{self._own}: {error.strerror}") from error

    def oldest(self) -> Parcel | None:
        """The next to send: of processes that live no more first, then of this one."""
        self._adopt()
        for folder in [*self._adopted, self._own]:
            for path in _files(folder):
                records = path.name.split(".")[1]
                if records.isdigit():
                    return Parcel(path, int(records), own=folder == self._own)
        return None

    def done(self, parcel: Parcel) -> None:
        """The server has the envelope, or wants none of it."""
        parcel.path.unlink(missing_ok=True)
        if not parcel.own and not _files(parcel.path.parent):
            self._left(parcel.path.parent)

    def bytes(self) -> int:
        """What all folders hold."""
        return sum(size for folder in _folders(self.root) for size in map(_size, _files(folder)))

    def close(self) -> None:
        """Leave what waits to the next process."""
        for folder in [*self._adopted, self._own]:
            _live.discard(folder.name)
            if not _files(folder):
                self._left(folder)
        self._adopted.clear()

    def _fresh(self) -> Path:
        name = f"{os.getpid()}.{secrets.token_hex(4)}"
        _live.add(name)
        return self.root / name

    def _adopt(self) -> None:
        for folder in _folders(self.root):
            if _held(folder.name):
                continue
            taken = self._fresh()
            try:
                self._adopted.append(folder.rename(taken))
            except OSError:  # another process was faster
                _live.discard(taken.name)

    def _left(self, folder: Path) -> None:
        try:
            for draft in folder.glob("*.draft"):
                draft.unlink()
            folder.rmdir()
        except OSError:
            return  # it was never made
        if folder in self._adopted:
            self._adopted.remove(folder)
            _live.discard(folder.name)


def _held(name: str) -> bool:
    """Whether a process that lives fills the folder, or nobody knows whose it is."""
    pid = name.split(".", maxsplit=1)[0]
    if not pid.isdigit():
        return True
    return name in _live if int(pid) == os.getpid() else alive(int(pid))


def _folders(root: Path) -> Iterator[Path]:
    try:
        yield from sorted(path for path in root.iterdir() if path.is_dir())
    except OSError:
        return


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.sealed"))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # sent by another thread meanwhile

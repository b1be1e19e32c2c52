"""The anchor: a file outside the database to which the seal of every record is appended once it is committed.

Whoever cuts the end off the chain, or replaces it whole, would have to cut this file alike. Keep it where the
database's owner cannot write: another disk, an append-only file (`chattr +a`), a mounted write-once store.
"""

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from aimon.errors import UserError
from aimon.store.audit import AuditRow

_LINE = re.compile(r"(\d+) ([0-9a-f]{64}) \S+")


@dataclass(frozen=True, slots=True)
class Anchored:
    """What the file says: the seal of each record, and lines that are none. Without a file nothing is anchored."""

    macs: dict[int, str]
    unreadable: int = 0
    exists: bool = True

    @property
    def head(self) -> int:
        """The number of the last record that was anchored."""
        return max(self.macs, default=0)

    @property
    def first(self) -> int:
        """The number of the first record that was anchored."""
        return min(self.macs, default=0)


@dataclass(frozen=True, slots=True)
class Anchor:
    """The file, which several processes append to."""

    path: Path

    @contextmanager
    def opened(self) -> Iterator["AnchorWriter"]:
        """Open the file before the change, so that a change that could not be anchored is not made."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o640)
        except OSError as error:
            raise UserError(
                f"the audit anchor {self.path} cannot be written: {error.strerror}; nothing was changed"
            ) from error
        try:
            yield AnchorWriter(descriptor, self.path)
        finally:
            os.close(descriptor)

    def read(self) -> Anchored:
        """What was anchored so far."""
        try:
            text = self.path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return Anchored({}, exists=False)
        except OSError as error:
            raise UserError(f"the audit anchor {self.path} cannot be read: {error.strerror}") from error
        found = [(line, _LINE.fullmatch(line)) for line in text.splitlines() if line]
        macs: dict[int, str] = {}
        for _, matched in found:
            if matched is not None:
                macs.setdefault(int(matched[1]), matched[2])  # what was anchored first is what was there first
        return Anchored(macs, sum(matched is None for _, matched in found))


@dataclass(frozen=True, slots=True)
class AnchorWriter:
    """Appends to the open file."""

    descriptor: int
    path: Path

    def write(self, rows: Iterable[AuditRow]) -> None:
        """Append a line for each record, all of them in one write."""
        text = "".join(f"{row.sequence} {row.mac} {row.instant}\n" for row in rows)
        if not text:
            return
        try:
            os.write(self.descriptor, f"{'' if self._ends_a_line() else chr(10)}{text}".encode())
        except OSError as error:
            raise UserError(
                f"the change was made and is in the audit log, but not in the anchor {self.path}: {error.strerror}"
            ) from error

    def _ends_a_line(self) -> bool:
        """Whether the file is empty or whole; a power cut may leave half a line."""
        size = os.fstat(self.descriptor).st_size
        return size == 0 or os.pread(self.descriptor, 1, size - 1) == b"\n"

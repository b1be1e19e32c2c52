"""Records that wait on disk while the server is away. In: lines. Out: the same lines, oldest file first.

A file is written under a name of its own process, whole or not at all, and removed when the server has its lines. What
another process left is taken over by renaming it, which only one can do. The folder is for its owner alone.
"""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_NAME = re.compile(r"^(?P<kind>[a-z]+)\.(?P<stamp>\d{20})\.(?P<pid>\d+)\.(?P<number>\d+)\.(?P<lines>\d+)\.ndjson$")


class SpillFullError(Exception):
    """There is no room: the folder's bound is reached, or the disk refused."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A file to send; `own` if this object wrote it, not an earlier process."""

    kind: str
    path: Path
    own: bool

    def lines(self) -> list[bytes]:
        return [line for line in self.path.read_bytes().split(b"\n") if line]


class Spill:
    """A bounded folder of files, each holding lines of one kind."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self.folder = folder
        self._most = most_bytes
        self._number = 0
        self._own: set[str] = set()

    def put(self, kind: str, lines: Sequence[bytes], stamp_ns: int) -> None:
        """Keep the lines as one file."""
        body = b"\n".join(lines) + b"\n"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.bytes() + len(body) > self._most:
                raise SpillFullError(f"{self.folder} holds its {self._most} bytes")
            self._number += 1
            name = f"{kind}.{stamp_ns:020d}.{os.getpid()}.{self._number}.{len(lines)}.ndjson"
            draft = self.folder / f"{name}.draft"
            self._write(draft, body)
            draft.rename(self.folder / name)
            self._own.add(name)
        except OSError as error:
            raise SpillFullError(f"{self.folder}: {error.strerror}") from error

    def _write(self, draft: Path, body: bytes) -> None:
        try:
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(body)
        except OSError:
            draft.unlink(missing_ok=True)
            raise

    def bytes(self) -> int:
        """What the folder holds."""
        return sum(size for _, size in self._sized())

    def claim(self) -> Claim | None:
        """The oldest file of ours, or of a process that lives no more: ours from now on."""
        for path in sorted(path for path, _ in self._sized()):
            match = _NAME.match(path.name)
            if match is None or (int(match["pid"]) != os.getpid() and alive(int(match["pid"]))):
                continue
            if int(match["pid"]) == os.getpid():
                return Claim(match["kind"], path, own=path.name in self._own)
            self._number += 1
            taken = f"{match['kind']}.{match['stamp']}.{os.getpid()}.{self._number}.{match['lines']}.ndjson"
            try:
                return Claim(match["kind"], path.rename(self.folder / taken), own=False)
            except OSError:
                continue  # another process was faster
        return None

    def done(self, claim: Claim) -> None:
        """The server has the file's lines."""
        claim.path.unlink(missing_ok=True)
        self._own.discard(claim.path.name)

    def _sized(self) -> Iterator[tuple[Path, int]]:
        try:
            entries = list(os.scandir(self.folder))
        except OSError:
            return
        for entry in entries:
            if _NAME.match(entry.name):
                try:
                    yield Path(entry.path), entry.stat().st_size
                except OSError:
                    continue  # drained by another process meanwhile


def alive(pid: int) -> bool:
    """Whether a process of that number runs on this machine."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it runs, for another user
    return True

"""Where log lines go: to stderr, and to a file a day of their category. In: lines from any thread. Out: the same, soon.

A request does not wait for its line: one thread writes what gathered, ten times a second, in order. A line about a
failure is written at once. What cannot be written to a file is on stderr all the same.
"""

import atexit
import threading
from collections import deque
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

from aimon.clock import today
from aimon.govern.kinds import LogKind

FLUSH_SECONDS = 0.1


class Logbook:
    """Takes lines and writes them; `folder` is None where there are no files."""

    def __init__(self, folder: Path | None, stream: BinaryIO) -> None:
        self._folder = folder
        self._stream = stream
        self._lines: deque[tuple[LogKind, bytes]] = deque()
        self._writing = threading.Lock()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="logbook", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def write(self, kind: LogKind, line: bytes, *, urgent: bool = False) -> None:
        """Take a line."""
        self._lines.append((kind, line))
        if urgent:
            self.flush()

    def flush(self) -> None:
        """Write what was taken so far."""
        with self._writing:
            taken = [self._lines.popleft() for _ in range(len(self._lines))]
            if not taken:
                return
            with suppress(OSError, ValueError):  # a stream that is gone takes nothing
                self._stream.write(b"".join(line + b"\n" for _, line in taken))
                self._stream.flush()
            if self._folder is not None:
                for kind, own in groupby(sorted(taken, key=lambda each: each[0]), lambda each: each[0]):
                    with suppress(OSError):
                        _append(self._folder / kind / f"{today()}.jsonl", b"".join(line + b"\n" for _, line in own))

    def close(self) -> None:
        """Write what was taken, and take part no more."""
        self._closing.set()
        self._thread.join()
        self.flush()
        atexit.unregister(self.close)

    def _run(self) -> None:
        while not self._closing.wait(FLUSH_SECONDS):
            self.flush()


def _append(path: Path, text: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    with path.open("ab", buffering=0) as file:
        file.write(text)

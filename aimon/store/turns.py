"""Turns of those who write without rest. SQLite has one writer at a time and no queue before it.

Who finds it busy sleeps, up to a tenth of a second, and looks again: of two workers that commit all the time one would
starve. A lock of the operating system wakes the next at once, and is free again when its holder dies. It only orders
those who ask for it; what keeps two from writing at a time is the database.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from aimon.errors import StoreError

SUFFIX = "-turn"
"""Of the empty file beside the database whose lock is the turn."""


class Turns:
    """One writer's place in the queue; PostgreSQL needs none."""

    def __init__(self, engine: Engine) -> None:
        self._file: int | None = None
        if engine.url.get_backend_name() == "sqlite":
            path = f"{engine.url.database}{SUFFIX}"
            try:
                self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
            except OSError as error:
                raise StoreError(
                    f"{path} cannot be opened: {error.strerror}; it belongs to whoever runs aimon"
                ) from error

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait until the others had their turn, and hold it until the block ends."""
        if self._file is None:
            yield
            return
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Leave the queue."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

"""How much personal data each source sends. In: what was found in the texts of a request. Out: sums a day, stored.

A source is who sent the rows: a key or a user, by the name that the audit log has. What was found is never kept.
"""

import threading
from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection

from aimon import clock
from aimon.store import found_pii
from aimon.store.found_pii import Found

Key = tuple[str, str, date]


class Sources:
    """The sums of one worker that are not on disk yet: noted by any thread, written by one."""

    def __init__(self) -> None:
        self._noting = threading.Lock()
        self._fresh: dict[Key, Found] = {}
        self._taken: dict[Key, Found] = {}

    def note(self, model: str, source: str, weights: Sequence[float]) -> None:
        """Add the weights of rows that had a text, each from 0 (nothing was found) to 1."""
        if not weights:
            return
        more = Found(len(weights), sum(1 for weight in weights if weight), round(sum(weights) * found_pii.MILLION))
        key = model, source, clock.today()
        with self._noting:
            self._fresh[key] = self._fresh.get(key, Found()) + more

    def due(self) -> bool:
        """Whether there is something to write."""
        return bool(self._fresh or self._taken)

    def write(self, connection: Connection) -> None:
        """Add to what is stored. What a failed transaction took is written by the next."""
        with self._noting:
            for key, more in self._fresh.items():
                self._taken[key] = self._taken.get(key, Found()) + more
            self._fresh.clear()
        for key in sorted(self._taken):
            found_pii.add(connection, *key, self._taken[key])

    def wrote(self) -> None:
        """It is on disk."""
        self._taken.clear()

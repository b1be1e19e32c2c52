"""Refused requests in the audit log. A flood is counted, and told in one record, so that it cannot fill the disk."""

import threading
import time

from aimon.govern.audit import AuditTrail

A_MINUTE = 120
"""How many refusals of a process are told one by one in a minute; the others are counted."""
MINUTE = 60.0


class Denials:
    """Records refusals of one process."""

    def __init__(self, trail: AuditTrail, a_minute: int = A_MINUTE) -> None:
        self._trail = trail
        self._a_minute = a_minute
        self._lock = threading.Lock()
        self._begun = time.monotonic()
        self._told = 0
        self._untold = 0

    def note(self, who: str, address: str, method: str, path: str, reason: str) -> None:
        """Record that somebody was refused, or count it where there were too many."""
        with self._lock:
            untold = self._turn()
            self._told += 1
            if self._told > self._a_minute:
                self._untold += 1
                return
        if untold:
            self.flush(untold)
        self._trail.note(who, "request.denied", f"{method} {path}", address=address, reason=reason)

    def flush(self, untold: int | None = None) -> None:
        """Record how many refusals were only counted."""
        if untold is None:
            with self._lock:
                untold, self._untold = self._untold, 0
        if untold:
            self._trail.note("system", "request.denied_further", "requests", count=untold)

    def _turn(self) -> int:
        """Begin a new minute if it is time; how many of the last one were only counted."""
        if time.monotonic() - self._begun < MINUTE:
            return 0
        untold, self._untold, self._told, self._begun = self._untold, 0, 0, time.monotonic()
        return untold

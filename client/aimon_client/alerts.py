"""What the running monitor found. In: a kind, words, a moment. Out: each once an hour at most, and a bounded list."""

from collections import deque
from dataclasses import dataclass

QUIET_S = 3600.0
KEPT = 100


@dataclass(frozen=True, slots=True)
class Alert:
    """One finding; `at` in seconds since 1970, UTC."""

    kind: str
    message: str
    at: float


class Alerts:
    """The latest hundred; the same kind again only after an hour."""

    def __init__(self) -> None:
        self.raised: deque[Alert] = deque(maxlen=KEPT)
        self._last: dict[str, float] = {}

    def raise_once(self, kind: str, message: str, at: float) -> Alert | None:
        """The alert, unless its kind was raised within the hour."""
        if at - self._last.get(kind, -QUIET_S) < QUIET_S:
            return None
        self._last[kind] = at
        alert = Alert(kind, message, at)
        self.raised.append(alert)
        return alert

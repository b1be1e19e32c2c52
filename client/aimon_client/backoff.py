"""When to try a server again. In: failures and successes. Out: the moment before which nothing is sent."""

import random

FIRST_S = 0.5
LONGEST_S = 60.0


class Backoff:
    """Waits twice as long after each failure, up to a minute, each wait between its half and its whole.

    >>> backoff = Backoff()
    >>> backoff.failed(now=10.0)
    >>> 10.25 <= backoff.until <= 10.5
    True
    """

    def __init__(self) -> None:
        self.until = 0.0
        self._wait = FIRST_S

    def failed(self, now: float, at_least: float = 0.0) -> None:
        """The server did not take it; `at_least` seconds if it said so itself."""
        wait = self._wait * (0.5 + random.random() / 2)  # noqa: S311 - spreads clients out; nothing secret
        self.until = now + min(max(wait, at_least), LONGEST_S)
        self._wait = min(self._wait * 2, LONGEST_S)

    def worked(self) -> None:
        """The server answers again."""
        self.until = 0.0
        self._wait = FIRST_S

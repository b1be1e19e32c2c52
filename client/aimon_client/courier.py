"""The thread behind a client. In: records that callers leave in memory. Out: an account of what became of each.

It works in small steps and gives way between them, so that the model's threads never wait long for the interpreter.
Nothing it meets is raised anywhere: a record is sent, refused by the server, kept on disk, or declared dropped. What a
step does is the concrete sender's.
"""

import logging
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from typing import Any

from aimon_client.backoff import Backoff
from aimon_client.post import Answer, Collector
from aimon_client.stats import Stats

log = logging.getLogger("aimon_client")

Entry = tuple[str, dict[str, Any]]
"""A record, and what kind it is: predictions, labels, feedback."""

REST_S = 0.5
"""How long a sender rests at most before it looks again while the server is away."""


class Courier(ABC):
    """Owns the connection and the account. `waiting` says how many records are not accounted for yet."""

    def __init__(
        self, queue: deque[Entry], collector: Collector, batch: int, every_s: float, waiting: Callable[[], int]
    ) -> None:
        self.stats = Stats()
        self.wake = threading.Event()
        self._queue = queue
        self._collector = collector
        self._batch = batch
        self._every = every_s
        self._waiting = waiting
        self._backoff = Backoff()
        self._told: set[str] = set()
        self._hurry = threading.Event()
        self._idle = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="aimon-client", daemon=True)

    @abstractmethod
    def _step(self) -> None:
        """Wait for something to do, and do it."""

    @abstractmethod
    def _put_aside(self) -> None:
        """Keep on disk what is still in memory: this is the end."""

    def continue_trace(self, trace: str) -> None:
        """Let the next request belong to this trace; a request of many records belongs to that of the last."""
        self._collector.trace = trace

    def flush(self, timeout_s: float) -> bool:
        """Send what waits; true when the server has all of it."""
        until = time.monotonic() + timeout_s
        while self._waiting() > 0 and time.monotonic() < until and self._thread.is_alive():
            self._idle.clear()
            self._hurry.set()
            self.wake.set()
            self._idle.wait(max(min(0.25, until - time.monotonic()), 0))
        return self._waiting() == 0

    def close(self, timeout_s: float) -> None:
        """Send for so long, keep the rest on disk, end."""
        self.flush(timeout_s)
        self._ended.set()
        self._hurry.set()
        self.wake.set()
        self._thread.join(timeout_s + 5)
        try:
            self._put_aside()
        except Exception as error:
            self._fault(error)
        self._collector.close()

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._step()
            except Exception as error:
                self._fault(error)

    def _open(self) -> bool:
        return time.monotonic() >= self._backoff.until

    def _hurried(self) -> bool:
        """Whether somebody waits for all of it to be sent now, whatever the server said."""
        if not self._hurry.is_set():
            return False
        self._hurry.clear()
        self._backoff.until = 0.0
        return True

    def _away(self, answer: Answer) -> None:
        self._backoff.failed(time.monotonic(), answer.wait_s)
        self._tell("away", f"the collector does not take records now and they wait on disk: {answer.reason}")

    def _drop(self, records: int, reason: str) -> None:
        self.stats.dropped += records
        self._tell("dropped", f"{records} record(s) dropped: {reason}")

    def _fault(self, error: Exception) -> None:
        self.stats.faults += 1
        self._tell("fault", f"a fault inside the client: {type(error).__name__}: {error}")
        time.sleep(0.1)

    def _tell(self, trouble: str, message: str) -> None:
        """Each kind of trouble is logged once; the latest stands in the account."""
        self.stats.last_error = message
        if trouble not in self._told:
            self._told.add(trouble)
            log.warning("%s", message)

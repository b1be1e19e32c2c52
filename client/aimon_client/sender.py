"""The thread that brings records to the collector. In: a queue that callers fill. Out: requests, files, an account.

It works in small steps and gives way between them, so that the model's threads never wait long for the interpreter.
Nothing it meets is raised anywhere: a record is sent, refused by the server, kept on disk, or declared dropped.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aimon_client.backoff import Backoff
from aimon_client.encode import line
from aimon_client.post import Answer, Collector, Outcome
from aimon_client.spill import Spill, SpillFullError
from aimon_client.stats import Stats

log = logging.getLogger("aimon_client")

Entry = tuple[str, dict[str, Any]]
MOST_A_REQUEST = 500
MOST_LINE_BYTES = 256 * 1024
MOST_REQUEST_BYTES = 4 * 1024 * 1024
REST_S = 0.5
"""How long records gather in memory before they go to disk while the server is away."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of some lines; `left` are to be tried again."""

    sent: int
    rejected: int
    left: Sequence[bytes] = ()

    def __add__(self, other: "Delivery") -> "Delivery":
        return Delivery(self.sent + other.sent, self.rejected + other.rejected, [*self.left, *other.left])


class Sender:
    """Owns the queue's far end, the connection and the folder on disk."""

    def __init__(
        self,
        queue: deque[Entry],
        collector: Collector,
        spill: Spill,
        *,
        batch: int,
        every_s: float,
        waiting: Callable[[], int],
    ) -> None:
        self.stats = Stats()
        self.wake = threading.Event()
        self._queue = queue
        self._collector = collector
        self._spill = spill
        self._batch = batch
        self._every = every_s
        self._waiting = waiting
        self._backoff = Backoff()
        self._told: set[str] = set()
        self._hurry = threading.Event()
        self._idle = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="aimon-client", daemon=True)
        self._thread.start()

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
        while self._queue:
            kind, lines = self._next_lines()
            self._keep(kind, lines)
        self._collector.close()

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._step()
            except Exception as error:
                self._fault(error)

    def _step(self) -> None:
        """Wait for a batch or the time; move what waits; then, when nothing waits, send what is on disk."""
        due = not self.wake.wait(self._every)
        self.wake.clear()
        if not self._open():
            self._hurry.wait(min(REST_S, self._backoff.until - time.monotonic()))
            due = True
        if self._hurry.is_set():
            self._hurry.clear()
            self._backoff.until = 0.0
            due = True
        while len(self._queue) >= (1 if due else self._batch) and not self._ended.is_set():
            self._move()
        while len(self._queue) < self._batch and not self._ended.is_set() and self._open() and self._drain():
            pass
        self._idle.set()

    def _open(self) -> bool:
        return time.monotonic() >= self._backoff.until

    def _move(self) -> None:
        kind, lines = self._next_lines()
        delivery = self._deliver(kind, lines) if self._open() and lines else Delivery(0, 0, lines)
        self.stats.sent += delivery.sent
        self.stats.rejected += delivery.rejected
        self._keep(kind, delivery.left)

    def _next_lines(self) -> tuple[str, list[bytes]]:
        """The oldest records of one kind, encoded, within the bounds of a request."""
        kind, lines, size = self._queue[0][0], list[bytes](), 0
        while self._queue and self._queue[0][0] == kind and len(lines) < MOST_A_REQUEST and size < MOST_REQUEST_BYTES:
            _, record = self._queue.popleft()
            encoded = self._encoded(record)
            if encoded is not None:
                lines.append(encoded)
                size += len(encoded)
            time.sleep(0)  # lets the model's threads run between two records
        return kind, lines

    def _encoded(self, record: dict[str, Any]) -> bytes | None:
        try:
            encoded = line(record)
        except Exception as error:
            self._drop(1, f"it cannot be written as JSON: {error}")
            return None
        if len(encoded) > MOST_LINE_BYTES:
            self._drop(1, f"it has {len(encoded)} bytes, beyond the {MOST_LINE_BYTES} of a record")
            return None
        return encoded

    def _deliver(self, kind: str, lines: Sequence[bytes]) -> Delivery:
        answer = self._collector.send(kind, lines)
        if answer.outcome is Outcome.TAKEN:
            self._backoff.worked()
            return self._refused(answer.rejected, answer.reason) + Delivery(len(lines) - answer.rejected, 0)
        if answer.outcome is Outcome.LATER:
            return self._later(answer, lines)
        if answer.outcome is Outcome.TOO_LARGE and len(lines) > 1:
            middle = len(lines) // 2
            first = self._deliver(kind, lines[:middle])
            return first + (Delivery(0, 0, lines[middle:]) if first.left else self._deliver(kind, lines[middle:]))
        return self._refused(len(lines), answer.reason)

    def _later(self, answer: Answer, lines: Sequence[bytes]) -> Delivery:
        self._backoff.failed(time.monotonic(), answer.wait_s)
        self._tell("away", f"the collector does not take records now and they wait on disk: {answer.reason}")
        return Delivery(0, 0, lines)

    def _refused(self, lines: int, reason: str | None) -> Delivery:
        if lines:
            self._tell("refused", f"the collector refused {lines} record(s): {reason}")
        return Delivery(0, lines)

    def _keep(self, kind: str, lines: Sequence[bytes]) -> None:
        if not lines:
            return
        try:
            self._spill.put(kind, lines, time.time_ns())
            self.stats.spilled += len(lines)
        except SpillFullError as error:
            self._drop(len(lines), str(error))

    def _drain(self) -> bool:
        """Send one file of the folder; true when there may be more to send."""
        claim = self._spill.claim()
        if claim is None:
            return False
        lines = claim.lines()
        delivery = self._deliver(claim.kind, lines) if lines else Delivery(0, 0)
        if claim.own:
            self.stats.sent += delivery.sent
            self.stats.rejected += delivery.rejected
        else:
            self.stats.recovered += delivery.sent + delivery.rejected
        if len(delivery.left) < len(lines):
            if delivery.left:
                self._spill.put(claim.kind, delivery.left, time.time_ns())
            self._spill.done(claim)
        return not delivery.left

    def _drop(self, lines: int, reason: str) -> None:
        self.stats.dropped += lines
        self._tell("dropped", f"{lines} record(s) dropped: {reason}")

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

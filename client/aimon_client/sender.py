"""Brings records to the collector as lines. In: a queue that callers fill. Out: requests, files, an account."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aimon_client.courier import REST_S, Courier, Entry
from aimon_client.encode import line
from aimon_client.post import Collector, Outcome
from aimon_client.spill import Spill, SpillFullError

MOST_A_REQUEST = 500
MOST_LINE_BYTES = 256 * 1024
MOST_REQUEST_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of some lines; `left` are to be tried again."""

    sent: int
    rejected: int
    left: Sequence[bytes] = ()

    def __add__(self, other: "Delivery") -> "Delivery":
        return Delivery(self.sent + other.sent, self.rejected + other.rejected, [*self.left, *other.left])


class Sender(Courier):
    """Sends lines: owns the queue's far end and the folder on disk."""

    def __init__(
        self,
        queue: deque[Entry],
        collector: Collector,
        spill: Spill,
        batch: int,
        every_s: float,
        waiting: Callable[[], int],
    ) -> None:
        super().__init__(queue, collector, batch, every_s, waiting)
        self._spill = spill
        self._thread.start()

    def _put_aside(self) -> None:
        while self._queue:
            kind, lines = self._next_lines()
            self._keep(kind, lines)

    def _step(self) -> None:
        """Wait for a batch or the time; move what waits; then, when nothing waits, send what is on disk."""
        due = not self.wake.wait(self._every)
        self.wake.clear()
        if not self._open():
            self._hurry.wait(min(REST_S, self._backoff.until - time.monotonic()))
            due = True
        due = self._hurried() or due
        while len(self._queue) >= (1 if due else self._batch) and not self._ended.is_set():
            self._move()
        while len(self._queue) < self._batch and not self._ended.is_set() and self._open() and self._drain():
            pass
        self._idle.set()

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
            self._away(answer)
            return Delivery(0, 0, lines)
        if answer.outcome is Outcome.TOO_LARGE and len(lines) > 1:
            middle = len(lines) // 2
            first = self._deliver(kind, lines[:middle])
            return first + (Delivery(0, 0, lines[middle:]) if first.left else self._deliver(kind, lines[middle:]))
        return self._refused(len(lines), answer.reason)

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

"""What a model server holds: one object that takes predictions, labels and feedback and returns at once.

A call puts a mapping into a bounded queue; all else happens in one background thread. It never raises into the model:
what goes wrong is counted in `stats`.
"""

import atexit
import itertools
import os
import secrets
import tempfile
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aimon_client.courier import Courier, Entry
from aimon_client.parcels import Parcels
from aimon_client.post import Collector
from aimon_client.sealing import SealingSender, Seals, sealer_maker
from aimon_client.sender import Sender
from aimon_client.spill import Spill
from aimon_client.stats import Stats
from aimon_client.trace import traceparent

PREDICTIONS = "predictions"
LABELS = "labels"
FEEDBACK = "feedback"
AT_EXIT_S = 2.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How many records or seconds make a request, and how many records may wait in memory."""

    batch: int
    seconds: float
    queued: int


PACE, SEALED_PACE = Pace(10, 5.0, 10_000), Pace(8_192, 600.0, 100_000)

_clients: "weakref.WeakSet[Client]" = weakref.WeakSet()


class Client:
    """Reports to a collector. Safe for threads and forks; cheap enough for every call of a model.

    `url` is the server's address, `key` an API key that may ingest (default: the environment's AIMON_API_KEY). A
    request goes out when `batch` records wait or the oldest is `seconds` old. At most `queued` records are held in
    memory, and at most `spill_bytes` on disk while the server is away; what goes beyond is dropped and counted.

    With `sealed`, predictions of the model of `plan` are counted here and leave as encrypted counts that only the owner
    of `public_key` can open: an envelope every 8,192 records or ten minutes. `sender` names this host to the server,
    `sign` is the file that it signs with, `tags` may be read by anybody; `scores` is the plan of scores where the
    owner sees no counts. aimon has to be installed here. Labels come
    with their predictions; `label` and `feedback` name single ones, and are dropped and counted.
    """

    def __init__(
        self,
        url: str,
        *,
        key: str | None = None,
        batch: int | None = None,
        seconds: float | None = None,
        queued: int | None = None,
        spill: Path | str | None = None,
        spill_bytes: int = 100_000_000,
        timeout: float = 5.0,
        sealed: bool = False,
        plan: Path | str | None = None,
        public_key: Path | str | None = None,
        sender: str | None = None,
        sign: Path | str | None = None,
        tags: Mapping[str, str] | None = None,
        scores: Path | str | None = None,
    ) -> None:
        pace = SEALED_PACE if sealed else PACE
        self._url = url
        self._key = key if key is not None else os.environ.get("AIMON_API_KEY")
        self._batch = max(pace.batch if batch is None else batch, 1)
        self._seconds = pace.seconds if seconds is None else seconds
        self._most = pace.queued if queued is None else queued
        self._make_sealer: Callable[[], Seals] | None = None
        if sealed:
            self._make_sealer = sealer_maker(
                plan=plan, public_key=public_key, sender=sender, sign=sign, tags=tags, scores=scores
            )
        elif any(each is not None for each in (plan, public_key, sender, sign, tags, scores)):
            raise ValueError("plan, public_key, sender, sign, tags and scores are for sealed=True, which is not set")
        self._folder = Path(spill) if spill is not None else own_folder()
        self._spill_bytes = spill_bytes
        self._timeout = timeout
        self._closed = False
        self._fresh()
        _clients.add(self)
        atexit.register(self._at_exit)

    def _fresh(self) -> None:
        """The state of a process that has logged nothing yet: a forked child's records are not its parent's."""
        self._queue: deque[Entry] = deque()
        self._stats = Stats()
        self._numbers = itertools.count(1)
        self._prefix = secrets.token_hex(8)
        self._sender: Courier | None = None
        self._account: Stats | None = None
        self._lock = threading.Lock()

    def log(
        self,
        model: str,
        prediction: Any,
        *,
        features: Mapping[str, Any] | None = None,
        id: str | None = None,  # noqa: A002 - the word of the contract
        timestamp: datetime | None = None,
        **roles: Any,
    ) -> str:
        """Report one prediction; gives its id, by which a label or feedback may follow.

        `roles`: version, score, label, lower, upper, latency (seconds), error, tokens, cost, query, judge, user,
        session, text.
        """
        if id is None:
            id = f"{self._prefix}-{next(self._numbers):x}"  # noqa: A001
        record: dict[str, Any] = {
            "model": model,
            "id": id,
            "timestamp": rfc3339(time.time()) if timestamp is None else timestamp,
            "prediction": prediction,
        }
        if roles:
            record.update(roles)
        if features is not None:
            record["features"] = dict(features)
        self._put(PREDICTIONS, record)
        return id

    def label(self, model: str, id: str, label: Any, *, timestamp: datetime | None = None) -> None:  # noqa: A002
        """Report what turned out to be true of a prediction."""
        self._put(LABELS, {"model": model, "id": id, "label": label, "timestamp": timestamp or rfc3339(time.time())})

    def feedback(self, model: str, id: str, correct: bool, *, kind: str = "review", **more: Any) -> None:  # noqa: A002
        """Report a person's word on a prediction; `kind`: review, dispute, or sample (drawn at random)."""
        own = {"model": model, "id": id, "correct": correct, "kind": kind, "timestamp": rfc3339(time.time())}
        self._put(FEEDBACK, {**more, **own})

    def flush(self, timeout: float = 10.0) -> bool:
        """Send what waits; true when the server has all of it."""
        return self._sender is None or self._sender.flush(timeout)

    def close(self, timeout: float = 5.0) -> None:
        """Send for so long, keep the rest on disk for the next process, and take no more."""
        self._closed = True
        with self._lock:
            sender, self._sender = self._sender, None
        if sender is not None:
            sender.close(timeout)
        atexit.unregister(self._at_exit)

    @property
    def stats(self) -> Stats:
        """What became of the records so far."""
        return self._stats + (self._account or Stats())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _put(self, kind: str, record: dict[str, Any]) -> None:
        queue, stats, trace = self._queue, self._stats, traceparent()
        with self._lock:
            stats.logged += 1
            if self._closed or len(queue) >= self._most:
                stats.dropped += 1
                stats.last_error = "the client is closed" if self._closed else f"{self._most} records wait in memory"
                return
            queue.append((kind, record))
            if self._sender is None:
                self._start()
            if trace is not None and self._sender is not None:
                self._sender.continue_trace(trace)
        sender = self._sender
        if sender is not None and len(queue) >= self._batch and not sender.wake.is_set():
            sender.wake.set()

    def _start(self) -> None:
        try:
            self._sender = self._new_sender()
            self._account = self._sender.stats
        except RuntimeError as error:  # no thread can start, as at the interpreter's end; the exit keeps the queue
            self._stats.faults += 1
            self._stats.last_error = str(error)

    def _new_sender(self) -> Courier:
        collector = Collector(self._url, self._key, self._timeout)
        if self._make_sealer is None:
            spill = Spill(self._folder, self._spill_bytes)
            return Sender(self._queue, collector, spill, self._batch, self._seconds, self._still_waiting)
        parcels = Parcels(self._folder / "sealed", self._spill_bytes)
        return SealingSender(
            self._queue, collector, parcels, self._make_sealer, self._batch, self._seconds, self._still_waiting
        )

    def _still_waiting(self) -> int:
        return self.stats.waiting

    def _at_exit(self) -> None:
        self.close(AT_EXIT_S)


def own_folder() -> Path:
    """The user's folder for records that wait, in the machine's place for temporary files."""
    return Path(tempfile.gettempdir()) / f"aimon-client-{os.getuid() if hasattr(os, 'getuid') else 'user'}"


def rfc3339(seconds: float) -> str:
    """The instant in UTC, to the microsecond.

    >>> rfc3339(1795150800.25)
    '2026-11-20T05:00:00.250000Z'
    """
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _after_fork() -> None:
    for client in list(_clients):
        client._fresh()  # noqa: SLF001 - the child's own copy


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)

"""Brings records to the collector as encrypted counts. In: a queue that callers fill. Out: envelopes, an account.

Rows stay in memory until they are sealed; only envelopes touch the disk or the network, in the order in which they
were made. Of rows that cannot be sealed, those that are at fault are dropped and counted, and not written anywhere.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from aimon_client.courier import REST_S, Courier, Entry
from aimon_client.parcels import Parcels
from aimon_client.post import Collector, Outcome
from aimon_client.spill import SpillFullError

SEALER = "aimon.sealed.host"
"""What counts and encrypts; this distribution has neither and imports it where it is asked to."""
PREDICTIONS = "predictions"
MOST_ROWS = 8_192
MOST_TRIES = 200

_sealing = threading.Lock()


class Seals(Protocol):
    """Counts records of one model and encrypts the counts, under a name that no other process has."""

    model: str
    version: str

    def seal(self, records: Sequence[Mapping[str, Any]], /) -> Sequence[tuple[bytes, int]]:
        """The envelopes of the records, in the order in which they have to arrive, with how many each counts."""


class SealingUnavailableError(ImportError):
    """What encrypts is not installed here."""


def sealer_maker(
    *,
    plan: Path | str | None,
    public_key: Path | str | None,
    sender: str | None,
    sign: Path | str | None,
    tags: Mapping[str, str] | None,
    scores: Path | str | None,
) -> Callable[[], Seals]:
    """What makes a sealer for a process. ValueError, or aimon's own error, where it could make none."""
    if plan is None or public_key is None or not sender:
        raise ValueError(
            "sealed=True needs plan=, public_key= and sender=: the files of `aimon sealed plan` and `aimon sealed "
            "keygen`, and a name for this host"
        )
    try:
        kind = import_module(SEALER).Sealer
    except ImportError as error:
        raise SealingUnavailableError(
            f"sealed=True counts and encrypts with aimon, which cannot be imported here ({error}); install it beside "
            "aimon-client"
        ) from error
    signing, scored = (None if each is None else Path(each) for each in (sign, scores))

    def make() -> Seals:
        made: Seals = kind(Path(plan), Path(public_key), sender=sender, sign=signing, tags=tags, scores=scored)
        return made

    make()
    return make


class SealingSender(Courier):
    """Seals what callers leave in the queue, a batch at a time, and sends the envelopes."""

    def __init__(
        self,
        queue: deque[Entry],
        collector: Collector,
        parcels: Parcels,
        make: Callable[[], Seals],
        batch: int,
        every_s: float,
        waiting: Callable[[], int],
    ) -> None:
        super().__init__(queue, collector, min(batch, MOST_ROWS), every_s, waiting)
        self._parcels = parcels
        self._make = make
        self._due = time.monotonic() + every_s
        self._sealer: Seals | None = None
        self.wake.set()  # what earlier processes left is sent at once
        self._thread.start()

    def _put_aside(self) -> None:
        while self._queue:
            self._seal()
        self._parcels.close()

    def _step(self) -> None:
        """Wait for a batch, for its time, or for the server; seal what is due; send what waits on disk."""
        until = self._due if self._open() else min(self._due, self._backoff.until)
        self.wake.wait(max(until - time.monotonic(), 0.0))
        self.wake.clear()
        hurried, now = self._hurried(), time.monotonic()
        due = hurried or now >= self._due
        while len(self._queue) >= (1 if due else self._batch) and not self._ended.is_set():
            self._seal()
        if due:
            self._due = now + self._every
        while not self._ended.is_set() and self._open() and self._send():
            pass
        self._idle.set()
        if not self._open():
            self._hurry.wait(min(REST_S, max(self._backoff.until - time.monotonic(), 0.0)))

    def _seal(self) -> None:
        fitting = [record for kind, record in self._taken() if self._fits(kind, record)]
        self._tries = MOST_TRIES
        with _sealing:
            self._sealed(fitting)

    def _taken(self) -> Iterator[Entry]:
        for _ in range(self._batch):
            try:
                yield self._queue.popleft()
            except IndexError:
                return

    def _fits(self, kind: str, record: Mapping[str, Any]) -> bool:
        sealer = self._own_sealer()
        if kind != PREDICTIONS:
            self._drop(1, f"{kind} name single predictions, and only counts leave a sealed client")
        elif record["model"] != sealer.model or record.get("version", sealer.version) != sealer.version:
            told = f"{record['model']} {record.get('version', sealer.version)}"
            self._drop(1, f"it is of {told}, and the plan is of {sealer.model} {sealer.version}")
        else:
            return True
        return False

    def _own_sealer(self) -> Seals:
        if self._sealer is None:
            self._sealer = self._make()
        return self._sealer

    def _sealed(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Turn rows into files; where that fails, by halves, until those at fault are found."""
        if not rows:
            return
        self._tries -= 1
        try:
            envelopes = self._own_sealer().seal(rows)
        except Exception as error:  # whatever a sealer raises must not reach the model, nor cost the other rows
            if len(rows) == 1 or self._tries <= 0:
                self._drop(len(rows), f"it cannot be sealed: {type(error).__name__}: {error}")
                return
            middle = len(rows) // 2
            self._sealed(rows[:middle])
            self._sealed(rows[middle:])
            return
        for content, records in envelopes:
            try:
                self._parcels.put(content, records)
                self.stats.spilled += records
            except SpillFullError as error:
                self._drop(records, str(error))

    def _send(self) -> bool:
        """Send the next envelope; true when there may be another one."""
        parcel = self._parcels.oldest()
        if parcel is None:
            return False
        answer = self._collector.send_envelope(parcel.path.read_bytes())
        if answer.outcome is Outcome.LATER:
            self._away(answer)
            return False
        self._backoff.worked()
        taken = answer.outcome is Outcome.TAKEN
        if not taken:
            self._tell("refused", f"the collector refused an envelope of {parcel.records} record(s): {answer.reason}")
        if not parcel.own:
            self.stats.recovered += parcel.records
        elif taken:
            self.stats.sent += parcel.records
        else:
            self.stats.rejected += parcel.records
        self._parcels.done(parcel)
        return True


if hasattr(os, "register_at_fork"):  # a child must not be born while the encryption holds its locks
    os.register_at_fork(before=_sealing.acquire, after_in_parent=_sealing.release, after_in_child=_sealing.release)

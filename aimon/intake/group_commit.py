"""One writer for all requests of a process. In: deliveries. Out: the same, once the database has them on disk.

Many deliveries share a transaction, because what a commit costs does not depend on how much is in it. A delivery is
answered after its commit, never before; when a commit fails, each of its deliveries is told so and none was kept.
"""

import asyncio
import threading
import time
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Protocol

from sqlalchemy import Connection

from aimon.encryption.datakeys import DataKeys
from aimon.errors import StoreError
from aimon.intake.delivery import Delivery
from aimon.intake.facts import Facts
from aimon.intake.parcel import ArrowParcel, JsonParcel, SealedParcel
from aimon.intake.words import put_labels
from aimon.store import inbox, words
from aimon.store.inbox import Parcel
from aimon.store.store import Store
from aimon.store.turns import Turns

MOST_ROWS = 4_000
"""In one transaction; more make it no cheaper."""
MOST_WAITING = 60_000
"""Rows that wait for the writer; beyond, a request is sent away to come back later."""
IDLE_SECONDS = 0.1


class FullError(Exception):
    """More is waiting than may wait."""


class Observer(Protocol):
    """Somebody who wants to know what is accepted, in the writer's thread."""

    def keep(self, connection: Connection, model: str, facts: Sequence[Facts]) -> None:
        """Write what must be exactly as true as that these predictions are kept, in the same transaction."""

    def accepted(self, model: str, facts: Sequence[Facts]) -> None:
        """These predictions are on disk."""

    def due(self) -> bool:
        """Whether there is something else to write."""

    def write(self, connection: Connection) -> None:
        """Write it, in the transaction of the next commit or in one of its own."""

    def wrote(self) -> None:
        """It is on disk."""


@dataclass(slots=True)
class _Waiting:
    """A delivery and who waits for it: a thread, or a request of an event loop."""

    delivery: Delivery
    done: Future[Delivery] | asyncio.Future[Delivery]
    loop: asyncio.AbstractEventLoop | None = None

    def told(self, error: BaseException | None) -> None:
        """Say what became of it, to whoever still waits."""
        if self.done.done():
            return
        if error is None:
            self.done.set_result(self.delivery)
        else:
            self.done.set_exception(error)


@dataclass(slots=True)
class Merged:
    """Rows of several deliveries that become one parcel."""

    parcel: JsonParcel | ArrowParcel
    facts: list[Facts] = field(default_factory=list)
    owners: list[Delivery] = field(default_factory=list)
    seen: set[bytes] = field(default_factory=set)

    @property
    def traces(self) -> list[str]:
        """The traces of the deliveries, each once."""
        return list(dict.fromkeys(owner.trace for owner in self.owners if owner.trace is not None))

    def add(self, delivery: Delivery, parcel: JsonParcel, facts: Sequence[Facts]) -> None:
        """Add the rows that no earlier delivery of the group brought."""
        own = self.parcel
        assert isinstance(own, JsonParcel)  # noqa: S101 - columns are not merged
        apart = parcel.apart or [b""] * len(parcel.lines)
        rows = list(zip(parcel.digests, parcel.lines, apart, facts, strict=True))
        if not self.seen.isdisjoint(parcel.digests):
            rows = [row for row in rows if row[0] not in self.seen]
            delivery.known += len(facts) - len(rows)
        for digest, line, protected, fact in rows:
            own.digests.append(digest)
            own.lines.append(line)
            own.apart.append(protected)
            self.facts.append(fact)
        self.owners += [delivery] * len(rows)
        self.seen.update(parcel.digests)


def merged(deliveries: Iterable[Delivery]) -> list[Merged]:
    """The parcels of a group: one of each model and day, and those that came in columns."""
    rows: dict[tuple[str, date], Merged] = {}
    columns = []
    for delivery in deliveries:
        for part in delivery.parts:
            parcel = part.parcel
            if isinstance(parcel, ArrowParcel):
                columns.append(Merged(parcel, part.facts, [delivery] * len(part.facts)))
                continue
            key = parcel.model, parcel.day
            if key not in rows:
                rows[key] = Merged(JsonParcel(*key, [], []))
            rows[key].add(delivery, parcel, part.facts)
    return [*rows.values(), *columns]


class GroupCommit:
    """The queue and its thread. `close` writes what waits and ends it."""

    def __init__(self, store: Store, observer: Observer, keys: DataKeys | None = None) -> None:
        self._store = store
        self._keys = keys
        self._observer = observer
        self._queue: deque[_Waiting] = deque()
        self._waiting_rows = 0
        self._changed = threading.Condition()
        self._closing = False
        self._turns = Turns(store.engine)
        self._thread = threading.Thread(target=self._run, name="group commit", daemon=True)
        self._thread.start()

    def submit(self, delivery: Delivery) -> Future[Delivery]:
        """Hand over a delivery; the future is done when it is on disk. Raises FullError."""
        done: Future[Delivery] = Future()
        self._take(_Waiting(delivery, done))
        return done

    async def kept(self, delivery: Delivery) -> Delivery:
        """The same within an event loop: the delivery, once it is on disk."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[Delivery] = loop.create_future()
        self._take(_Waiting(delivery, done, loop))
        return await done

    def _take(self, waiting: _Waiting) -> None:
        rows = waiting.delivery.rows
        with self._changed:
            if self._closing or (self._waiting_rows and self._waiting_rows + rows > MOST_WAITING):
                raise FullError
            self._queue.append(waiting)
            self._waiting_rows += rows
            self._changed.notify()

    def close(self) -> None:
        """Write what waits, take nothing more."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()
        self._turns.close()

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._queue and not self._closing:
                    self._changed.wait(IDLE_SECONDS)
                group = self._next()
                closing = self._closing and not group
            if group:
                self._settle(group)
            elif self._observer.due():
                self._observe()
            if closing:
                return

    def _next(self) -> list[_Waiting]:
        """The deliveries that waited longest, as many as one transaction takes."""
        group: list[_Waiting] = []
        rows = 0
        while self._queue and (not group or rows + self._queue[0].delivery.rows <= MOST_ROWS):
            waiting = self._queue.popleft()
            rows += waiting.delivery.rows
            group.append(waiting)
        return group

    def _settle(self, group: Sequence[_Waiting]) -> None:
        """Write a group and tell each of its senders."""
        failed: BaseException | None = None
        try:
            self._commit([waiting.delivery for waiting in group])
        except BaseException as error:
            failed = error
        with self._changed:
            self._waiting_rows -= sum(waiting.delivery.rows for waiting in group)
        _tell(group, failed)

    def _commit(self, deliveries: Sequence[Delivery]) -> None:
        fresh: list[tuple[str, list[Facts]]] = []
        twice: list[Delivery] = []
        due = self._observer.due()
        self._make_keys(deliveries)
        with self._turns.taken(), self._store.transaction() as connection:
            for each in merged(deliveries):
                known = inbox.accept(connection, self._sealed(connection, each.parcel), each.traces)
                twice += [each.owners[place] for place in known]
                kept = each.facts if not known else [one for at, one in enumerate(each.facts) if at not in known]
                self._observer.keep(connection, each.parcel.model, kept)
                fresh.append((each.parcel.model, kept))
            known_words = [self._put_words(connection, delivery) for delivery in deliveries]
            if due:
                self._observer.write(connection)
        for delivery, known_already in zip(deliveries, known_words, strict=True):
            delivery.known += known_already
        if due:
            self._observer.wrote()
        for delivery in twice:
            delivery.known += 1
        for model, facts in fresh:
            self._observer.accepted(model, facts)

    def _observe(self) -> None:
        try:
            with self._turns.taken(), self._store.transaction() as connection:
                self._observer.write(connection)
            self._observer.wrote()
        except StoreError:
            time.sleep(IDLE_SECONDS)  # it is still due, and written when the database is back

    def _make_keys(self, deliveries: Sequence[Delivery]) -> None:
        """See to it that each model has a key, where rows are encrypted: making one is a change of its own."""
        if self._keys is None or not self._keys.encrypting:
            return
        said = {each.model for delivery in deliveries for each in delivery.labels}
        for model in sorted(said | {part.parcel.model for delivery in deliveries for part in delivery.parts}):
            self._keys.sealing(model)

    def _sealed(self, connection: Connection, parcel: JsonParcel | ArrowParcel) -> Parcel:
        key = None if self._keys is None else self._keys.sealing_within(connection, parcel.model)
        return parcel if key is None else SealedParcel(parcel, key)

    def _put_words(self, connection: Connection, delivery: Delivery) -> int:
        """Keep labels and feedback; how many of them were known."""
        said = len(delivery.labels) + len(delivery.feedback)
        if not said:
            return 0
        new = put_labels(connection, delivery.labels, self._keys)
        return said - new - words.put_feedback(connection, delivery.feedback)


def _tell(group: Sequence[_Waiting], error: BaseException | None) -> None:
    """Tell all that wait; an event loop is woken once, however many of its requests were in the group."""
    loops: defaultdict[asyncio.AbstractEventLoop | None, list[_Waiting]] = defaultdict(list)
    for waiting in group:
        loops[waiting.loop].append(waiting)
    for loop, own in loops.items():
        if loop is None:
            _tell_each(own, error)
        else:
            with suppress(RuntimeError):  # a loop that is closed has nobody who waits
                loop.call_soon_threadsafe(partial(_tell_each, own, error))


def _tell_each(group: Sequence[_Waiting], error: BaseException | None) -> None:
    for waiting in group:
        waiting.told(error)

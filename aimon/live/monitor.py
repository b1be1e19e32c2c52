"""Counts what a worker accepts. In: facts, in the writer's thread. Out: the worker's counts and each day's use, stored.

What a day used is written in the transaction that keeps the predictions, so it is exact. The counts of the last half
hour are written a few times a second and may miss what a killed worker counted last.
"""

import math
import secrets
import time
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import Connection

from aimon import clock
from aimon.intake.facts import Facts
from aimon.intake.shape import day_of
from aimon.live.minute import NANO
from aimon.live.sources import Sources
from aimon.live.state import State
from aimon.store import live
from aimon.store.live import Used

WRITE_SECONDS = 0.05
MOST_STATES = 1_000
"""Models and versions that one worker counts; a version beyond is counted as `other`."""
OTHER = "other"
FORGOTTEN = timedelta(hours=1)
"""How long the counts of a worker that is gone are of use: longer than the minutes they hold."""
SWEEP_SECONDS = 600.0


class LiveMonitor:
    """The observer of one worker's writer."""

    def __init__(self) -> None:
        self.worker = secrets.token_hex(8)
        self.sources = Sources()
        State()  # what it needs is imported now, not while the first prediction waits
        self._states: dict[tuple[str, str], State] = {}
        self._changed: set[tuple[str, str]] = set()
        self._written = 0.0
        self._swept = -math.inf

    def keep(self, connection: Connection, model: str, facts: Sequence[Facts]) -> None:
        """Add to what each day used."""
        for (version, day), used in _use(facts).items():
            live.add_usage(connection, model, version, day, used)

    def accepted(self, model: str, facts: Sequence[Facts]) -> None:
        """Count what is on disk now."""
        by_version: dict[str, list[Facts]] = {}
        for fact in facts:
            by_version.setdefault(fact.version, []).append(fact)
        for version, own in by_version.items():
            key = (model, version)
            if key not in self._states and len(self._states) >= MOST_STATES:
                key = (model, OTHER)
            self._states.setdefault(key, State()).add(own)
            self._changed.add(key)

    def due(self) -> bool:
        """Whether there are counts to write."""
        return (bool(self._changed) or self.sources.due()) and time.monotonic() - self._written >= WRITE_SECONDS

    def write(self, connection: Connection) -> None:
        """Write the counts that changed."""
        if time.monotonic() - self._swept > SWEEP_SECONDS:
            live.forget_states(connection, clock.now() - FORGOTTEN)
            self._swept = time.monotonic()
        for model, version in sorted(self._changed):
            live.put_state(connection, self.worker, model, version, self._states[model, version].counts.packed())
        self.sources.write(connection)

    def wrote(self) -> None:
        """They are on disk."""
        self._changed.clear()
        self.sources.wrote()
        self._written = time.monotonic()


def _use(facts: Sequence[Facts]) -> dict[tuple[str, date], Used]:
    found: dict[tuple[str, int], list[int]] = {}
    for fact in facts:
        sums = found.setdefault((fact.version, fact.at // 86_400_000_000), [0] * 5)
        sums[0] += 1
        sums[1] += fact.failed
        sums[2] += fact.tokens
        if fact.cost is not None:
            sums[3] += int(fact.cost * NANO)
        elif fact.tokens:
            sums[4] += 1
    return {(version, day_of(day * 86_400_000_000)): Used(*sums) for (version, day), sums in found.items()}

"""What one worker counted of one model and version: the last half hour by the minute, and where the streams broke.

It is written as bytes beside the predictions, so that every worker, and the next process, can add up all of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import orjson

from aimon import clock
from aimon.intake.facts import Facts
from aimon.live.minute import Minute

MINUTES = 30
MINUTE_MICROS = 60_000_000
SUMS = [each.name for each in fields(Minute) if each.name not in ("latency", "classes")]
Break = tuple[int, float, float]
"""A minute, and the stream's mean before it and after."""


LOOK = 32
"""ADWIN looks for a break once in so many values."""


class Detector:
    """ADWIN on one stream of numbers from 0 to 1; remembers the last break."""

    def __init__(self) -> None:
        from river.drift import ADWIN

        untyped: Any = ADWIN
        self._adwin = untyped(clock=LOOK)
        self._before = 0.0
        self._until_look = LOOK

    def add(self, value: float, minute: int) -> Break | None:
        """One value more; the break, where the stream is not what it was."""
        self._adwin.update(value)
        self._until_look -= 1
        if self._until_look:
            return None
        self._until_look = LOOK
        before, self._before = self._before, float(self._adwin.estimation)
        return (minute, before, self._before) if self._adwin.drift_detected else None


@dataclass(slots=True)
class Counts:
    """The counts that are written: `total` is of all calls since the state began."""

    total: int = 0
    minutes: dict[int, Minute] = field(default_factory=dict)
    error_break: Break | None = None
    confidence_break: Break | None = None

    def newest(self) -> int:
        """The last minute with a call; 0 where there is none."""
        return max(self.minutes, default=0)

    def at(self, minute: int) -> Minute | None:
        """The minute to count into; None for one that is too long ago."""
        found = self.minutes.get(minute)
        if found is None and minute > self.newest() - MINUTES:
            found = self.minutes[minute] = Minute(minute)
            for old in [number for number in self.minutes if number <= self.newest() - MINUTES]:
                del self.minutes[old]
        return found

    def until(self, now: int) -> None:
        """Minutes beyond the present one were counted by a clock that was ahead: they become the present one."""
        for ahead in [number for number in self.minutes if number > now]:
            self.minutes.setdefault(now, Minute(now)).merge(self.minutes.pop(ahead))

    def packed(self) -> bytes:
        """As bytes."""
        held = self.minutes.values()
        minutes = [[*(getattr(each, name) for name in SUMS), list(each.latency.items()), each.classes] for each in held]
        return orjson.dumps([self.total, minutes, self.error_break, self.confidence_break])


class State:
    """Counts that grow, with the detectors of this worker."""

    def __init__(self) -> None:
        self.counts = Counts()
        self._errors = Detector()
        self._confidence = Detector()

    def add(self, facts: Iterable[Facts]) -> None:
        """Count calls, by the minute in which each was made; one that lies ahead is counted now."""
        counts, now = self.counts, present()
        counts.until(now)
        for fact in facts:
            counts.total += 1
            number = min(fact.at // MINUTE_MICROS, now)
            minute = counts.at(number)
            if minute is not None:
                minute.add(fact)
            counts.error_break = self._errors.add(float(fact.failed), number) or counts.error_break
            if fact.score is not None:
                counts.confidence_break = self._confidence.add(fact.score, number) or counts.confidence_break


def unpacked(content: bytes) -> Counts:
    """Counts from their bytes."""
    whole, minutes, errors, confidence = orjson.loads(content)
    return Counts(whole, {row[0]: _minute(row) for row in minutes}, _break(errors), _break(confidence))


def present() -> int:
    """The number of the present minute."""
    return int(clock.now().timestamp()) // 60


def summed(states: Sequence[Counts], now: int) -> Counts:
    """What all workers counted together until the minute `now`; one whose clock is ahead hides none of them."""
    whole = Counts()
    newest = min(max((each.newest() for each in states), default=0), now)
    for each in states:
        whole.total += each.total
        for told, minute in each.minutes.items():
            number = min(told, now)
            if number > newest - MINUTES:
                whole.minutes.setdefault(number, Minute(number)).merge(minute)
        whole.error_break = _later(whole.error_break, each.error_break)
        whole.confidence_break = _later(whole.confidence_break, each.confidence_break)
    return whole


def _later(one: Break | None, other: Break | None) -> Break | None:
    return max((each for each in (one, other) if each is not None), default=None)


def _minute(row: Sequence[Any]) -> Minute:
    *counts, latency, classes = row
    sums: dict[str, Any] = dict(zip(SUMS, counts, strict=True))
    return Minute(**sums, latency=dict(latency), classes=classes)


def _break(found: Sequence[Any] | None) -> Break | None:
    return None if found is None else (found[0], found[1], found[2])

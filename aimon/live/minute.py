"""What one model and version did in one minute, or in several: counts that add up."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from aimon.intake.facts import Facts

MOST_CLASSES = 50
LONGEST_CLASS = 100
OTHER = "other"
LOW_CONFIDENCE = 0.7
FASTEST = 1e-5
STEPS = 112
NANO = 10**9
_PER_STEP = 4 / math.log(2)
"""Latencies lie on steps of a fourth of an octave, 19 %, from 10 microseconds to 45 minutes."""


@dataclass(slots=True)
class Minute:
    """Counts. Cost is in billionths of a US dollar; `gravity` is the sum over the texts, see `aimon.privacy.pii`."""

    number: int
    calls: int = 0
    errors: int = 0
    confident: int = 0
    low_confidence: int = 0
    confidence: float = 0.0
    tokens: int = 0
    cost: int = 0
    texts: int = 0
    gravity: float = 0.0
    latency: dict[int, int] = field(default_factory=dict)
    classes: dict[str, int] = field(default_factory=dict)

    def add(self, fact: Facts) -> None:
        """Count one call."""
        self.calls += 1
        self.errors += fact.failed
        self.tokens += fact.tokens
        if fact.score is not None:
            self.confident += 1
            self.low_confidence += fact.score < LOW_CONFIDENCE
            self.confidence += fact.score
        if fact.latency is not None:
            step = step_of(fact.latency)
            self.latency[step] = self.latency.get(step, 0) + 1
        if fact.cost is not None:
            self.cost += int(fact.cost * NANO)
        if fact.gravity is not None:
            self.texts += 1
            self.gravity += fact.gravity
        name = fact.prediction
        if name is not None and len(name) <= LONGEST_CLASS:
            self.count_class(name, 1)

    def count_class(self, name: str, calls: int) -> None:
        """Count a class; those beyond the first 50 are one."""
        if name not in self.classes and len(self.classes) >= MOST_CLASSES:
            name = OTHER
        self.classes[name] = self.classes.get(name, 0) + calls

    def merge(self, other: "Minute") -> None:
        """Add the counts of another worker, or of another minute."""
        self.calls += other.calls
        self.errors += other.errors
        self.confident += other.confident
        self.low_confidence += other.low_confidence
        self.confidence += other.confidence
        self.tokens += other.tokens
        self.cost += other.cost
        self.texts += other.texts
        self.gravity += other.gravity
        for step, calls in other.latency.items():
            self.latency[step] = self.latency.get(step, 0) + calls
        for name, calls in other.classes.items():
            self.count_class(name, calls)

    def quantile(self, share: float) -> float | None:
        """The latency in seconds that this share of the calls did not exceed, to the middle of its step."""
        count = sum(self.latency.values())
        wanted, seen = max(math.ceil(share * count), 1), 0
        for step in sorted(self.latency):
            seen += self.latency[step]
            if seen >= wanted:
                return float(FASTEST * 2 ** ((step + 0.5) / 4))
        return None


def step_of(seconds: float) -> int:
    """Which step a latency falls into.

    >>> step_of(0.0), step_of(1e-5), step_of(1.0), step_of(1e9)
    (0, 0, 66, 111)
    """
    if seconds <= FASTEST:
        return 0
    return min(int(math.log(seconds / FASTEST) * _PER_STEP), STEPS - 1)


def total(minutes: Iterable[Minute], number: int) -> Minute:
    """The sum of several minutes."""
    whole = Minute(number)
    for each in minutes:
        whole.merge(each)
    return whole

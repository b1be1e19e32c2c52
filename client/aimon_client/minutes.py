"""What a model did, minute by minute, for the last hour. In: calls. Out: their sum over the last minutes.

A ring of 60 minutes: the memory does not grow with the calls, and an old hour is forgotten minute by minute.
"""

from dataclasses import dataclass, field
from typing import Any

from aimon_client.histogram import Histogram, added

MINUTES = 60
MOST_CLASSES = 50
OTHER = "other"
CONFIDENCE_STEPS = 20


@dataclass(slots=True)
class Minute:
    """Counts of one minute, or a sum of several."""

    number: int
    calls: int = 0
    errors: int = 0
    low_confidence: int = 0
    confidences: list[int] = field(default_factory=lambda: [0] * CONFIDENCE_STEPS)
    confidence_sum: float = 0.0
    latency: Histogram = field(default_factory=Histogram)
    classes: dict[str, int] = field(default_factory=dict)

    @property
    def confident(self) -> int:
        """How many calls came with a confidence."""
        return sum(self.confidences)

    def add_confidence(self, confidence: float, low: float) -> None:
        """Count a confidence between 0 and 1."""
        bounded = min(max(confidence, 0.0), 1.0)
        self.confidences[min(int(bounded * CONFIDENCE_STEPS), CONFIDENCE_STEPS - 1)] += 1
        self.confidence_sum += bounded
        self.low_confidence += confidence < low

    def add_class(self, name: Any) -> None:
        """Count a predicted class; those beyond the first 50 are one."""
        key = str(name)
        if key not in self.classes and len(self.classes) >= MOST_CLASSES:
            key = OTHER
        self.classes[key] = self.classes.get(key, 0) + 1


class LastHour:
    """The ring."""

    def __init__(self) -> None:
        self._ring: list[Minute | None] = [None] * MINUTES

    def at(self, seconds: float) -> Minute:
        """The minute that holds the moment, to be counted into."""
        number = int(seconds // 60)
        found = self._ring[number % MINUTES]
        if found is None or found.number != number:
            if found is not None and found.number > number:
                return found  # the clock went back; what is older than the ring counts to what is there
            found = self._ring[number % MINUTES] = Minute(number)
        return found

    def last(self, minutes: int, now: float) -> Minute:
        """The sum of the last minutes, the running one included."""
        newest = int(now // 60)
        held = [each for each in self._ring if each is not None and newest - minutes < each.number <= newest]
        return summed(held, newest)


def summed(minutes: list[Minute], number: int) -> Minute:
    """The counts of all of them."""
    total = Minute(number, latency=added(each.latency for each in minutes))
    for each in minutes:
        total.calls += each.calls
        total.errors += each.errors
        total.low_confidence += each.low_confidence
        total.confidence_sum += each.confidence_sum
        total.confidences = [ours + theirs for ours, theirs in zip(total.confidences, each.confidences, strict=True)]
        for name, count in each.classes.items():
            total.classes[name] = total.classes.get(name, 0) + count
    return total

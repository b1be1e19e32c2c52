"""Whether confidence and classes are as they were. In: a reference of counts, the counts of now. Out: shifts.

The reference is the first thousand calls, unless one is given. A shift counts when it is both material and beyond
chance: the mean confidence by its limit and 3 standard errors; the classes by their total variation beyond what so many
draws from the reference would show.
"""

import math
from dataclasses import dataclass

from aimon_client.minutes import CONFIDENCE_STEPS, Minute

REFERENCE_CALLS = 1000
LEAST_CALLS = 100
CONFIDENCE_LIMIT = 0.10
CLASS_LIMIT = 0.2
SIGMAS = 3.0


@dataclass(frozen=True, slots=True)
class Shift:
    """How far something moved, and whether that is an alarm."""

    metric: str
    value: float
    limit: float
    alarm: bool

    def __str__(self) -> str:
        return f"{self.metric} {self.value:.2f} (limit {self.limit:g})"


def confidence_shift(reference: Minute, now: Minute) -> Shift | None:
    """The relative change of the mean confidence."""
    if reference.confident < LEAST_CALLS or now.confident < LEAST_CALLS or not reference.confidence_sum:
        return None
    before, after = reference.confidence_sum / reference.confident, now.confidence_sum / now.confident
    error = math.hypot(standard_error(reference), standard_error(now))
    value = abs(after - before) / before
    alarm = value > CONFIDENCE_LIMIT and abs(after - before) > SIGMAS * error
    return Shift("confidence_shift", value, CONFIDENCE_LIMIT, alarm)


def standard_error(counted: Minute) -> float:
    """Of the mean confidence, from the steps' middles."""
    n, mean = counted.confident, counted.confidence_sum / counted.confident
    middles = ((step + 0.5) / CONFIDENCE_STEPS for step in range(CONFIDENCE_STEPS))
    variance = sum(
        count * (middle - mean) ** 2 for middle, count in zip(middles, counted.confidences, strict=True)
    ) / max(n - 1, 1)
    return math.sqrt(variance / n)


def class_shift(reference: Minute, now: Minute) -> Shift | None:
    """The total variation between the shares of the classes."""
    n, m = sum(reference.classes.values()), sum(now.classes.values())
    if n < LEAST_CALLS or m < LEAST_CALLS:
        return None
    names = reference.classes.keys() | now.classes.keys()
    value = sum(abs(reference.classes.get(name, 0) / n - now.classes.get(name, 0) / m) for name in names) / 2
    chance = math.sqrt(len(names) * (1 / n + 1 / m) / (2 * math.pi)) + SIGMAS * math.sqrt((1 / n + 1 / m) / 4)
    return Shift("class_shift", value, CLASS_LIMIT, value > CLASS_LIMIT and value > chance)

"""Whether a model is healthy. In: counts of the last minutes. Out: a status with its reason.

A status worsens when even the lower end of a rate's interval lies beyond the limit, so that three errors among ten
calls are not an outage; it improves when the rate itself is below four fifths of the limit, so that it does not flap.
"""

from dataclasses import dataclass
from enum import StrEnum

from aimon_client.minutes import Minute
from aimon_client.proportion import wilson

LEAST_CALLS = 20
CALMER = 0.8


class Health(StrEnum):
    """From good to bad; `unknown` where too little was seen."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Status:
    """The health and why."""

    health: Health
    reason: str


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of calls with the limits at which the model is degraded and unhealthy."""

    words: str
    degraded: float
    unhealthy: float

    def of(self, part: int, whole: int, before: Health) -> Status:
        """The status by this rate alone, given the one before."""
        low, _ = wilson(part, whole)
        share = part / whole if whole else 0.0
        for health, limit in ((Health.UNHEALTHY, self.unhealthy), (Health.DEGRADED, self.degraded)):
            stays = SEVERITY[before] >= SEVERITY[health] and share > limit * CALMER and whole >= LEAST_CALLS
            if low > limit or stays:
                return Status(health, f"{self.words} {share:.1%} of {whole} calls (limit {limit:.0%})")
        return Status(Health.HEALTHY, f"{self.words} {share:.1%} of {whole} calls")


SEVERITY = {Health.UNKNOWN: 0, Health.HEALTHY: 0, Health.DEGRADED: 1, Health.UNHEALTHY: 2}
ERRORS = Rate("errors in", 0.01, 0.05)
LOW_CONFIDENCE = Rate("low confidence in", 0.15, 0.20)


class HealthRules:
    """Remembers the last status of each rate, which is what hysteresis needs."""

    def __init__(self, errors: Rate = ERRORS, low_confidence: Rate = LOW_CONFIDENCE) -> None:
        self._rates = (errors, low_confidence)
        self._before = [Health.HEALTHY, Health.HEALTHY]

    def judge(self, seen: Minute) -> Status:
        """The worse of the two rates."""
        if seen.calls < LEAST_CALLS:
            self._before = [Health.HEALTHY, Health.HEALTHY]
            return Status(Health.UNKNOWN, f"{seen.calls} calls; {LEAST_CALLS} are needed to tell")
        counts = ((seen.errors, seen.calls), (seen.low_confidence, seen.confident))
        found = [
            rate.of(part, whole, before)
            for rate, (part, whole), before in zip(self._rates, counts, self._before, strict=True)
        ]
        self._before = [status.health for status in found]
        return max(found, key=lambda status: SEVERITY[status.health])

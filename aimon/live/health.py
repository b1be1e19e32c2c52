"""Whether a model is healthy, by its errors and by how sure it is, with hysteresis. In: minutes. Out: a status and why.

A rate is beyond a limit when the lower end of its 95 % interval is, so that three errors among ten calls are no outage.
Once beyond, it is back within when the rate itself is below four fifths of the limit, so that the status does not flap.
The status is told from the minutes alone, from the oldest on, so every worker tells the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from aimon.live.minute import Minute, total
from aimon.metrics.proportions import wilson

WINDOW_MINUTES = 5
LEAST_CALLS = 20
CALMER = 0.8


class Health(StrEnum):
    """From good to bad; `unknown` where too little was seen."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"
    UNKNOWN = "unknown"


SEVERITY = {Health.UNKNOWN: 0, Health.HEALTHY: 0, Health.DEGRADED: 1, Health.UNHEALTHY: 2}


@dataclass(frozen=True, slots=True)
class Status:
    """The health and why."""

    health: Health
    reason: str


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of calls, and beyond which shares the model is degraded and unhealthy."""

    words: str
    degraded: float
    unhealthy: float

    def judge(self, part: int, whole: int, before: Health) -> Status:
        """The status by this rate alone, given the one before."""
        if not whole:
            return Status(Health.HEALTHY, "")
        low, share = float(wilson(part, whole)[0]), part / whole
        for health, limit in ((Health.UNHEALTHY, self.unhealthy), (Health.DEGRADED, self.degraded)):
            stays = SEVERITY[before] >= SEVERITY[health] and share > limit * CALMER
            if low > limit or stays:
                return Status(health, f"{self.words} {share:.1%} of {whole:,} calls (limit {limit:.0%})")
        return Status(Health.HEALTHY, f"{self.words} {share:.1%} of {whole:,} calls")


ERRORS = Rate("errors in", 0.01, 0.05)
LOW_CONFIDENCE = Rate("low confidence in", 0.15, 0.20)


def judge(minutes: Sequence[Minute], now: int) -> Status:
    """The status at the minute `now`, from all minutes that are known."""
    if not minutes:
        return Status(Health.UNKNOWN, "no calls")
    before = [Health.HEALTHY, Health.HEALTHY]
    found = Status(Health.UNKNOWN, "no calls")
    for at in range(min(each.number for each in minutes), now + 1):
        seen = total((each for each in minutes if at - WINDOW_MINUTES < each.number <= at), at)
        if seen.calls < LEAST_CALLS:
            before = [Health.HEALTHY, Health.HEALTHY]
            found = Status(Health.UNKNOWN, f"{seen.calls} calls; {LEAST_CALLS} are needed to tell")
            continue
        both = (
            ERRORS.judge(seen.errors, seen.calls, before[0]),
            LOW_CONFIDENCE.judge(seen.low_confidence, seen.confident, before[1]),
        )
        before = [each.health for each in both]
        found = max(both, key=lambda status: SEVERITY[status.health])
    return found

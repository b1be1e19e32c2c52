"""Causes: what one incident is about, and whether it is about now or about the past."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from aimon import clock

HISTORIC_AFTER = timedelta(days=3)
"""A day that ended longer ago than this is history: its findings are kept, and nobody is told."""


class Kind(StrEnum):
    """What went wrong, roughly."""

    FINDINGS = "findings"
    FAILURE = "failure"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Cause:
    """What findings are grouped by. `subject` is the check or the step."""

    kind: Kind
    model: str
    subject: str

    def __str__(self) -> str:
        return f"{self.kind}|{self.model}|{self.subject}"


def is_historic(day: date) -> bool:
    """Whether findings about the day are about the past, as after a backfill."""
    return clock.now() - clock.day_end(day) > HISTORIC_AFTER

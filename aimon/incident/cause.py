"""Causes: what one incident is about, and whether it is about now or about the past."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from hashlib import sha256

from aimon import clock
from aimon.store.columns import Label
from aimon.verdict.record import Family

HISTORIC_AFTER = timedelta(days=3)
"""What could be known longer ago than this is history: its findings are kept, and nobody is told."""

CHECK_FAMILIES: dict[str, tuple[Family, ...]] = {
    "quality": (Family.QUALITY,),
    "drift": (Family.DRIFT,),
    "fairness": (Family.FAIRNESS,),
    "performance": (Family.PERFORMANCE, Family.ESTIMATE),
    "operations": (Family.OPERATIONS, Family.PRIVACY),
}
"""Which families of records each check speaks for."""


OF_THE_MODEL = "the model"
LONGEST_SUBJECT = 120


class Kind(StrEnum):
    """What went wrong, roughly.

    `findings` are those of a check that failed and left no numbers, an `alert` is what somebody said.
    """

    DATA = "data"
    LABELS = "labels"
    DRIFT = "drift"
    UNFAIR = "unfair"
    PERFORMANCE = "performance"
    BUDGET = "budget"
    OPERATIONS = "operations"
    FINDINGS = "findings"
    FAILURE = "failure"
    SILENCE = "silence"
    ALERT = "alert"


_CHECKS = {
    Kind.DATA: "quality",
    Kind.LABELS: "performance",
    Kind.DRIFT: "drift",
    Kind.UNFAIR: "fairness",
    Kind.PERFORMANCE: "performance",
    Kind.BUDGET: "operations",
    Kind.OPERATIONS: "operations",
}


@dataclass(frozen=True, slots=True)
class Cause:
    """What findings are grouped by. `subject` is the column, attribute, budget, check or step."""

    kind: Kind
    model: str
    subject: str

    @property
    def check(self) -> str:
        """The check that speaks of it; the subject itself where that is one, or a step."""
        return _CHECKS.get(self.kind, self.subject)

    @property
    def is_judged(self) -> bool:
        """Whether a check finds it, and so can find it gone; failures and silence are told otherwise."""
        return self.kind not in (Kind.FAILURE, Kind.SILENCE, Kind.ALERT)

    def __str__(self) -> str:
        return f"{self.kind}|{self.model}|{self.subject}"


def check_of(family: str) -> str:
    """The check that speaks for a family; a finding without a record has its check's own name as the family."""
    return next((check for check, families in CHECK_FAMILIES.items() if family in families), family)


def is_historic(day: date, horizon: timedelta = timedelta(0)) -> bool:
    """Whether what could be known of the day so long after it ended is about the past, as after a backfill."""
    return clock.now() - clock.day_end(day) - horizon > HISTORIC_AFTER


def named(column: Label | None) -> str:
    """A column or attribute as a subject: short enough for an index, and no other one's.

    >>> named("income"), named(("sex", "age")), named(None)
    ('income', 'sex x age', 'the model')
    """
    if column is None:
        return OF_THE_MODEL
    text = (column if isinstance(column, str) else " x ".join(map(str, column))).replace("\0", "")
    if len(text) <= LONGEST_SUBJECT:
        return text
    return f"{text[:LONGEST_SUBJECT]}... {sha256(text.encode()).hexdigest()[:12]}"

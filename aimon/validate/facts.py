"""What is known of a day beside its rows, and what follows from it for the suite. In: facts. Out: parameters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import ceil, floor

from aimon.clock import SLOTS_PER_DAY, day_end, day_start, elapsed_slots
from aimon.validate.history import Bounds, PastDay, expected_rows, fresh_after

NO_BOUND = 2**62
TOLERANCE = timedelta(minutes=5)
"""How far a machine's clock may be ahead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """`as_of` says up to when rows are to be expected, `read_at` when they were read, which nothing can be later than.

    `duplicates` were left out when the day was written, `quarantined` kept apart, by reason. `rows` are the day's where
    the table holds a part of them only. `history` are the days before, in any order.
    """

    as_of: datetime
    read_at: datetime | None = None
    duplicates: int = 0
    quarantined: Mapping[str, int] = field(default_factory=dict)
    history: Sequence[PastDay] = ()
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Expected:
    """What the day is held against."""

    day: date
    elapsed: int
    rows: Bounds | None
    fresh_after: datetime | None
    latest_possible: datetime

    @classmethod
    def of(cls, day: date, facts: Facts) -> "Expected":
        """What follows from the facts."""
        elapsed = elapsed_slots(day, facts.as_of)
        past = [each for each in facts.history if each.day < day]
        return cls(
            day=day,
            elapsed=elapsed,
            rows=expected_rows(past, day, elapsed),
            fresh_after=fresh_after(past, day, elapsed),
            latest_possible=min(day_end(day), (facts.read_at or facts.as_of) + TOLERANCE),
        )

    @property
    def rows_are_due(self) -> bool:
        """Whether an empty day says that something broke."""
        return self.rows is not None and self.rows.least >= 1

    def parameters(self, facts: Facts, part: float) -> dict[str, float]:
        """The suite's parameters; bounds on rows are for the part of the day's rows that the suite sees."""
        bounds, over = self.rows, self.elapsed == SLOTS_PER_DAY
        return {
            "needed_rows": int(self.rows_are_due),
            "least_rows": floor(bounds.least * part) if bounds else 0,
            "most_rows": ceil(bounds.most * part) if bounds and over else NO_BOUND,
            "quarantined": ceil(sum(facts.quarantined.values()) * part),
            "duplicates": ceil(facts.duplicates * part),
            "first_instant": day_start(self.day).timestamp(),
            "last_instant": self.latest_possible.timestamp(),
            "fresh_after": self.fresh_after.timestamp() if self.fresh_after else 0.0,
        }

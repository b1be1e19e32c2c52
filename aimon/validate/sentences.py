"""Each finding in a sentence: what was counted, and what it is held against. Names columns, never a value of one."""

from collections.abc import Callable
from dataclasses import dataclass

from aimon.clock import iso
from aimon.validate.facts import Expected, Facts
from aimon.validate.plan import Planned


@dataclass(frozen=True, slots=True)
class Outcome:
    """An expectation's counts, with what is known of the day."""

    planned: Planned
    failing: int
    rows: int
    passed: bool
    day_rows: int
    facts: Facts
    expected: Expected

    @property
    def share(self) -> str:
        """The failing rows among all."""
        return percent(self.failing / self.rows if self.rows else 0.0)


def sentence(outcome: Outcome) -> str:
    """The finding in words."""
    return _SENTENCES[outcome.planned.name](outcome)


def percent(share: float) -> str:
    """A share as people read it.

    >>> percent(0.1234), percent(0.00002), percent(0.0), percent(1.0)
    ('12.3 %', '0.002 %', '0 %', '100 %')
    """
    return f"{100 * share:.3g} %"


def _rows(outcome: Outcome) -> str:
    expected = outcome.expected.rows
    if expected is None or outcome.day_rows:
        return f"the day has {outcome.day_rows:,} rows"
    return f"the day has no rows, where {expected.usual:,.0f} are usual"


def _volume(outcome: Outcome) -> str:
    expected = outcome.expected.rows
    if expected is None:
        return f"{outcome.day_rows:,} rows; there is no week of past days to compare them with"
    until = "" if outcome.expected.elapsed == 4 else " by this hour"
    return (
        f"{outcome.day_rows:,} rows, where {expected.usual:,.0f} are usual{until} and {expected.least:,.0f} to "
        f"{expected.most:,.0f} nothing odd"
    )


def _quarantine(outcome: Outcome) -> str:
    apart = outcome.facts.quarantined
    total = sum(apart.values())
    if not total:
        return "every row can be used"
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in sorted(apart.items()))
    return f"{total:,} of {outcome.day_rows + total:,} rows cannot be used and were kept apart: {reasons}"


def _prediction(outcome: Outcome) -> str:
    column = outcome.planned.column
    return f"{column} has values" if outcome.passed else f"none of the {outcome.rows:,} rows has a value in {column}"


def _duplicate_ids(outcome: Outcome) -> str:
    dropped = outcome.facts.duplicates
    left = f", {dropped:,} of which were left out" if dropped else ""
    return f"{outcome.failing:,} of {outcome.rows:,} rows repeat the {outcome.planned.column} of another{left}"


def _clock_skew(outcome: Outcome) -> str:
    last = iso(outcome.expected.latest_possible)
    return f"{outcome.failing:,} of {outcome.rows:,} rows are stamped outside the day or later than {last}"


def _freshness(outcome: Outcome) -> str:
    after = outcome.expected.fresh_after
    if after is None:
        return "there is no week of past days to tell how late rows usually come"
    return f"the last row is {'from after' if outcome.passed else 'older than'} {iso(after)}"


def _against_reference(what: str) -> Callable[[Outcome], str]:
    def told(outcome: Outcome) -> str:
        reference = outcome.planned.reference
        before = "" if reference is None else f", {percent(reference.share)} in the reference"
        return f"{outcome.planned.column}: {outcome.share} of the values {what}{before}"

    return told


_SENTENCES: dict[str, Callable[[Outcome], str]] = {
    "rows": _rows,
    "volume": _volume,
    "quarantine": _quarantine,
    "prediction": _prediction,
    "duplicate_ids": _duplicate_ids,
    "clock_skew": _clock_skew,
    "freshness": _freshness,
    "nulls": _against_reference("are missing"),
    "type": _against_reference("cannot be read as what they are in the reference"),
    "range": _against_reference("are beyond the reference's smallest and largest"),
    "categories": _against_reference("are categories the reference never had"),
}

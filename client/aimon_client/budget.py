"""Spending against a budget. In: costs with their moments. Out: a word at 80 % and at 100 %, once a period."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

MARKS = (Decimal("0.8"), Decimal(1))


@dataclass(frozen=True, slots=True)
class Spent:
    """A mark of the budget that the spending passed."""

    period: str
    since: date
    spent: Decimal
    budget: Decimal

    def __str__(self) -> str:
        return f"{self.spent:.2f} of the {self.period} budget of {self.budget:.2f} US dollars is spent"


class Budget:
    """A sum for each UTC day, or for each week from Monday."""

    def __init__(self, amount: Decimal, period: str) -> None:
        self.amount = amount
        self.period = period
        self.since = date.min
        self.spent = Decimal(0)
        self._told = 0

    def add(self, cost: Decimal, at: float) -> Spent | None:
        """Count a cost; says when a mark is passed for the first time in the period."""
        since = self._first_day(datetime.fromtimestamp(at, UTC).date())
        if since > self.since:
            self.since, self.spent, self._told = since, Decimal(0), 0
        self.spent += cost
        passed = sum(self.spent >= mark * self.amount for mark in MARKS)
        if passed <= self._told:
            return None
        self._told = passed
        return Spent(self.period, self.since, self.spent, self.amount)

    def _first_day(self, day: date) -> date:
        return day - timedelta(days=day.weekday()) if self.period == "weekly" else day

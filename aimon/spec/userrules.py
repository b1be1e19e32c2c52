"""Rules of the user's own, on any metric: what is beyond them is a finding, beside what the built-in limits find.

A rule bounds the value (`above`, `below`) or its change (`rises_by`, `falls_by`) from the baseline or from the same
weekday last week. A change is a number in the metric's unit, or a percentage of what it is compared with.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from aimon.spec.declared import Declared, FiniteNumber, Flag
from aimon.spec.several import OneOrMany
from aimon.spec.wording import found, listed, quoted

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$"
TOTALS = ("volume", "tokens", "cost_usd")
"""Metrics that grow with the window; what a baseline of many days holds of them is no measure of a day."""

CONDITIONS = ("above", "below", "rises_by", "falls_by")
_PERCENTAGE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?%")


class From(StrEnum):
    """What a change is measured from."""

    BASELINE = "baseline"
    LAST_WEEK = "last_week"


@dataclass(frozen=True, slots=True)
class Change:
    """How much something may change: in the metric's unit, or as a share of what it is compared with."""

    amount: float
    relative: bool = False

    def __str__(self) -> str:
        return f"{self.amount * 100:g}%" if self.relative else f"{self.amount:g}"


def parse_change(value: Any) -> Change:
    """Turn `0.05` or `20%` into a change.

    >>> parse_change("20%"), parse_change(5)
    (Change(amount=0.2, relative=True), Change(amount=5.0, relative=False))
    """
    if isinstance(value, Change):
        return value
    if isinstance(value, str) and (percentage := _PERCENTAGE.fullmatch(value)):
        return Change(float(percentage[1]) / 100, relative=True)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < float("inf"):
        return Change(float(value))
    raise ValueError(f"found {found(value)}, expected a number such as 0.05, or a percentage such as 20%; not below 0")


def check_rule_name(name: str) -> str:
    """Let only names through that a sentence and a table can hold."""
    if re.fullmatch(NAME_PATTERN, name) is None:
        raise ValueError(f"{quoted(name)} is not a name of a rule; use up to 60 letters, digits, '_' and '-'")
    return name


Amount = Annotated[
    Change,
    BeforeValidator(parse_change),
    PlainSerializer(lambda change: str(change) if change.relative else change.amount),
    WithJsonSchema({"type": ["number", "string"], "examples": [0.05, "20%"]}),
]
Patterns = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], OneOrMany]


class RuleSpec(Declared):
    """One rule. It speaks of all rows unless it names segments."""

    name: Annotated[str, AfterValidator(check_rule_name)] = Field(description="how incidents call the rule")
    metric: Annotated[str, Field(min_length=1)] = Field(description="which metric it bounds")
    above: FiniteNumber | None = Field(default=None, description="which value a finding lies above")
    below: FiniteNumber | None = Field(default=None, description="which value a finding lies below")
    rises_by: Amount | None = Field(default=None, description="by more than how much a finding has risen: 0.05 or 20%")
    falls_by: Amount | None = Field(default=None, description="by more than how much a finding has fallen: 0.05 or 20%")
    from_: From | None = Field(
        default=None, alias="from", description="what a change is measured from: baseline or last_week"
    )
    window: Literal["1d", "24h", "7d", "30d"] = Field(default="1d", description="over which window the metric is taken")
    windows: Annotated[int, Field(strict=True, ge=1, le=30)] = Field(
        default=1, description="in how many windows in a row it has to hold"
    )
    interval: Flag = Field(default=False, description="whether the whole interval has to be beyond, not just the value")
    column: Patterns = Field(default=(), description="which columns are meant, such as income; default: all")
    segment: Patterns = Field(default=(), description="which segments are meant, such as channel=*; default: all rows")
    group: Patterns = Field(default=(), description="which groups or classes are meant; default: all")
    severity: Literal["warning", "critical"] = Field(default="warning", description="how bad a finding is")

    @model_validator(mode="after")
    def _sound(self) -> Self:
        written = [key for key in CONDITIONS if getattr(self, key) is not None]
        if len(written) != 1:
            many = f"{listed(written, 'and')} are written" if written else "says nothing about the value"
            raise ValueError(f"{many}; write one of {listed(CONDITIONS)}")
        changes = written[0] in ("rises_by", "falls_by")
        if changes and self.from_ is None:
            raise ValueError(f"{written[0]} is measured from something; add from: baseline or from: last_week")
        if not changes and self.from_ is not None:
            raise ValueError(f"from goes with rises_by or falls_by, and {written[0]} is a number by itself; remove one")
        return self

    @property
    def is_ceiling(self) -> bool:
        """Whether what lies above is bad."""
        return self.above is not None or self.rises_by is not None

    @property
    def change(self) -> Change | None:
        """How much change it allows, where it bounds a change."""
        return self.rises_by or self.falls_by

    def bound(self, reference: float) -> tuple[float, float]:
        """The limit as `factor * reference + offset`, given as (factor, offset)."""
        if self.change is None:
            return 0.0, float(self.above if self.above is not None else self.below or 0.0)
        sign = 1.0 if self.is_ceiling else -1.0
        if not self.change.relative:
            return 1.0, sign * self.change.amount
        return 1.0 + sign * self.change.amount * (1.0 if reference >= 0 else -1.0), 0.0

    def __str__(self) -> str:
        condition = next(f"{key} {getattr(self, key)}" for key in CONDITIONS if getattr(self, key) is not None)
        return " ".join(
            part
            for part in (
                self.metric,
                f"of {', '.join(self.column)}" if self.column else "",
                f"for {', '.join(self.group)}" if self.group else "",
                f"where {', '.join(self.segment)}" if self.segment else "",
                condition.replace("_", " "),
                f"from {self.from_.replace('_', ' ')}" if self.from_ else "",
                f"over {self.window}",
                f"{self.windows} times in a row" if self.windows > 1 else "",
                "with its whole interval" if self.interval else "",
            )
            if part
        )

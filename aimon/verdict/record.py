"""The record: one metric of one window with its interval, limit and verdict. The product's only unit of result."""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from aimon.metrics.metric import Family

__all__ = ["Family", "Maturity", "Record", "Verdict"]


class Verdict(StrEnum):
    """What a number is worth; only `warning` and `critical` alarm."""

    OK = "ok"
    WATCH = "watch"
    WARNING = "warning"
    CRITICAL = "critical"
    INSUFFICIENT = "insufficient"
    NOT_ESTIMABLE = "not_estimable"
    UNSUPPORTED = "unsupported"

    @property
    def alarms(self) -> bool:
        return self in (Verdict.WARNING, Verdict.CRITICAL)


class Maturity(StrEnum):
    """Whether the window's labels had the model's horizon to arrive."""

    PROVISIONAL = "provisional"
    MATURE = "mature"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One metric's result. `group` and `groups` are arrays of attribute values for intersections.

    A record with a `rule` is what the user's rule of that name found, beside the metric's own record.
    """

    family: Family
    metric: str
    column: str | tuple[str, ...] | None = None
    segment: str | None = None
    group: str | tuple[str, ...] | None = None
    groups: tuple[str, str] | tuple[tuple[str, ...], tuple[str, ...]] | None = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    threshold: float | None = None
    verdict: Verdict = Verdict.OK
    maturity: Maturity | None = None
    n_reference: int | None = None
    n_current: int | None = None
    low_power: bool = False
    reason: str | None = None
    rule: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The record as the API and `aimon compare` print it."""
        return {name: getattr(self, name) for name in _FIELDS}


_FIELDS = tuple(field.name for field in fields(Record))

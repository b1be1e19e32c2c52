"""The estimate: one metric's number with its uncertainty, before anybody judged it. The output of every metric."""

from dataclasses import dataclass
from enum import StrEnum

Column = str | tuple[str, ...] | None
Group = str | tuple[str, ...] | None
Pair = tuple[str, str] | tuple[tuple[str, ...], tuple[str, ...]] | None


class Obstacle(StrEnum):
    """Why a number cannot be judged. The values are the verdicts that say so."""

    TOO_FEW_ROWS = "insufficient"
    NO_DENOMINATOR = "not_estimable"
    ASSUMPTION = "unsupported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How far a value lies from the baseline's: current minus baseline, or their ratio minus 1 where `relative`."""

    baseline: float
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A value with the interval that holds the truth, and the rows that it rests on.

    `bins` are the degrees of freedom plus one of a divergence whose power is that of a noncentral chi-square test.
    `primary` marks the one test a column that may raise the drift alarm; `described` one to which no default limit
    applies. `obstacle` says why it cannot be judged, in the words of `note`.
    """

    metric: str
    column: Column = None
    group: Group = None
    groups: Pair = None
    value: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    n_reference: int | None = None
    n_current: int | None = None
    change: Change | None = None
    bins: int | None = None
    primary: bool = False
    described: bool = False
    labels: bool = False
    obstacle: Obstacle | None = None
    note: str | None = None

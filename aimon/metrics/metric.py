"""What the registry says of a metric: its formula, unit, which way is worse, and from where on it is a finding."""

from dataclasses import dataclass
from enum import StrEnum

from aimon.spec.model import Limit


class Family(StrEnum):
    """What a metric speaks about."""

    DRIFT = "drift"
    QUALITY = "quality"
    FAIRNESS = "fairness"
    PERFORMANCE = "performance"
    ESTIMATE = "estimate"
    OPERATIONS = "operations"
    PRIVACY = "privacy"


class Direction(StrEnum):
    """Which way a value is worse."""

    HIGHER = "higher is worse"
    LOWER = "lower is worse"
    EITHER = "far from 0 is worse"
    NEITHER = "describes"


class Basis(StrEnum):
    """What the default limit bounds."""

    VALUE = "the value"
    DROP = "the fall below the baseline's value"
    RISE = "the rise above the baseline's value"
    GROWTH = "the growth relative to the baseline's value"
    MOVE = "the move away from the baseline's value"


class Scope(StrEnum):
    """What one record of the metric is about."""

    MODEL = "the model"
    COLUMN = "each column"
    GROUP = "each group of a protected attribute"
    GROUPS = "the groups of a protected attribute"
    CLASS = "each class"


NO_LIMIT = Limit()
EACH_BOUND = "each bound holds with 95 %"
"""How the interval of a measure begins whose bounds hold one at a time, not together."""
WORST_CASES = "worst cases, not chance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One declared metric. `ideal` is its value where nothing is wrong; `why` explains the default limit."""

    name: str
    family: Family
    formula: str
    unit: str
    direction: Direction
    scopes: tuple[Scope, ...]
    interval: str
    limit: Limit = NO_LIMIT
    basis: Basis = Basis.VALUE
    ideal: float | None = None
    primary: bool = False
    needs_labels: bool = False
    why: str = "No default limit: it describes."
    reference: str = ""

    @property
    def bounds(self) -> str:
        """What the numbers beside the value are, in two or three words."""
        if self.interval == WORST_CASES:
            return "worst cases"
        return "one-sided 95% bounds" if self.interval.startswith(EACH_BOUND) else "95% interval"

    @property
    def limited(self) -> bool:
        """Whether a default limit judges it."""
        return self.limit.warning is not None or self.limit.critical is not None

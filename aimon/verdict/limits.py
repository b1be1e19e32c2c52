"""Which limit judges an estimate: what the model's file declares, else the registry's default. Knows no numbers."""

import math
from dataclasses import dataclass

from aimon.metrics.estimate import Estimate
from aimon.metrics.metric import Basis, Direction, Family, Metric
from aimon.spec.model import Limit, ModelSpec


@dataclass(frozen=True, slots=True)
class Limits:
    """Warning and critical limit, what they bound, and which way is worse. `declared` by the user, or the default."""

    warning: float | None
    critical: float | None
    basis: Basis
    direction: Direction
    ideal: float | None
    declared: bool

    @property
    def material(self) -> float | None:
        """What must not go unnoticed: the last limit; where there is one only, as far again from the ideal."""
        first, last = self.first, self.last
        if first is None or last is None:
            return None
        if first != last:
            return last
        origin = self.ideal if self.basis is Basis.VALUE else 0.0
        return None if origin is None else first + (first - origin)

    @property
    def first(self) -> float | None:
        """The limit that is reached first."""
        return self.critical if self.warning is None else self.warning

    @property
    def last(self) -> float | None:
        """The limit that is reached last."""
        return self.warning if self.critical is None else self.critical


def limits_of(spec: ModelSpec, metric: Metric, estimate: Estimate, segment: str | None) -> Limits | None:
    """The limits of one estimate; None where nothing limits it, which makes it descriptive.

    A declared exception for the segment comes first, then one for the column, then the metric's declared limit, then
    the default. Each replaces both limits of the next. Declared limits bound the value itself, and so do most defaults;
    an operational default that the baseline was beyond already bounds the rise above the baseline.
    """
    declared = _declared(spec, metric.name, estimate, segment)
    if declared is not None:
        direction = _direction(metric, declared)
        return Limits(declared.warning, declared.critical, Basis.VALUE, direction, metric.ideal, declared=True)
    if not metric.limited or estimate.described:
        return None
    limit, change, basis = metric.limit, estimate.change, metric.basis
    if metric.family is Family.OPERATIONS and change is not None and change.baseline > (limit.warning or math.inf):
        basis = Basis.RISE
    return Limits(limit.warning, limit.critical, basis, metric.direction, metric.ideal, declared=False)


def _declared(spec: ModelSpec, name: str, estimate: Estimate, segment: str | None) -> Limit | None:
    threshold = spec.thresholds.get(name)
    if threshold is None:
        return None
    column = "*".join(estimate.column) if isinstance(estimate.column, tuple) else estimate.column
    exceptions = (
        None if segment is None else threshold.segments.get(segment),
        None if column is None else threshold.columns.get(column),
        threshold,
    )
    for limit in exceptions:
        if limit is not None and (limit.warning is not None or limit.critical is not None):
            return limit
    return None


def _direction(metric: Metric, limit: Limit) -> Direction:
    """The metric's direction; for one that only describes, the order of the two limits tells."""
    if metric.direction is not Direction.NEITHER:
        return metric.direction
    falls = limit.warning is not None and limit.critical is not None and limit.critical < limit.warning
    return Direction.LOWER if falls else Direction.HIGHER

"""Metrics of the user's own, beside the registry. In: what a model declares, and estimates. Out: further estimates.

A value is the formula of the values; its bounds are the worst cases of theirs, so they hold more than 95 % of the
time. A formula that reads labels is as mature as they are.
"""

from collections.abc import Iterable, Mapping, Sequence

from aimon.metrics.estimate import Estimate, Obstacle
from aimon.metrics.metric import WORST_CASES, Direction, Family, Metric, Scope
from aimon.metrics.registry import METRICS
from aimon.spec.formula import Range
from aimon.spec.model import Limit, ModelSpec
from aimon.spec.ownmetrics import OwnMetric


def metric_of(spec: ModelSpec, name: str) -> Metric:
    """The metric of that name: a built-in one, or one of the model's own."""
    if name in METRICS:
        return METRICS[name]
    return _described(next(own for own in spec.metrics if own.name == name))


def own_estimates(spec: ModelSpec, estimates: Iterable[Estimate]) -> list[tuple[Family, Estimate]]:
    """The model's own metrics of the rows that the estimates are about."""
    if not spec.metrics:
        return []
    of_all = {each.metric: each for each in estimates if each.column is None and each.group is None}
    return [(_described(own).family, _estimate(own, of_all)) for own in spec.metrics]


def is_of_all_rows(name: str) -> bool:
    """Whether a formula can read the metric: a built-in one has a value for all rows, or has none to tell."""
    return name not in METRICS or Scope.MODEL in METRICS[name].scopes


def _described(own: OwnMetric) -> Metric:
    reads_labels = any(METRICS[name].needs_labels for name in own.read.names if name in METRICS)
    direction = {"above": Direction.HIGHER, "below": Direction.LOWER, None: Direction.NEITHER}[own.worse]
    return Metric(
        name=own.name,
        family=Family.PERFORMANCE if reads_labels else Family.OPERATIONS,
        formula=own.formula,
        unit=own.unit,
        direction=direction,
        scopes=(Scope.MODEL,),
        interval=WORST_CASES,
        limit=Limit(warning=own.warning, critical=own.critical),
        needs_labels=reads_labels,
    )


def _estimate(own: OwnMetric, of_all: Mapping[str, Estimate]) -> Estimate:
    parts = [of_all.get(name) for name in own.read.names]
    known = [part for part in parts if part is not None]
    missing = [name for name, part in zip(own.read.names, parts, strict=True) if part is None or part.value is None]
    found = None if missing else own.read.of({part.metric: _range(part) for part in known})
    note = f"{missing[0]} has no value here" if missing else None if found else "the formula divides by 0"
    return Estimate(
        metric=own.name,
        value=None if found is None else found.value,
        low=None if found is None else found.low,
        high=None if found is None else found.high,
        n_reference=_fewest([part.n_reference for part in known]),
        n_current=_fewest([part.n_current for part in known]),
        labels=any(part.labels for part in known),
        obstacle=_obstacle(known) if found is not None else Obstacle.NO_DENOMINATOR,
        note=note,
    )


def _range(part: Estimate) -> Range:
    value = part.value or 0.0
    return Range(value, value if part.low is None else part.low, value if part.high is None else part.high)


def _fewest(rows: Sequence[int | None]) -> int | None:
    known = [number for number in rows if number is not None]
    return min(known) if known else None


def _obstacle(parts: Iterable[Estimate]) -> Obstacle | None:
    return next((part.obstacle for part in parts if part.obstacle is not None), None)

"""The metrics that thresholds may name, as the reading of model files wants them."""

from aimon.metrics.metric import Direction, Metric
from aimon.metrics.registry import METRICS
from aimon.spec.rules import Worse


def known_metrics() -> dict[str, Worse | None]:
    """Every metric with the side of its limits that is bad."""
    return {name: _worse(metric) for name, metric in METRICS.items()}


def _worse(metric: Metric) -> Worse | None:
    if metric.direction is Direction.NEITHER:
        return None
    return Worse.BELOW if metric.direction is Direction.LOWER else Worse.ABOVE  # declared limits bound the value itself

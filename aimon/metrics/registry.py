"""The registry: every metric there is, by name. The only list; limits, verdicts, documents and pages read it."""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from aimon.metrics.catalogue.drift import DRIFT
from aimon.metrics.catalogue.estimate import ESTIMATES, TASKS
from aimon.metrics.catalogue.explanation import EXPLANATIONS
from aimon.metrics.catalogue.fairness import FAIRNESS
from aimon.metrics.catalogue.multivariate import MULTIVARIATE
from aimon.metrics.catalogue.operations import OPERATIONS
from aimon.metrics.catalogue.performance import PERFORMANCE
from aimon.metrics.catalogue.quality import QUALITY
from aimon.metrics.metric import Family, Metric, Scope

METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        metric.name: metric
        for metric in (
            *DRIFT,
            *MULTIVARIATE,
            *QUALITY,
            *FAIRNESS,
            *PERFORMANCE,
            *ESTIMATES,
            *TASKS,
            *EXPLANATIONS,
            *OPERATIONS,
        )
    }
)


def families_of(metrics: Collection[str]) -> set[Family] | None:
    """Where records of these metrics are found; None where one of them is not in the registry.

    What is told of a group is told under fairness, whichever metric it is.
    """
    if not all(metric in METRICS for metric in metrics):
        return None
    by_group = {Family.FAIRNESS for metric in metrics if Scope.GROUP in METRICS[metric].scopes}
    return {METRICS[metric].family for metric in metrics} | by_group

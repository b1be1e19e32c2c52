"""The registry: every metric there is, by name. The only list; limits, verdicts, documents and pages read it."""

from collections.abc import Mapping
from types import MappingProxyType

from aimon.metrics.catalogue.drift import DRIFT
from aimon.metrics.catalogue.estimate import ESTIMATES, TASKS
from aimon.metrics.catalogue.explanation import EXPLANATIONS
from aimon.metrics.catalogue.fairness import FAIRNESS
from aimon.metrics.catalogue.multivariate import MULTIVARIATE
from aimon.metrics.catalogue.operations import OPERATIONS
from aimon.metrics.catalogue.performance import PERFORMANCE
from aimon.metrics.catalogue.quality import QUALITY
from aimon.metrics.metric import Metric

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

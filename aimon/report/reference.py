"""The reference's own values of what is measured for the whole model, to set beside the current ones."""

from collections.abc import Mapping

from aimon.metrics.operations import operations
from aimon.metrics.performance import performance
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile
from aimon.verdict.record import Family, Record

ESTIMATED = "estimated_"
Place = tuple[Family, str, object, object]


def reference_values(grid: Grid, baseline: Profile) -> Mapping[Place, float]:
    """The baseline measured like a window: value by family, metric, column and group."""
    families = (
        (Family.PERFORMANCE, performance(grid, baseline, baseline)),
        (Family.OPERATIONS, operations(grid, baseline, baseline)),
    )
    return {
        (family, estimate.metric, estimate.column, estimate.group): estimate.value
        for family, estimates in families
        for estimate in estimates
        if estimate.value is not None
    }


def place_of(record: Record) -> Place:
    """Where a record's reference value is found; that of an estimate is what the reference's labels say."""
    if record.metric.startswith(ESTIMATED):
        return Family.PERFORMANCE, record.metric.removeprefix(ESTIMATED), record.column, record.group
    return record.family, record.metric, record.column, record.group

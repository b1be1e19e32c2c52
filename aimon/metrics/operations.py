"""How the service ran: volume, errors, confidence, latency, tokens, cost. In: two profiles. Out: estimates."""

from collections.abc import Iterator

import numpy as np

from aimon.metrics.estimate import Estimate
from aimon.metrics.interval import Measure, compare, count_of, share_of, undefined
from aimon.metrics.panel import axis_of, row_count
from aimon.metrics.ranks import quantile_of
from aimon.profile.axis import NumericAxis, ProbabilityAxis
from aimon.profile.grid import Grid
from aimon.profile.profile import Counts, Profile
from aimon.spec.model import Task

CONFIDENT = 0.7
MICRO = 1e-6
PERCENTILES = (("latency_p50", 0.50), ("latency_p95", 0.95), ("latency_p99", 0.99))
NO_ROWS = "there are no rows"
NO_LATENCY = "no row has a latency"
NO_SCORES = "no row has a score in [0, 1]"

Measures = dict[str, Measure]


def operations(grid: Grid, baseline: Profile, current: Profile, segment: str | None = None) -> list[Estimate]:
    """Every operational measure that the model's columns allow, with its change since the baseline."""
    before, after = (dict(_measures(grid, profile, segment)) for profile in (baseline, current))
    return [compare(metric, measure, before.get(metric)) for metric, measure in after.items()]


def _measures(grid: Grid, profile: Profile, segment: str | None) -> Iterator[tuple[str, Measure]]:
    rows = row_count(profile, segment)
    yield "volume", count_of(rows, rows)
    errors = profile.get("operations:error", segment)
    if errors is not None:
        yield "error_rate", share_of(int(errors[1]), int(errors.sum()), NO_ROWS)
    confidence = low_confidence(grid, profile, segment)
    if confidence is not None:
        yield "low_confidence_rate", confidence
    latency = profile.get("operations:latency", segment)
    axis = None if grid.latency is None else axis_of(grid, grid.latency, segment)
    if latency is not None and isinstance(axis, NumericAxis):
        for metric, share in PERCENTILES:
            yield metric, percentile(latency, axis, share)
    for metric, table, unit in (("tokens", "tokens", 1.0), ("cost_usd", "cost", MICRO)):
        sums = profile.get(f"operations:{table}", segment)
        if sums is not None:
            total = count_of(int(sums[1]), int(sums[0]))
            yield metric, Measure(*((total.value or 0.0) * unit,) * 3, total.n)


def low_confidence(grid: Grid, profile: Profile, segment: str | None) -> Measure | None:
    """The share of scored rows whose confidence is below 0.7.

    The confidence of a binary score s is max(s, 1 - s), of any other the score itself, at the middle of its step.
    """
    counts = None if grid.score is None else profile.get(f"column:{grid.score}", segment)
    axis = None if grid.score is None else axis_of(grid, grid.score, segment)
    if counts is None or not isinstance(axis, ProbabilityAxis):
        return None
    scores, rows = axis.places, counts[: axis.steps]
    confidence = np.maximum(scores, 1.0 - scores) if grid.task is Task.BINARY else scores
    return share_of(int(rows[confidence < CONFIDENT].sum()), int(rows.sum()), NO_SCORES)


def percentile(counts: Counts, axis: NumericAxis, share: float) -> Measure:
    """The latency that this share of rows does not exceed, to the width of a step; bounds between ranks.

    Reference: Conover (1999), Practical nonparametric statistics, 3.2.

    >>> axis = NumericAxis(center=0.2, scale=0.1)
    >>> seconds = np.full(1000, 0.2)
    >>> seconds[:100] = 1.5
    >>> round(percentile(np.bincount(axis.cell(seconds), minlength=axis.size), axis, 0.95).value, 2)
    1.5
    """
    steps = counts[: axis.steps]
    if not steps.any():
        return undefined(0, NO_LATENCY)
    return quantile_of(axis.places, steps.astype(np.float64), share)

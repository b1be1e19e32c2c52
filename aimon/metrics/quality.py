"""Whether the data is whole: missing, unknown, out-of-range and unreadable values. In: two profiles. Out: estimates.

Every share is of all rows of the column; its change is against the reference's share, with Newcombe's interval.
"""

from collections.abc import Iterator

import numpy as np

from aimon.metrics.bins import BEYOND_CHANCE, expected_unseen, occupied
from aimon.metrics.estimate import Change, Estimate, Obstacle
from aimon.metrics.panel import Source, column_sources, missing_cells, panel
from aimon.metrics.proportions import newcombe, wilson
from aimon.profile.axis import CategoryAxis, NumericAxis, ProbabilityAxis
from aimon.profile.grid import Grid
from aimon.profile.profile import Counts, Profile

NO_ROWS = "there are no rows to compare"
VANISHED = "the column is missing from the data, so its rows count as null"


def quality(grid: Grid, baseline: Profile, current: Profile, segment: str | None = None) -> list[Estimate]:
    """The shares of every column that its axis can show, and the distinct values of categories."""
    compared = panel(column_sources(grid, segment), baseline, current, segment)
    estimates = []
    for source, before, after in zip(compared.sources, compared.reference, compared.current, strict=True):
        vanished = source.column in compared.absent
        for metric, cells in _shares(source):
            expected = int(before[cells].sum())
            if metric == "unseen_share" and isinstance(source.axis, CategoryAxis):
                expected = round(expected_unseen(source.axis, before) * int(before.sum()))
            sides = (expected, before), (int(after[cells].sum()), after)
            blind = metric in ("unseen_share", "out_of_range")
            estimates.append(share_change(metric, source.column, *sides, vanished=vanished, blind=blind))
    if segment is None:
        estimates += [*_empty(grid, baseline, current), *_distinct(grid, baseline, current)]
    return estimates


def _shares(source: Source) -> Iterator[tuple[str, list[int]]]:
    """The cells of each share of the column; a missing value is null, or NaN among numbers."""
    axis = source.axis
    yield "missing_shift", missing_cells(axis)
    match axis:
        case CategoryAxis():
            yield "unseen_share", [axis.unseen]
        case NumericAxis():
            first, last = occupied(axis)
            yield "out_of_range", [*range(first), *range(last + 1, axis.steps)]
            yield "infinite_share", [axis.negative_infinity, axis.positive_infinity]
            yield "unreadable_share", [axis.unreadable]
        case ProbabilityAxis():
            yield "out_of_range", [axis.outside]
            yield "unreadable_share", [axis.unreadable]
        case _:
            return


def share_change(
    metric: str,
    column: str,
    before: tuple[int, Counts],
    after: tuple[int, Counts],
    *,
    vanished: bool = False,
    blind: bool = False,
) -> Estimate:
    """A share of rows and its change since the reference. A `_shift` is the change itself.

    `blind` shares are of what the reference has not seen: values that make up 20/n of all rows are missed by a
    reference of n rows with a chance of e^-20, so the change's lower bound is taken that much lower.

    >>> estimate = share_change("missing_shift", "age", (10, np.array([100])), (30, np.array([100])))
    >>> round(estimate.value, 2), round(estimate.low, 3), round(estimate.high, 3)
    (0.2, 0.09, 0.306)
    """
    x, n, y, m = before[0], int(before[1].sum()), after[0], int(after[1].sum())
    if n == 0 or m == 0:
        return Estimate(
            metric=metric, column=column, n_reference=n, n_current=m, obstacle=Obstacle.TOO_FEW_ROWS, note=NO_ROWS
        )
    low, high = (float(bound) for bound in newcombe(x, n, y, m))
    if blind:
        low -= BEYOND_CHANCE / n
    moved = Change(baseline=x / n, value=y / m - x / n, low=low, high=high)
    is_change = metric.endswith("_shift")
    if not is_change:
        low, high = (float(bound) for bound in wilson(y, m))
    return Estimate(
        metric=metric,
        column=column,
        value=moved.value if is_change else y / m,
        low=low,
        high=high,
        n_reference=n,
        n_current=m,
        change=moved,
        note=VANISHED if vanished else None,
    )


def _empty(grid: Grid, baseline: Profile, current: Profile) -> Iterator[Estimate]:
    """The change in the share of empty texts."""
    for column in grid.columns:
        before, after = baseline.get(f"empty:{column}"), current.get(f"empty:{column}")
        if before is not None and after is not None:
            yield share_change("empty_shift", column, (int(before[1]), before), (int(after[1]), after))


def _distinct(grid: Grid, baseline: Profile, current: Profile) -> Iterator[Estimate]:
    """How many values a category took in the window."""
    for column in grid.columns:
        before, after = (_distinct_values(grid, column, profile) for profile in (baseline, current))
        if after is not None:
            value, low, high, rows = after
            yield Estimate(
                metric="distinct_count",
                column=column,
                value=value,
                low=low,
                high=high,
                n_reference=None if before is None else before[3],
                n_current=rows,
            )


def _distinct_values(grid: Grid, column: str, profile: Profile) -> tuple[float, float, float, int] | None:
    """Distinct values with bounds, and rows; None where they cannot be told."""
    axis, counts = grid.axes[column], profile.get(f"column:{column}")
    if counts is None or not isinstance(axis, CategoryAxis):
        return None
    rows = int(counts.sum()) - int(counts[axis.null])
    sketch = profile.get(f"distinct:{column}")
    if sketch is not None:
        value = hyperloglog(sketch)
        error = 1.04 / float(np.sqrt(len(sketch)))
        return value, value / (1.0 + 1.96 * error), value * (1.0 + 1.96 * error), rows
    if counts[axis.tail_cell] or counts[axis.unseen]:
        return None
    named = float((counts[: axis.tail_cell] > 0).sum())
    return named, named, named, rows


def hyperloglog(sketch: Counts) -> float:
    """The number of distinct values whose hashes filled these buckets; a cell counts rows by (bucket, rank - 1).

    alpha k^2 / sum 2^-rank over k buckets, and k ln(k / empty) where that is below 2.5 k and buckets are empty.
    Reference: Flajolet et al. (2007), HyperLogLog.

    >>> sketch = np.zeros((1024, 24), np.int64)
    >>> sketch[:100, 0] = 7
    >>> round(hyperloglog(sketch))
    105
    """
    buckets, ranks = sketch.shape
    seen = sketch > 0
    rank = np.where(seen.any(axis=1), ranks - seen[:, ::-1].argmax(axis=1), 0)
    estimate = 0.7213 / (1.0 + 1.079 / buckets) * buckets**2 / float((2.0**-rank).sum())
    empty = int((rank == 0).sum())
    return float(buckets * np.log(buckets / empty)) if estimate <= 2.5 * buckets and empty else float(estimate)

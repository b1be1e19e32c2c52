"""Whether the data is whole: missing, unknown, out-of-range and unreadable values. In: two profiles. Out: estimates.

Every share is of all rows of the column; its change is against the reference's share, with Newcombe's interval.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from aimon.metrics.bins import BEYOND_CHANCE, expected_unseen, occupied
from aimon.metrics.estimate import Change, Estimate, Obstacle
from aimon.metrics.panel import column_sources, missing_cells, panel
from aimon.metrics.proportions import Z95, newcombe, wilson
from aimon.profile.axis import CategoryAxis, NumericAxis, ProbabilityAxis, TableAxis
from aimon.profile.distinct import RELATIVE_ERROR, estimate_distinct
from aimon.profile.grid import Grid
from aimon.profile.profile import Counts, Profile
from aimon.spec.model import Kind

NO_ROWS = "there are no rows to compare"
BLIND = ("unseen_share", "out_of_range")
VANISHED = "the column is missing from the data, so its rows count as null"


@dataclass(frozen=True, slots=True)
class _Share:
    """Rows of one kind among all rows of a column, in the reference and in the window."""

    metric: str
    column: str
    before: int
    n: int
    after: int
    m: int
    note: str | None = None
    described: bool = False


def quality(grid: Grid, baseline: Profile, current: Profile, segment: str | None = None) -> list[Estimate]:
    """The shares of every column that its axis can show, and the distinct values of categories."""
    compared = panel(column_sources(grid, segment), baseline, current, segment)
    shares = []
    for source, before, after in zip(compared.sources, compared.reference, compared.current, strict=True):
        note = VANISHED if source.column in compared.absent else None
        n, m = int(before.sum()), int(after.sum())
        expected, seen = _rows(source.axis, before), _rows(source.axis, after)
        if isinstance(source.axis, CategoryAxis):
            expected["unseen_share"] = round(expected_unseen(source.axis, before) * n)
        moving = {"out_of_range"} if grid.kinds.get(source.column) is Kind.DATETIME else set()
        shares += [
            _Share(metric, source.column, expected[metric], n, seen[metric], m, note, metric in moving)
            for metric in expected
        ]
    if segment is None:
        shares += _empty(grid, baseline, current)
    distinct = _distinct(grid, baseline, current) if segment is None else ()
    return [*share_changes(shares), *distinct]


def _rows(axis: TableAxis, counts: Counts) -> dict[str, int]:
    """The rows of each share of the column; a missing value is null, or NaN among numbers."""
    missing = {"missing_shift": sum(int(counts[cell]) for cell in missing_cells(axis))}
    match axis:
        case CategoryAxis():
            return missing | {"unseen_share": int(counts[axis.unseen])}
        case NumericAxis():
            first, last = occupied(axis)
            return missing | {
                "out_of_range": int(counts[:first].sum()) + int(counts[last + 1 : axis.steps].sum()),
                "infinite_share": int(counts[axis.negative_infinity]) + int(counts[axis.positive_infinity]),
                "unreadable_share": int(counts[axis.unreadable]),
            }
        case ProbabilityAxis():
            return missing | {
                "out_of_range": int(counts[axis.outside]),
                "unreadable_share": int(counts[axis.unreadable]),
            }
        case _:
            return missing


def share_changes(shares: list[_Share]) -> Iterator[Estimate]:
    """Each share of rows with its change since the reference. A `_shift` is the change itself.

    Shares of what the reference has not seen, `unseen_share` and `out_of_range`, are blind spots: values that make up
    20/n of all rows are missed by a reference of n rows with a chance of e^-20, so the change's lower bound is taken
    that much lower.

    >>> (estimate,) = share_changes([_Share("missing_shift", "age", 10, 100, 30, 100)])
    >>> round(estimate.value, 2), round(estimate.low, 3), round(estimate.high, 3)
    (0.2, 0.09, 0.306)
    """
    x, n, y, m = (np.array([getattr(share, name) for share in shares]) for name in ("before", "n", "after", "m"))
    lows, highs = newcombe(x, n, y, m)
    low_shares, high_shares = wilson(y, m)
    bounds = zip(lows.tolist(), highs.tolist(), low_shares.tolist(), high_shares.tolist(), strict=True)
    for share, (low, high, low_share, high_share) in zip(shares, bounds, strict=True):
        if share.n == 0 or share.m == 0:
            yield Estimate(
                metric=share.metric,
                column=share.column,
                n_reference=share.n,
                n_current=share.m,
                obstacle=Obstacle.TOO_FEW_ROWS,
                note=NO_ROWS,
            )
            continue
        before, after = share.before / share.n, share.after / share.m
        blind = BEYOND_CHANCE / share.n if share.metric in BLIND else 0.0
        is_change = share.metric.endswith("_shift")
        yield Estimate(
            metric=share.metric,
            column=share.column,
            value=after - before if is_change else after,
            low=low if is_change else low_share,
            high=high if is_change else high_share,
            n_reference=share.n,
            n_current=share.m,
            change=Change(baseline=before, value=after - before, low=low - blind, high=high),
            described=share.described,
            note=share.note,
        )


def _empty(grid: Grid, baseline: Profile, current: Profile) -> Iterator[_Share]:
    """The empty texts."""
    for column in grid.columns:
        before, after = baseline.get(f"empty:{column}"), current.get(f"empty:{column}")
        if before is not None and after is not None:
            yield _Share("empty_shift", column, int(before[1]), int(before.sum()), int(after[1]), int(after.sum()))


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
        value, wide = estimate_distinct(sketch), 1.0 + Z95 * RELATIVE_ERROR
        return value, value / wide, value * wide, rows
    if counts[axis.tail_cell] or counts[axis.unseen]:
        return None
    named = float((counts[: axis.tail_cell] > 0).sum())
    return named, named, named, rows

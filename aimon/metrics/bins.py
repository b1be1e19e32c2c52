"""Bins: a column's fine cells as the few bins that a drift measure compares. In: a panel. Out: counts by bin.

Numbers: the deciles of the reference, cut at the grid edges nearest to its quantiles, a value that a tenth of the
reference shares in a bin of its own, then null, NaN, the infinities and unreadable text. Categories: each its own bin.
Only the reference decides the cuts; two rules keep chance from looking like drift:

- Values beyond the reference's smallest and largest have a bin of their own once they are more than chance puts there
  (`beyond_chance`). The few that chance does put there now and then (`strays`) are left to `out_of_range`; what is
  more counts in the outer decile. So one outlier changes nothing, wherever it lies. Unseen categories have theirs
  once they are more than chance and the reference's own rare values explain; until then only `unseen_share` counts
  them.
- A vocabulary with a tail that the reference cannot know in full (`expected_unseen` above 0.5 %) has one bin for the
  tail, the unseen, and every value that is not clearly more frequent than the tail's.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from aimon.metrics.panel import Panel
from aimon.profile.axis import CategoryAxis, FixedAxis, Floats, NumericAxis, ProbabilityAxis

QUANTILES = 10
BEYOND_CHANCE = 20
RARE = 5
OPEN_SHARE = 0.005
STRAYS = 7
_HEAVY = 1 / QUANTILES
_SLIVER = 1 / (2 * QUANTILES)

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Binned:
    """Counts by column and bin, filled up with unused bins. A bin is used where either side has a row."""

    reference: Floats
    current: Floats

    @property
    def used(self) -> Bools:
        return np.asarray((self.reference > 0) | (self.current > 0))


def rebin(panel: Panel) -> Binned:
    """The panel's columns in bins, in the panel's order."""
    parts = [
        (chosen, counts)
        for chosen, counts in (
            *((places, _ordered(panel.of(places))) for places in by_steps(panel)),
            _named(panel),
        )
        if chosen
    ]
    width = max((reference.shape[1] for _, (reference, _) in parts), default=0)
    binned = Binned(np.zeros((len(panel.sources), width)), np.zeros((len(panel.sources), width)))
    for chosen, (reference, current) in parts:
        binned.reference[chosen, : reference.shape[1]] = reference
        binned.current[chosen, : current.shape[1]] = current
    return binned


def by_steps(panel: Panel) -> list[list[int]]:
    """The places of the panel's numeric columns, grouped by axes of one shape."""
    shapes: dict[tuple[type, int], list[int]] = {}
    for place in panel.where(NumericAxis, ProbabilityAxis):
        axis = panel.sources[place].axis
        assert isinstance(axis, NumericAxis | ProbabilityAxis)  # noqa: S101 - as chosen
        shapes.setdefault((type(axis), axis.steps), []).append(place)
    return list(shapes.values())


def occupied(axis: NumericAxis | ProbabilityAxis) -> tuple[int, int]:
    """The first and last step of the reference's range; all steps where the axis knows none."""
    known = axis.occupied if isinstance(axis, NumericAxis) else None
    return (0, axis.steps - 1) if known is None else known


def _ordered(panel: Panel) -> tuple[Floats, Floats]:
    """Counts by bin of numeric columns that share one shape of axis."""
    axes = [source.axis for source in panel.sources]
    assert all(isinstance(axis, NumericAxis | ProbabilityAxis) for axis in axes)  # noqa: S101 - `by_steps` chose
    steps = axes[0].steps  # type: ignore[union-attr]
    reference, current = np.stack(panel.reference), np.stack(panel.current)
    starts = _cuts(reference[:, :steps])
    _beyond_range(starts, reference[:, :steps], current[:, :steps], [occupied(axis) for axis in axes])  # type: ignore[arg-type]
    cells = np.ones(reference.shape, np.int64)
    cells[:, :steps] = starts[:, :-1]
    cells[:, 0] = 0
    bins = np.cumsum(cells, axis=1)
    width = int(bins[:, -1].max()) + 1
    flat = (bins + width * np.arange(len(axes))[:, None]).ravel()
    shape = (len(axes), width)
    binned: list[Floats] = [
        np.asarray(np.bincount(flat, side.ravel(), len(axes) * width), np.float64).reshape(shape)
        for side in (reference, current)
    ]
    return binned[0], binned[1]


def _cuts(counts: NDArray[np.int64]) -> Bools:
    """Where a bin starts: entry e of a row is the boundary below step e, entry `steps` the one above the last."""
    columns, steps = counts.shape
    below = np.zeros((columns, steps + 1))
    np.cumsum(counts, axis=1, out=below[:, 1:])
    totals = below[:, -1:]
    edges = _quantile_edges(below, totals)
    starts = np.zeros(below.shape, np.bool_)
    rows, cells = np.nonzero((counts >= _HEAVY * totals) & (counts > 0))
    if len(rows):
        heavy = np.full((columns, 2 * QUANTILES), np.nan)
        rank = 2 * (np.arange(len(rows)) - np.searchsorted(rows, rows))
        heavy[rows, rank], heavy[rows, rank + 1] = below[rows, cells], below[rows, cells + 1]
        gaps = np.abs(np.take_along_axis(below, edges, 1)[:, :, None] - heavy[:, None, :])
        near = np.nan_to_num(gaps, nan=np.inf).min(axis=2) < _SLIVER * totals
        edges = np.where(near, 0, edges)
        starts[rows, cells] = starts[rows, cells + 1] = True
    np.put_along_axis(starts, edges, values=True, axis=1)
    return starts


def _quantile_edges(below: Floats, totals: Floats) -> NDArray[np.int64]:
    """The boundary nearest to each decile, by rows of the reference."""
    columns, boundaries = below.shape
    lift = (below.max() + 1.0) * np.arange(columns)[:, None]
    targets = totals * (np.arange(1, QUANTILES) / QUANTILES)
    upper = np.searchsorted((below + lift).ravel(), (targets + lift).ravel()).reshape(targets.shape)
    upper = np.clip(upper - boundaries * np.arange(columns)[:, None], 1, boundaries - 1)
    over = np.take_along_axis(below, upper, 1) - targets
    under = targets - np.take_along_axis(below, upper - 1, 1)
    edges: NDArray[np.int64] = np.where(over <= under, upper, upper - 1)
    return edges


def _beyond_range(
    starts: Bools, reference: NDArray[np.int64], current: NDArray[np.int64], ranges: list[tuple[int, int]]
) -> None:
    """Give the values beyond the reference's range bins of their own, where chance cannot have put them there.

    Else leave them out, changing the current counts in place. Where the reference has such values too, because it is
    not the one that the grid was made from, they count as others do.
    """
    bar = beyond_chance(reference.sum(axis=1), current.sum(axis=1))
    left_out = strays(reference.sum(axis=1), current.sum(axis=1))
    for row, (first, last) in enumerate(ranges):
        for outside, start, nearest in (
            (slice(None, first), first, first),
            (slice(last + 1, None), last + 1, last),
        ):
            before, after = int(reference[row, outside].sum()), int(current[row, outside].sum())
            if before + after >= bar[row]:
                starts[row, start] = True
            elif before == 0 and after > 0:
                current[row, outside] = 0
                current[row, nearest] += max(after - left_out[row], 0)


def beyond_chance(n: ArrayLike, m: ArrayLike) -> Floats:
    """How many rows of a value nobody has in n reference rows are more than chance among m rows: 20 / ln(1 + n/m).

    Without drift, k rows of a value are all in the window with probability (m / (n + m))^k; here it is e^-20.

    >>> beyond_chance(5000, 500).round(1).item(), beyond_chance(1000, 1000).round(1).item()
    (8.3, 28.9)
    """
    rows = np.maximum(np.asarray(n, np.float64), 1.0) / np.maximum(np.asarray(m, np.float64), 1.0)
    return np.asarray(BEYOND_CHANCE / np.log1p(rows))


def strays(n: ArrayLike, m: ArrayLike) -> NDArray[np.int64]:
    """How many of m rows may lie beyond one end of n reference rows before it is odd: 7 / ln(1 + n/m), at least 1.

    Without drift more than these are there in one window of a thousand (e^-7).

    >>> strays(5000, 500).item(), strays(1000, 1000).item(), strays(1000, 100_000).item()
    (3, 11, 704)
    """
    return np.ceil(beyond_chance(n, m) * STRAYS / BEYOND_CHANCE).astype(np.int64)


def _named(panel: Panel) -> tuple[list[int], tuple[Floats, Floats]]:
    """Counts by bin of the columns of named cells."""
    places = panel.where(CategoryAxis, FixedAxis)
    chosen = panel.of(places)
    width = max((source.axis.size for source in chosen.sources), default=0)
    reference, current = chosen.stacked(width)
    for row, source in enumerate(chosen.sources):
        if isinstance(source.axis, CategoryAxis):
            _unseen(source.axis, reference[row], current[row])
    return places, (reference, current)


def _unseen(axis: CategoryAxis, reference: Floats, current: Floats) -> None:
    """Make one column's counts comparable where the reference cannot know every value; changes them in place."""
    n, m = reference.sum(), current.sum()
    expected = expected_unseen(axis, reference)
    if axis.tail and expected > OPEN_SHARE:
        mean = reference[axis.tail_cell] / len(axis.tail)
        pooled = np.flatnonzero(reference[: axis.tail_cell] < mean + 4.0 * np.sqrt(mean) + 4.0)
        pooled = np.append(pooled, axis.unseen)
        for side in (reference, current):
            side[axis.tail_cell] += side[pooled].sum()
            side[pooled] = 0.0
        return
    if current[axis.unseen] <= expected * m + beyond_chance(n, m):
        reference[axis.unseen] = current[axis.unseen] = 0.0
        return
    once = float((reference[: axis.tail_cell] == 1).sum())
    reference *= 1.0 - once / max(n, 1.0)
    reference[axis.unseen] += once


def expected_unseen(axis: CategoryAxis, reference: NDArray[np.int64] | Floats) -> float:
    """The share of rows whose value the reference would not know even without drift, by Good and Turing's rule.

    It is the share of reference rows whose value came once. The tail's values are taken as such where the tail has
    fewer than five rows a value; rows that the reference itself could not name add to it.

    Reference: Good (1953), The population frequencies of species and the estimation of population parameters.

    >>> axis = CategoryAxis(values=("a", "b", "c"))
    >>> expected_unseen(axis, np.array([97, 2, 1, 0, 0, 0]))
    0.01
    """
    rows = int(reference.sum())
    if rows == 0:
        return 0.0
    tail, unseen = int(reference[axis.tail_cell]), int(reference[axis.unseen])
    once = int((reference[: axis.tail_cell] == 1).sum())
    if tail < RARE * len(axis.tail):
        once += min(len(axis.tail), tail)
    return min(1.0, (once + unseen) / rows)

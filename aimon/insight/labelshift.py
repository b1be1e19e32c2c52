"""Label shift: whether the classes came in other shares, seen in labels, or without them in what the model answered.

In: a grid, the baseline's counts, the window's. Out: estimates of each class's share, and a test of the assumption
that nothing but the shares changed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aimon.metrics.estimate import Estimate, Obstacle
from aimon.metrics.interval import Measure, compare
from aimon.profile.axis import CategoryAxis
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile
from aimon.spec.model import Task

Floats = NDArray[np.float64]

METRIC = "estimated_label_share"
BINS = 10
RESAMPLES = 400
STEPS = 300
LEAST_OF_A_CLASS = 30
MISFIT = 0.001


@dataclass(frozen=True, slots=True)
class Mixture:
    """Shares of components in observed counts, 95 % bounds, and the probability of so bad a fit by chance."""

    shares: Floats
    low: Floats
    high: Floats
    p_value: float | None


def mixture(components: Floats, observed: Floats, *, seed: int = 0) -> Mixture:
    """The shares of known components that make the observed counts most likely.

    `components` holds counts by component and bin, `observed` by bin. Maximum likelihood by expectation-maximisation;
    bounds from resampling both; the fit by Pearson's chi-square with the components' own error in each bin.
    Reference: Saerens, Latinne and Decaestecker (2002); Lipton, Wang and Smola (2018) for the assumption.

    >>> found = mixture(np.array([[80.0, 20.0], [10.0, 90.0]]) * 10, np.array([45.0, 55.0]) * 10)
    >>> found.shares.round(2).tolist()
    [0.5, 0.5]
    """
    random = np.random.default_rng(seed)
    rows, total = components.sum(axis=1), float(observed.sum())
    law = _smooth(components)
    shares = _shares(law[None], observed[None])[0]
    drawn = np.stack([random.multinomial(int(n), p, RESAMPLES) for n, p in zip(rows, law, strict=True)], axis=1)
    again = random.multinomial(int(total), shares @ law, RESAMPLES)
    spread = _shares(_smooth(drawn.astype(float)), again.astype(float)) - shares
    low, high = np.quantile(spread, [0.025, 0.975], axis=0)
    return Mixture(
        shares, np.clip(shares - high, 0.0, 1.0), np.clip(shares - low, 0.0, 1.0), _fit(law, rows, shares, observed)
    )


def estimated_label_shares(grid: Grid, baseline: Profile, current: Profile) -> list[Estimate]:
    """The share of each class among the window's labels before they arrive, as if only the shares had changed.

    Binary: from the distribution of the score; several classes: from the answers given. Where the window's scores fit
    no mixture of the reference's classes, the assumption is wrong and the estimate is unsupported.
    """
    parts = _binary(grid, baseline, current) if grid.task is Task.BINARY else _classes(grid, baseline, current)
    if parts is None:
        return []
    names, components, observed = parts
    few = components.sum(axis=1).min() < LEAST_OF_A_CLASS or observed.sum() < LEAST_OF_A_CLASS
    if few:
        note = f"the reference or the window has fewer than {LEAST_OF_A_CLASS} rows of a class"
        return [_unable(grid, name, observed, Obstacle.TOO_FEW_ROWS, note) for name in names]
    found = mixture(components, observed)
    if found.p_value is not None and found.p_value < MISFIT:
        note = "the scores changed in a way that other shares of the classes do not explain"
        return [_unable(grid, name, observed, Obstacle.ASSUMPTION, note) for name in names]
    before = components.sum(axis=1) / components.sum()
    n, m = int(components.sum()), int(observed.sum())
    return [
        compare(
            METRIC,
            Measure(float(found.shares[k]), float(found.low[k]), float(found.high[k]), m),
            _share(float(before[k]), n),
            column=grid.label,
            group=name,
        )
        for k, name in enumerate(names)
    ]


def _binary(grid: Grid, baseline: Profile, current: Profile) -> tuple[tuple[str, ...], Floats, Floats] | None:
    """Scores in ten bins of equal reference mass."""
    if grid.score is None or isinstance(grid.axes[grid.score], CategoryAxis):
        return None
    table, counts = baseline.get("score_label"), current.get(f"column:{grid.score}")
    if table is None or counts is None:
        return None
    steps = grid.axes[grid.score].steps  # type: ignore[union-attr]
    table, counts = table[:steps], counts[:steps]
    rows = table.sum(axis=1)
    place = np.minimum((np.cumsum(rows) - rows / 2.0) / max(rows.sum(), 1) * BINS, BINS - 1).astype(int)
    sides = (side.astype(float) for side in (table[:, 0], table[:, 1], counts))
    binned: Floats = np.stack([np.bincount(place, side, BINS) for side in sides])
    return ("negative", "positive"), binned[:2], binned[2]


def _classes(grid: Grid, baseline: Profile, current: Profile) -> tuple[tuple[str, ...], Floats, Floats] | None:
    """Answers by true class, of the classes that have rows."""
    table, counts = baseline.get("confusion"), current.get(f"column:{grid.prediction}")
    label = grid.axes.get(grid.label or "")
    prediction = grid.axes[grid.prediction]
    if grid.task is not Task.MULTICLASS or table is None or counts is None:
        return None
    if not isinstance(label, CategoryAxis) or not isinstance(prediction, CategoryAxis):
        return None
    kept = [place for place in range(len(label.values)) if table[:, place].any()]
    answers = slice(0, prediction.tail_cell)
    if len(kept) < 2:
        return None
    components: Floats = table[answers, kept].T.astype(float)
    return tuple(label.values[place] for place in kept), components, counts[answers].astype(float)


def _smooth(counts: Floats) -> Floats:
    smoothed = counts + 0.5
    law: Floats = smoothed / smoothed.sum(axis=-1, keepdims=True)
    return law


def _shares(law: Floats, observed: Floats) -> Floats:
    """Maximum-likelihood shares by case: `law` is case x component x bin, `observed` case x bin."""
    shares = np.full(law.shape[:2], 1.0 / law.shape[1])
    weight = observed / observed.sum(axis=1, keepdims=True)
    for _ in range(STEPS):
        expected = np.einsum("ck,ckb->cb", shares, law)
        moved: Floats = shares * np.einsum("cb,ckb->ck", weight / expected, law)
        if np.abs(moved - shares).max() < 1e-7:
            return moved
        shares = moved
    return shares


def _fit(law: Floats, rows: Floats, shares: Floats, observed: Floats) -> float | None:
    """The probability of a chi-square this large; None where every observation would fit."""
    from scipy.special import chdtrc

    components, bins = law.shape
    total = observed.sum()
    p = shares @ law
    variance = total * p + total**2 * ((shares**2 / np.maximum(rows, 1.0)) @ law)
    degrees = bins - components
    if degrees < 1:
        return None
    return float(chdtrc(degrees, float(((observed - total * p) ** 2 / variance).sum())))


def _share(p: float, n: int) -> Measure:
    half = 1.959964 * (p * (1.0 - p) / max(n, 1)) ** 0.5
    return Measure(p, max(0.0, p - half), min(1.0, p + half), n)


def _unable(grid: Grid, name: str, observed: Floats, obstacle: Obstacle, note: str) -> Estimate:
    return Estimate(
        metric=METRIC, column=grid.label, group=name, n_current=int(observed.sum()), obstacle=obstacle, note=note
    )

"""Distances between two distributions of a number: Kolmogorov-Smirnov and Wasserstein. In: a panel's numeric columns.

Both are over the rows that hold a number. A step's rows count at its middle, or at the exact value where the column
has few; what lies beyond the grid's last inner edge counts at that edge.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from aimon.metrics.panel import Panel
from aimon.profile.axis import Floats, NumericAxis, ProbabilityAxis


@dataclass(frozen=True, slots=True)
class Ordered:
    """One row a column: D with its band and p-value, the Wasserstein distance with its standard error, rows a side."""

    ks: Floats
    ks_band: Floats
    ks_p: Floats
    wasserstein: Floats
    at_least: NDArray[np.bool_]
    """Whether the outermost steps, which reach to infinity, hold other shares: the distance is then a lower bound."""
    spread: Floats
    n: Floats
    m: Floats


def ordered(panel: Panel) -> Ordered:
    """Compare the columns of a panel whose axes share one shape."""
    reference, current = (_in_order(panel, side) for side in (panel.reference, panel.current))
    n, m = reference.sum(axis=1), current.sum(axis=1)
    p, q = (counts / np.maximum(counts.sum(axis=1, keepdims=True), 1.0) for counts in (reference, current))
    gap = np.cumsum(q - p, axis=1)[:, :-1]
    distance = np.abs(gap).max(axis=1, initial=0.0)
    widths, unit = _widths(panel, p)
    potential = np.zeros(p.shape)
    np.cumsum(np.sign(gap) * widths, axis=1, out=potential[:, 1:])
    spread2 = _variance(potential, p) / np.maximum(n, 1.0) + _variance(potential, q) / np.maximum(m, 1.0)
    return Ordered(
        distance,
        ks_band(n, m),
        ks_p_value(distance, n, m),
        (np.abs(gap) * widths).sum(axis=1) / unit,
        (gap[:, [0, -1]] != 0.0).any(axis=1) & isinstance(panel.sources[0].axis, NumericAxis),
        np.sqrt(spread2) / unit,
        n,
        m,
    )


def ks_band(n: Floats, m: Floats) -> Floats:
    """Half-width of the Dvoretzky-Kiefer-Wolfowitz band of a two-sample D: sqrt(ln(2 / 0.05) / 2 (1/n + 1/m)).

    Reference: Massart (1990); Wei and Dudley (2012) for two samples.

    >>> ks_band(np.array([1000.0]), np.array([1000.0])).round(4).tolist()
    [0.0607]
    """
    return np.asarray(np.sqrt(np.log(40.0) / 2.0 * (1.0 / np.maximum(n, 1.0) + 1.0 / np.maximum(m, 1.0))))


def ks_p_value(distance: Floats, n: Floats, m: Floats) -> Floats:
    """P(D >= d) without drift, by Kolmogorov's limit law; too large, never too small, where values are tied.

    >>> ks_p_value(np.array([0.1]), np.array([500.0]), np.array([500.0])).round(4).tolist()
    [0.0135]
    """
    from scipy.special import kolmogorov

    return np.asarray(kolmogorov(distance * np.sqrt(n * m / np.maximum(n + m, 1.0))))


def _variance(x: Floats, weights: Floats) -> Floats:
    mean = (x * weights).sum(axis=1)
    return np.asarray(np.maximum((x * x * weights).sum(axis=1) - mean * mean, 0.0))


def _in_order(panel: Panel, side: tuple[NDArray[np.int64], ...]) -> Floats:
    """Counts of the steps; the infinities count in the outer two."""
    counts = np.stack(side).astype(np.float64)
    axis = panel.sources[0].axis
    assert isinstance(axis, NumericAxis | ProbabilityAxis)  # noqa: S101 - the caller chose numeric columns
    steps = counts[:, : axis.steps]
    if isinstance(axis, NumericAxis):
        steps[:, 0] += counts[:, axis.negative_infinity]
        steps[:, -1] += counts[:, axis.positive_infinity]
    return steps


def _widths(panel: Panel, p: Floats) -> tuple[Floats, Floats]:
    """Distances between neighbouring steps, and the unit of each column, in the same measure.

    A numeric axis is measured in its own scale, the reference's interquartile range. A score's interquartile range is
    read from its counts; where that is 0, its standard deviation, and where that is 0 too, 1.
    """
    places = np.stack([unit_places(source.axis) for source in panel.sources])  # type: ignore[arg-type]
    widths = np.diff(places, axis=1)
    if isinstance(panel.sources[0].axis, NumericAxis):
        return widths, np.array([source.axis.spread / source.axis.scale for source in panel.sources])  # type: ignore[union-attr]
    unit = quantiles(places, p, 0.75) - quantiles(places, p, 0.25)
    for fallback in (np.sqrt(_variance(places, p)), np.ones(len(places))):
        unit = np.where(unit > 0, unit, fallback)
    return widths, unit


def quantiles(places: Floats, p: Floats, share: float) -> Floats:
    """The place below or at which a share of each row lies."""
    index = np.minimum((np.cumsum(p, axis=1) < share - 1e-12).sum(axis=1), p.shape[1] - 1)
    return np.take_along_axis(places, index[:, None], 1)[:, 0]


def unit_places(axis: NumericAxis | ProbabilityAxis) -> Floats:
    """Where each step's rows count, in the axis's scale from its center; in the score's own unit for scores."""
    if isinstance(axis, ProbabilityAxis):
        return axis.places
    unit = _unit_axis(axis.steps).places
    if not axis.atoms:
        return unit
    atoms, places = np.array(axis.atoms), unit.copy()
    with np.errstate(over="ignore"):
        places[axis.cell(atoms)] = np.clip((atoms - axis.center) / axis.scale, unit[0], unit[-1])
    return places


@lru_cache(maxsize=8)
def _unit_axis(steps: int) -> NumericAxis:
    """The axis of a column with center 0 and scale 1; made once, for every column has its places."""
    return NumericAxis(center=0.0, scale=1.0, steps=steps)

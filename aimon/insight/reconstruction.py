"""Reconstruction error: whether the reference's linear structure still describes the current rows.

A second opinion beside the domain classifier, from another family of methods: principal components of normal scores.
In: encoded columns. Out: how many standard deviations the mean error moved.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aimon.insight.sample_columns import Column
from aimon.insight.sample_random import random_for

LEAST_ROWS, MOST_ROWS = 100, 10_000
KEPT_VARIANCE = 0.8
CATEGORIES = 20
STEPS = 256
Z95 = 1.959964

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Reconstruction:
    """The change of the mean reconstruction error, in standard deviations of the reference's errors."""

    shift: float
    low: float
    high: float
    p_value: float
    components: int
    n_reference: int
    n_current: int


def reconstruct(columns: Sequence[Column], *, seed: int = 0) -> Reconstruction | None:
    """Fit components on one half of the reference, compare the errors of the other half with the current rows'.

    Numbers become normal scores of their reference ranks, so no outlier leads; categories become indicators. Components
    are kept up to 80 % of the variance. Of more than 10,000 rows a side, random ones are taken. None below 100 rows a
    side, or where nothing varies.
    """
    n, m = (len(columns[0].reference), len(columns[0].current)) if columns else (0, 0)
    if min(n // 2, m) < LEAST_ROWS:
        return None
    random = random_for("reconstruction", seed)
    order, current_rows = (random.permutation(rows)[:MOST_ROWS] for rows in (n, m))
    fitted, held = order[: len(order) // 2], order[len(order) // 2 :]
    parts = [_scores(column, fitted, held, current_rows) for column in columns]
    base, reference, current = (np.hstack([part[place] for part in parts]) for place in range(3))
    centre, spread = base.mean(axis=0), base.std(axis=0)
    varying = spread > 0
    if not varying.any():
        return None
    base, reference, current = (((part - centre)[:, varying] / spread[varying]) for part in (base, reference, current))
    axes = _components(base)
    return _compared(_errors(reference, axes), _errors(current, axes), axes.shape[1], n, m)


def _compared(reference: Floats, current: Floats, components: int, n: int, m: int) -> Reconstruction | None:
    spread = float(reference.std(ddof=1))
    if spread <= 1e-9:
        return None
    from scipy.special import ndtr

    shift = float(current.mean() - reference.mean()) / spread
    error = float(np.sqrt(1.0 / len(reference) + current.var(ddof=1) / spread**2 / len(current)))
    p_value = float(2.0 * ndtr(-abs(shift) / error))
    return Reconstruction(shift, shift - Z95 * error, shift + Z95 * error, p_value, components, n, m)


def _scores(
    column: Column, fitted: NDArray[np.int64], held: NDArray[np.int64], now: NDArray[np.int64]
) -> tuple[Floats, Floats, Floats]:
    parts = column.reference[fitted], column.reference[held], column.current[now]
    if column.labels is not None:
        count = min(len(column.labels), CATEGORIES)
        return tuple((part[:, None] == np.arange(count)).astype(np.float64) for part in parts)
    return _normal_scores(parts)


def _normal_scores(parts: tuple[Floats, Floats, Floats]) -> tuple[Floats, Floats, Floats]:
    """Beside whether a value is missing, the normal score of its rank among the first part's, in 256 steps."""
    from scipy.special import ndtri

    base = np.sort(parts[0][~np.isnan(parts[0])])
    edges = np.unique(base[len(base) * np.arange(1, STEPS) // STEPS]) if len(base) else np.empty(0)
    counts = np.bincount(np.searchsorted(edges, base, "right"), minlength=len(edges) + 1)
    ranks = (np.cumsum(counts) - counts / 2.0 + 0.5) / (len(base) + 1.0)
    scores = np.append(ndtri(ranks), 0.0)
    first, second, third = (np.column_stack([scores[_steps(part, edges)], np.isnan(part)]) for part in parts)
    return first, second, third


def _steps(values: Floats, edges: Floats) -> NDArray[np.int64]:
    """The step of each value; the one after the last where it is missing."""
    steps = np.searchsorted(edges, values, "right").astype(np.int64)
    steps[np.isnan(values)] = len(edges) + 1
    return steps


def _components(rows: Floats) -> Floats:
    variances, axes = np.linalg.eigh(rows.T @ rows / len(rows))
    explained = np.cumsum(variances[::-1]) / variances.sum()
    kept = int(np.searchsorted(explained, KEPT_VARIANCE)) + 1
    result: Floats = axes[:, ::-1][:, :kept]
    return result


def _errors(rows: Floats, axes: Floats) -> Floats:
    """The length of what the components leave over of each row."""
    left = (rows**2).sum(axis=1) - ((rows @ axes) ** 2).sum(axis=1)
    result: Floats = np.sqrt(np.maximum(left, 0.0))
    return result

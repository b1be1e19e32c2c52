"""Support: how much of the current rows lies where there were reference rows to learn from, and how dense those were.

In: two samples of whole rows. Out: each row's density ratio, and the current rows that the reference never reaches.
A classifier that tells the samples apart orders all rows by that ratio; ratios are read off rows it has not seen.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from aimon.insight.classifier import MODEL
from aimon.insight.classifier_thread import one_thread
from aimon.insight.sample_columns import Column, encoded, matrix, telling
from aimon.metrics.interval import Measure, share_of
from aimon.spec.model import Kind

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

LEAST_REFERENCE, LEAST_CURRENT = 1_000, 300
LEAST_SHARE = 0.95
THIN = 0.02
_CLEARLY_THIN = 0.2
_ALPHA = 1e-4
_LARGEST_RATIO = 1.0 / THIN
_LEAVES = {"min_samples_leaf": 5}


@dataclass(frozen=True, slots=True)
class Support:
    """`ratio` of each reference row: how many times denser current rows are there. `outside` marks current rows.

    `lacking` are columns that the reference had and the window has not.
    """

    ratio: Floats
    outside: Bools
    columns: tuple[str, ...]
    lacking: tuple[str, ...] = ()

    def share(self, rows: Bools | None = None) -> Measure:
        """The share of the current rows (or of those marked) inside the support, with its Wilson interval."""
        outside = self.outside if rows is None else self.outside[rows]
        inside = 0 if self.lacking else int((~outside).sum())
        return share_of(inside, len(outside), "there are no rows")


def support(
    reference: pa.Table,
    current: pa.Table,
    columns: Iterable[str],
    *,
    kinds: Mapping[str, Kind] | None = None,
    seed: int = 0,
) -> Support | None:
    """Compare where the rows of two samples lie; None where they are too few to tell.

    From 1,000 reference and 300 current rows on, a region that holds a seventh of the current rows is found.

    A region is outside where current rows are at least 50 times denser than reference rows. The largest such region of
    rows the classifier finds most unlike the reference is taken, if a region five times denser explains it with less
    than 1 in 10,000. Two samples of one source are equally dense everywhere, so they never have one.
    """
    n, m = reference.num_rows, current.num_rows
    if n < LEAST_REFERENCE or m < LEAST_CURRENT:
        return None
    names = [name for name in columns if name in reference.column_names]
    lacking = tuple(name for name in names if name not in current.column_names)
    pairs = telling(encoded(reference, current, names, kinds))
    if not pairs:
        return Support(np.ones(n), np.zeros(m, np.bool_), (), lacking)
    odds = _held_out_odds(pairs, n, m, seed)
    ratio = np.minimum(np.exp(np.minimum(odds[:n], 50.0)) * n / m, _LARGEST_RATIO)
    outside = thin_region(odds[:n], odds[n:])
    return Support(ratio, outside, tuple(pair.name for pair in pairs), lacking)


def thin_region(reference: Floats, current: Floats) -> Bools:
    """Which current rows lie where the reference is at most a fiftieth as dense, by scores that rise with the ratio.

    >>> thin_region(np.linspace(0.0, 1.0, 1_000), np.linspace(0.2, 1.2, 1_000)).sum()
    np.int64(203)
    """
    from scipy.special import pdtr

    falling = np.sort(current)[::-1]
    reached = np.arange(1, len(current) + 1)
    seen = np.searchsorted(np.sort(-reference), -falling, side="right")
    expected = reached * (len(reference) / len(current))
    thin = ((seen + 0.5) / expected <= THIN) & (pdtr(seen, _CLEARLY_THIN * expected) < _ALPHA)
    places = np.flatnonzero(thin)
    return current >= falling[places[-1]] if len(places) else np.zeros(len(current), np.bool_)


def _held_out_odds(columns: list[Column], n: int, m: int, seed: int) -> Floats:
    """The log-odds that a row is a current one, each by a model fitted to the other half of the rows."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    rows, categorical = matrix(columns)
    is_current = np.arange(n + m) >= n
    random = np.random.default_rng(seed)
    half = np.concatenate([random.permutation(n) % 2, random.permutation(m) % 2])
    odds = np.empty(n + m)
    with one_thread():
        for held in (0, 1):
            model = HistGradientBoostingClassifier(categorical_features=categorical, random_state=0, **MODEL, **_LEAVES)
            model.fit(rows[half != held], is_current[half != held])
            odds[half == held] = model.decision_function(rows[half == held])
    return odds

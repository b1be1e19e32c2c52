"""Clauses: what a segment demands of one column, such as `35 <= age < 45`, and the list of those worth trying.

In: a column of both samples. Out: clauses in words and as masks, and the bins that they are unions of.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from aimon.insight.sample_columns import MISSING, RARE, Column

CATEGORIES = 12
LEAST_SHARE = 0.005

Floats = NDArray[np.float64]
Bins = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Clause:
    """`low <= column < high` with an open end where it is None; or `column = value`; or the column is missing."""

    column: str
    low: float | None = None
    high: float | None = None
    value: str | None = None
    missing: bool = False

    def __str__(self) -> str:
        if self.missing:
            return f"{self.column} is missing"
        if self.value is not None:
            return f"{self.column} = {self.value}"
        if self.low is None:
            return f"{self.column} < {self.high:.6g}"
        return f"{self.column} >= {self.low:.6g}" if self.high is None else self._range

    @property
    def _range(self) -> str:
        return f"{self.low:.6g} <= {self.column} < {self.high:.6g}"

    def holds(self, column: Column) -> NDArray[np.bool_]:
        """For each pooled row, whether the clause is true of it."""
        values = column.pooled
        if self.missing:
            return np.isnan(values) if column.labels is None else values == column.labels.index(MISSING)
        if self.value is not None:
            labels = column.labels or ()
            return values == labels.index(self.value) if self.value in labels else np.zeros(len(values), bool)
        with np.errstate(invalid="ignore"):
            above = np.ones(len(values), bool) if self.low is None else values >= self.low
            below = np.ones(len(values), bool) if self.high is None else values < self.high
        return above & below & ~np.isnan(values)


@dataclass(frozen=True, slots=True)
class Cuts:
    """A column cut into bins, and the clauses that are unions of them: `unions[clause, bin]` is 1 or 0."""

    column: Column
    bins: Bins
    clauses: tuple[Clause, ...]
    unions: Floats

    @property
    def tries(self) -> int:
        """About as many independent tries as all clauses are: ranges that overlap tell much the same."""
        return min(len(self.clauses), 2 * self.size)

    @property
    def size(self) -> int:
        """How many bins there are."""
        return int(self.unions.shape[1])


def cut(column: Column, *, bins: int) -> Cuts:
    """Ranges of numbers between quantiles of the pooled rows, each frequent category, and missing."""
    return _cut_numbers(column, bins) if column.labels is None else _cut_categories(column)


def _cut_numbers(column: Column, bins: int) -> Cuts:
    values = column.pooled
    missing = np.isnan(values)
    edges = _edges(values[~missing], bins)
    steps = len(edges) + 1
    codes = np.where(missing, steps, np.searchsorted(edges, values, "right")).astype(np.int16)
    ends: list[float | None] = [None, *edges.tolist(), None]
    clauses, unions = [], []
    for low, high in combinations(range(steps + 1), 2):
        if high - low < steps:
            clauses.append(Clause(column.name, ends[low], ends[high]))
            unions.append((np.arange(steps + 1) >= low) & (np.arange(steps + 1) < high))
    if missing.any():
        clauses.append(Clause(column.name, missing=True))
        unions.append(np.arange(steps + 1) == steps)
    return Cuts(column, codes, tuple(clauses), _stacked(unions, steps + 1))


def _edges(values: Floats, bins: int) -> Floats:
    """Quantiles, at values of the data; a column with few values is cut between each of them."""
    if not len(values):
        return np.empty(0)
    ordered = np.sort(values)
    distinct = np.unique(ordered)
    picked = distinct if len(distinct) <= bins else ordered[len(ordered) * np.arange(1, bins) // bins]
    edges = np.unique(picked)
    result: Floats = edges[edges > ordered[0]]
    return result


def _cut_categories(column: Column) -> Cuts:
    labels = column.labels or ()
    codes = column.pooled.astype(np.int64)
    counts = np.bincount(codes, minlength=len(labels))
    named = sorted(
        (code for code in range(len(labels)) if labels[code] != RARE and counts[code] >= LEAST_SHARE * len(codes)),
        key=lambda code: (-counts[code], code),
    )[:CATEGORIES]
    place = np.full(len(labels), len(named))
    place[named] = np.arange(len(named))
    clauses = [
        Clause(column.name, missing=True) if labels[code] == MISSING else Clause(column.name, value=labels[code])
        for code in named
    ]
    return Cuts(column, place[codes].astype(np.int16), tuple(clauses), np.eye(len(named), len(named) + 1))


def _stacked(unions: Sequence[NDArray[np.bool_]], size: int) -> Floats:
    return np.array(unions, np.float64).reshape(len(unions), size)

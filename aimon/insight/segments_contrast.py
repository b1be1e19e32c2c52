"""Contrasts: what is compared between the rows inside a segment and the rows outside.

Each row that takes part is in an arm (reference or current, one group or the others) and has a value. A contrast is a
signed sum of the arms' means, such as current minus reference; a segment stands out where that differs from outside.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aimon.insight.segments_clause import Cuts

LEAST_ARM = 30

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Fault(StrEnum):
    """What may be wrong in a segment."""

    ERROR = "error"
    DRIFT = "drift"
    VOLUME = "volume"
    UNFAIRNESS = "unfairness"


class Arms:
    """Which arm each row is in, -1 for none, and which rows are looked at. Counts are kept: contrasts share them."""

    def __init__(self, arm: NDArray[np.int8], signs: tuple[int, ...], among: Mask | None = None) -> None:
        self.arm = arm
        self.signs = signs
        self._among = among
        self._codes: dict[int, Integers] = {}
        self._counts: dict[tuple[int, ...], Integers] = {}
        self._latest: tuple[Mask, Arms] | None = None

    def on(self, among: Mask) -> "Arms":
        """The same arms of these rows only; asked again for the same rows, the same object."""
        if self._latest is None or self._latest[0] is not among:
            self._latest = among, Arms(self.arm, self.signs, among)
        return self._latest[1]

    def within(self, rows: Mask) -> "Arms":
        """The same arms of those rows that are among the ones looked at too."""
        return Arms(self.arm, self.signs, rows if self._among is None else rows & self._among)

    @cached_property
    def rows(self) -> Integers:
        """The rows that take part."""
        takes_part = self.arm >= 0
        return np.flatnonzero(takes_part if self._among is None else takes_part & self._among)

    @cached_property
    def of_rows(self) -> Integers:
        """The arm of each row that takes part."""
        return self.arm[self.rows].astype(np.int64)

    @cached_property
    def sizes(self) -> Floats:
        """How many rows each arm has."""
        return np.bincount(self.of_rows, minlength=len(self.signs)).astype(np.float64)

    def tables(self, cuts: Sequence[Cuts], *values: Floats) -> list[NDArray[Any]]:
        """By arm and bins of the columns: how many rows, and the sum of each of the values."""
        shape = (len(self.signs), *(one.size for one in cuts))
        size = int(np.prod(shape))
        code = self.of_rows
        for one in cuts:
            code = code * one.size + self._code(one)
        key = tuple(id(one) for one in cuts)
        if key not in self._counts:
            self._counts[key] = np.bincount(code, minlength=size).reshape(shape)
        return [self._counts[key], *(np.bincount(code, each, size).reshape(shape) for each in values)]

    def _code(self, one: Cuts) -> Integers:
        if id(one) not in self._codes:
            self._codes[id(one)] = one.bins[self.rows].astype(np.int64)
        return self._codes[id(one)]


@dataclass(frozen=True, eq=False)
class Contrast:
    """Values by arm. Without values, the share of each arm's rows is compared.

    `subject` names what the values are; `group` the group compared with all others, or the value whose share is meant.
    `worse` is the sign of the finding that counts, 0 for both.
    """

    fault: Fault
    subject: str
    arms: Arms
    values: Floats | None = None
    group: str | None = None
    worse: int = 0

    def on(self, rows: Mask) -> "Contrast":
        """The same contrast of these rows only."""
        return replace(self, arms=self.arms.on(rows))

    def within(self, rows: Mask) -> "Contrast":
        """The same contrast of those of the rows looked at that are among these."""
        return replace(self, arms=self.arms.within(rows))

    @property
    def level(self) -> float:
        """The contrast itself: the signed sum of the arms' means, or the logarithm of the growth; 0 for empty arms."""
        sizes, signs = self.arms.sizes, np.array(self.arms.signs, np.float64)
        if (sizes == 0).any():
            return 0.0
        if self.taken is None:
            everyone = np.bincount(self.arms.arm[self.arms.arm >= 0], minlength=2)
            return float(np.log(sizes[1] / sizes[0]) - np.log(everyone[1] / everyone[0]))
        return float((signs * self.moments[0] / sizes).sum())

    @cached_property
    def taken(self) -> Floats | None:
        """The value of each row that takes part."""
        return None if self.values is None else self.values[self.arms.rows]

    @cached_property
    def moments(self) -> tuple[Floats, Floats]:
        """By arm: sum and variance of the values."""
        sizes = self.arms.sizes
        if self.taken is None:
            return np.zeros(len(sizes)), np.zeros(len(sizes))
        arms = self.arms.of_rows
        sums = np.bincount(arms, self.taken, len(sizes)).astype(np.float64)
        deviations = self.taken - (sums / np.maximum(sizes, 1.0))[arms]
        return sums, np.bincount(arms, deviations**2, len(sizes)) / np.maximum(sizes, 1.0)

    @cached_property
    def is_binary(self) -> bool:
        """Whether the values are 0 and 1, which are their own squares."""
        return self.taken is not None and bool(((self.taken == 0) | (self.taken == 1)).all())


def normal_scores(contrast: Contrast, rows: Floats, sums: Floats | None, squares: Floats | None) -> Floats:
    """How many standard errors each segment differs from the rows outside it; 0 where an arm has too few rows.

    The first axis of `rows`, `sums` and `squares` is the arm.
    """
    if sums is None or squares is None:
        scores = _shares(rows, contrast.arms.sizes)
    else:
        scores = _differences(contrast, rows, sums, squares)
    return np.abs(scores) if contrast.worse == 0 else np.maximum(scores * contrast.worse, 0.0)


def _differences(contrast: Contrast, rows: Floats, sums: Floats, squares: Floats) -> Floats:
    """Welch's score with the variance that each segment has itself; the rows outside vary as all rows do.

    Only segments count in which the contrast is farther from 0 than outside: the complement of a fault is no fault.
    """
    sizes, (totals, variances) = contrast.arms.sizes, contrast.moments
    inner, outer, variance = (np.zeros(rows.shape[1:]) for _ in range(3))
    least = np.full(rows.shape[1:], np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        for arm, sign in enumerate(contrast.arms.signs):
            within, outside = rows[arm], sizes[arm] - rows[arm]
            mean = sums[arm] / within
            inner += sign * mean
            outer += sign * (totals[arm] - sums[arm]) / outside
            spread = squares[arm] - sums[arm] * mean + 2.0 * variances[arm]
            variance += spread / (within * (within + 1.0)) + variances[arm] / outside
            least = np.minimum(least, np.minimum(within, outside))
        counts = (least >= LEAST_ARM) & (variance > 0) & (np.abs(inner) >= np.abs(outer))
        return np.where(counts, (inner - outer) / np.sqrt(variance), 0.0)


def _shares(rows: Floats, sizes: Floats) -> Floats:
    """The two-proportion score of the second arm's share against the first's."""
    pooled = (rows[0] + rows[1]) / max(sizes.sum(), 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(pooled * (1.0 - pooled) * (1.0 / sizes).sum())
        scores = (rows[1] / sizes[1] - rows[0] / sizes[0]) / error
    return np.where(rows[0] + rows[1] >= 2 * LEAST_ARM, np.nan_to_num(scores), 0.0)

"""Exact quantiles of numbers that do not fit in memory. In: passes over blocks of numbers. Out: order statistics.

A double's bits, read as an integer, sort like the number. Each pass looks at 16 more of the 64 bits and keeps only the
bins that hold a wanted rank, until few enough numbers are left to sort. The order of rows changes nothing.
"""

from collections.abc import Sequence
from copy import copy

import numpy as np
from numpy.typing import NDArray

from aimon.profile.axis import Floats

BITS = 16
BINS = 1 << BITS
FEW = 1 << 20
"""Numbers that are kept to be sorted: 8 MB."""
SIGN = np.uint64(1 << 63)

Sortable = NDArray[np.uint64]


def sortable(values: Floats) -> Sortable:
    """Integers in the order of the numbers; minus zero counts as zero.

    >>> (np.diff(sortable(np.array([-2.0, -1.0, 0.0, 1e-300, 3.0])).astype(float)) > 0).all()
    np.True_
    """
    bits = values + 0.0
    mask = (bits.view(np.int64) >> 63).view(np.uint64)  # all ones below zero
    mask |= SIGN
    mask ^= bits.view(np.uint64)
    return mask


def numbers_of(keys: Sortable) -> Floats:
    """The numbers behind sortable integers."""
    bits: Sortable = np.where(keys & SIGN, keys & ~SIGN, ~keys)
    return bits.view(np.float64)


class Selection:
    """The search for the numbers at some shares of the order. Feed it every number once a pass, until `done`.

    >>> selection = Selection([0.0, 0.5, 1.0])
    >>> while not selection.done:
    ...     selection.add(np.array([5.0, -1.0, 3.0, 9.0]))
    ...     selection.finish_pass()
    >>> selection.found.tolist()
    [-1.0, 3.0, 9.0]
    """

    def __init__(self, shares: Sequence[float]) -> None:
        self._shares = tuple(shares)
        self._level = 0
        self._keeping = False
        self._prefixes: Sortable = np.zeros(1, np.uint64)
        self._wanted = np.ones(BINS, np.bool_)
        self._below = np.zeros(1, np.int64)
        self._ranks = np.zeros(len(self._shares), np.int64)
        self._prefix_of_rank = np.zeros(len(self._shares), np.int64)
        self.bins = np.zeros((1, BINS), np.int64)
        self.kept: list[Sortable] = []
        self.found: Floats | None = None

    @property
    def done(self) -> bool:
        return self.found is not None

    def spare(self) -> "Selection":
        """A selection in the same pass, for another thread; merge it before the pass is finished."""
        other = copy(self)
        other.bins, other.kept = np.zeros_like(self.bins), []
        return other

    def add(self, values: Floats) -> None:
        """Look at some finite numbers."""
        keys = sortable(values)
        if self._level == 0:
            self.bins[0] += np.bincount((keys >> np.uint64(64 - BITS)).astype(np.int64), minlength=BINS)
            return
        keys = keys[self._wanted[keys >> np.uint64(64 - BITS)]]
        unseen = 64 - BITS * self._level
        heads = keys >> np.uint64(unseen)
        places = np.minimum(np.searchsorted(self._prefixes, heads), len(self._prefixes) - 1)
        hits = self._prefixes[places] == heads
        if self._keeping:
            self.kept.append(keys[hits])
            return
        within = (keys[hits] >> np.uint64(unseen - BITS)).astype(np.int64) & (BINS - 1)
        flat = self.bins.reshape(-1)
        flat += np.bincount(places[hits] * BINS + within, minlength=len(flat))

    def merge(self, other: "Selection") -> None:
        """Add what another thread saw in this pass."""
        self.bins += other.bins
        self.kept += other.kept

    def finish_pass(self) -> None:
        """Take stock: found, or which bins to look into next."""
        if self._level == 0:
            total = int(self.bins.sum())
            if total == 0:
                self.found = np.full(len(self._shares), np.nan)
                return
            self._ranks = np.floor(np.array(self._shares) * (total - 1)).astype(np.int64)
        if self._keeping:
            self._choose(np.sort(np.concatenate(self.kept)))
            return
        self._narrow()

    def _narrow(self) -> None:
        """Go from prefixes to prefixes that are 16 bits longer."""
        ends = np.cumsum(self.bins, axis=1)
        inside = self._ranks - self._below[self._prefix_of_rank]
        bins = np.array(
            [np.searchsorted(ends[i], rank, side="right") for i, rank in zip(self._prefix_of_rank, inside, strict=True)]
        )
        sizes = self.bins[self._prefix_of_rank, bins]
        below = self._below[self._prefix_of_rank] + ends[self._prefix_of_rank, bins] - sizes
        longer = (self._prefixes[self._prefix_of_rank] << np.uint64(BITS)) | bins.astype(np.uint64)
        self._prefixes, first, self._prefix_of_rank = np.unique(longer, return_index=True, return_inverse=True)
        self._below = below[first]
        self._level += 1
        self._wanted = np.zeros(BINS, np.bool_)
        self._wanted[self._prefixes >> np.uint64(BITS * (self._level - 1))] = True
        if self._level * BITS == 64:
            self.found = numbers_of(self._prefixes)[self._prefix_of_rank]
        elif sizes[first].sum() <= FEW:
            self._keeping = True
        self.bins = np.zeros((len(self._prefixes), 1 if self._keeping else BINS), np.int64)

    def _choose(self, keys: Sortable) -> None:
        starts = np.searchsorted(keys, self._prefixes << np.uint64(64 - BITS * self._level))
        places = starts[self._prefix_of_rank] + self._ranks - self._below[self._prefix_of_rank]
        self.found = numbers_of(keys[places])

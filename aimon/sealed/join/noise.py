"""Noise in joined counts, as strong as in the day's other counts. In: a policy, counts. Out: noised ones, paid for.

One label adds one to a cell of each table, and of each in one segment a column: that decides what a release costs.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from aimon.profile.profile import Counts, Profile, TableKey
from aimon.sealed.gate import check_budget
from aimon.sealed.join.layout import JoinLayout
from aimon.sealed.ledger import Ledger, release_of
from aimon.sealed.noise import NoisePolicy, Stream, consistent, discrete_gaussian

OWN_TABLES = 2
"""Beside that of each attribute: confusion, and how many labels there are."""


def touched(layout: JoinLayout) -> int:
    """How many counts one label adds one to, at most: all tables, and but for pairs again in a segment a column."""
    alone = sum("*" not in each for each in layout.attributes)
    whole = len(layout.attributes) + OWN_TABLES
    return whole + (alone + OWN_TABLES) * len(layout.grid.segments)


@dataclass(frozen=True, slots=True)
class JoinNoise:
    """The policy of the model, the variance of the noise in its counts, and the ledgers that share the budget."""

    policy: NoisePolicy
    variance: int
    touched: int
    key: bytes = field(repr=False)
    beside: Sequence[Ledger] = ()

    @property
    def sigma(self) -> float:
        """The standard deviation of each released count."""
        return math.sqrt(self.variance)

    @property
    def rho(self) -> float:
        """What one release costs, as zCDP.

        >>> JoinNoise(NoisePolicy(1.0, 1e-6, 1), 206, 3, b"secret").rho < NoisePolicy(1.0, 1e-6, 1).rho
        True
        """
        return self.touched / (2 * self.variance)

    def released(self, counts: Profile, name: str, ledger: Ledger) -> Profile:
        """The counts with noise, noted in the ledger; WithheldError where the budget is spent."""
        if ledger.earlier(name, self.sigma) is None:
            check_budget(self.policy, (ledger, *self.beside), self.rho)
            ledger.add(release_of(name, {}, released_rows=_labels(counts), rho=self.rho, sigma=self.sigma))
        stream = Stream(self.key, f"{name} {self.variance}")
        noised: dict[TableKey, Counts] = {}
        for key in sorted(counts.tables, key=str):
            exact = counts.tables[key]
            drawn = discrete_gaussian(self.variance, exact.size, stream).reshape(exact.shape)
            noised[key] = exact + (drawn * np.array([1, 0]) if key.table == "labelled" else drawn)
        return consistent(Profile(counts.grid_id, noised), 0)


def _labels(counts: Profile) -> int:
    return int(counts.tables[TableKey("confusion")].sum())

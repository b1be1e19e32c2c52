"""What is scored: bins of each column and the reference's share of each. In: a grid, reference counts. Out: a file.

Hosts seal by it, the server scores by it, the owner reads scores by it. All three know the reference's shares.
"""

import hashlib
import json
from functools import cached_property
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from aimon.errors import SealedError
from aimon.profile.grid import Grid
from aimon.profile.profile import Counts, Profile
from aimon.sealed.files import read_declared
from aimon.sealed.seal.real import Reals
from aimon.spec.model import ModelName

BINS, COLUMNS = 16, 512
LEAST_SHARE = 0.1
CANARY = COLUMNS - 1
"""The last column, whose score is known: all rows in one of two even bins."""
CANARY_SCORE = 0.5**2 / 1.5 + 0.5**2 / 0.5


class ScorePlan(BaseModel):
    """Which cells of each column make a bin, and the reference's share of each bin; `rows` are the reference's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: ModelName
    version: str
    grid_id: str
    rows: int = Field(gt=0)
    features: tuple[str, ...]
    bins: dict[str, tuple[int, ...]]
    shares: dict[str, tuple[float, ...]]

    @cached_property
    def id(self) -> str:
        """The first 16 hexadecimal digits of a SHA-256 of the plan."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns in the order of their slots."""
        return tuple(self.bins)

    def slots_of(self, profile: Profile) -> list[float]:
        """The counts of each bin, `[bin][column]`."""
        if profile.grid_id != self.grid_id:
            raise SealedError(f"the counts are on grid {profile.grid_id}, this plan is for grid {self.grid_id}")
        counts = np.zeros((BINS, COLUMNS))
        for place, (column, bins) in enumerate(self.bins.items()):
            found = profile.get(f"column:{column}")
            if found is None:
                raise SealedError(f"the rows have no column {column!r}, and its score needs it")
            np.add.at(counts[:, place], np.array(bins), found)
        counts[0, CANARY] = profile.rows
        slots: list[float] = counts.ravel().tolist()
        return slots

    @property
    def reference(self) -> Reals:
        """The reference's shares, a slot each; 0 where there is no bin."""
        shares = np.zeros((BINS, COLUMNS))
        for place, column in enumerate(self.shares.values()):
            shares[: len(column), place] = column
        shares[:2, CANARY] = 0.5
        return shares.ravel()


def score_plan(grid: Grid, reference: Profile, *, model: str, version: str) -> ScorePlan:
    """The bins of every column that has two or more, by the reference's counts."""
    bins: dict[str, tuple[int, ...]] = {}
    shares: dict[str, tuple[float, ...]] = {}
    for column in grid.columns:
        counts = reference.get(f"column:{column}")
        if counts is None or not counts.sum():
            continue
        merged = merge(counts)
        if merged[-1] > 0:
            held = np.bincount(merged, weights=counts) / counts.sum()
            bins[column], shares[column] = tuple(merged.tolist()), tuple(held.tolist())
    if not 0 < len(bins) <= CANARY:
        raise SealedError(f"{len(bins)} columns can be scored, and one ciphertext takes 1 to {CANARY}")
    features = tuple(column for column in grid.features if column in bins)
    return ScorePlan(
        model=model,
        version=version,
        grid_id=grid.id,
        rows=reference.rows,
        features=features,
        bins=bins,
        shares=shares,
    )


def merge(counts: Counts) -> Counts:
    """The bin of each cell: neighbours together, a tenth of the rows or more in each.

    >>> merge(np.array([5, 5, 30, 55, 5, 0])).tolist()
    [0, 0, 1, 2, 2, 2]
    """
    ends, held, total = [], 0, int(counts.sum())
    for cell, count in enumerate(counts.tolist()):
        held += count
        if held >= LEAST_SHARE * total:
            ends.append(cell)
            held = 0
    bins: Counts = np.searchsorted(np.array(ends), np.arange(len(counts))).astype(np.int64)
    return np.minimum(bins, len(ends) - 1)


def read_score_plan(path: Path) -> ScorePlan:
    """The plan of a file."""
    return read_declared(ScorePlan, path, "plan of scores", "make one with `aimon sealed plan --scores`")

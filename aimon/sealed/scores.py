"""Drift where the owner may see scores only. In: a grid, the reference's counts, sealed shares. Out: sealed scores.

The score is the symmetric chi-square, the sum of (p - q)^2 / (p + q) over at most 10 bins of a column, by a polynomial
of degree 23 under CKKS. Each bin has at least a tenth of the reference, so that p / q stays in the polynomial's range.
The server knows the reference's shares q here; it does not know p nor the scores.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from pydantic import BaseModel, ConfigDict

from aimon.errors import SealedError
from aimon.profile.grid import Grid
from aimon.profile.profile import Counts, Profile
from aimon.sealed.envelope import Envelope
from aimon.sealed.evaluator import check_alike
from aimon.sealed.heading import Heading
from aimon.sealed.seal.adding import digest
from aimon.sealed.seal.real import DRIFT, RealPublicKey, Reals, RealServer

BINS, COLUMNS = 16, 512
LEAST_SHARE = 0.1
DEGREE = 23
CANARY = COLUMNS - 1
"""The last column, whose score is known: all rows in one of two even bins."""
CANARY_SCORE = 0.5**2 / 1.5 + 0.5**2 / 0.5


@dataclass(frozen=True)
class ScorePlan:
    """Which cells of each column make a bin, and the reference's share of each bin."""

    grid_id: str
    bins: Mapping[str, tuple[int, ...]]
    shares: Mapping[str, tuple[float, ...]]

    @cached_property
    def id(self) -> str:
        """The first 16 hexadecimal digits of a SHA-256 of the plan."""
        text = json.dumps([self.grid_id, dict(self.bins), dict(self.shares)], sort_keys=True)
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


def score_plan(grid: Grid, reference: Profile) -> ScorePlan:
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
    return ScorePlan(grid.id, bins, shares)


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


class ScoreEncoder:
    """Seals counts for scoring. `sender` names this host; its envelopes are numbered from `number` on."""

    def __init__(
        self, plan: ScorePlan, key: RealPublicKey, *, model: str, version: str, sender: str, number: int
    ) -> None:
        self._plan = plan
        self._key = key
        self._heading = Heading(
            model=model,
            version=version,
            sender=sender,
            number=number,
            key_id=key.id,
            layout_id=plan.id,
            parameters=DRIFT.name,
        )

    def seal(self, profile: Profile, day: date, slot: int = 0, tags: Mapping[str, str] | None = None) -> Envelope:
        """The profile as an envelope."""
        ciphertexts, present = [self._key.encrypt(self._plan.slots_of(profile))], self._plan.columns
        return self._heading.envelope(
            ciphertexts, kind="scores", day=day, slot=slot, rows=profile.rows, present=present, tags=tags
        )


class Scored(BaseModel):
    """Scores, still sealed, and what they were made of: the rows of each envelope."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    key_id: str
    plan_id: str
    inputs: dict[str, int]
    digest: str
    ciphertext: bytes

    @property
    def id(self) -> str:
        """A SHA-256 of all but the ciphertext, whose digest it holds."""
        text = json.dumps(self.model_dump(mode="json", exclude={"ciphertext"}), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def score(plan: ScorePlan, envelopes: Sequence[Envelope], server: RealServer) -> Scored:
    """The score of every column over the envelopes together."""
    chosen = sorted(envelopes, key=lambda each: each.id)
    check_alike(chosen, "scores")
    first, rows = chosen[0].header, sum(each.header.rows for each in chosen)
    if first.layout_id != plan.id:
        raise SealedError(f"the envelopes are for plan {first.layout_id}, and this one is {plan.id}")
    if not rows:
        raise SealedError("the envelopes hold no rows to score")
    shares = plan.reference
    factor = np.divide(2.0 * LEAST_SHARE / rows, shares, out=np.zeros_like(shares), where=shares > 0)
    ciphertext = server.series([each.ciphertexts[0] for each in chosen], factor, coefficients(), shares, COLUMNS)
    return Scored(
        model=first.model,
        key_id=first.key_id,
        plan_id=plan.id,
        inputs={each.id: each.header.rows for each in chosen},
        digest=digest(ciphertext),
        ciphertext=ciphertext,
    )


def verify_scores(scored: Scored, plan: ScorePlan, envelopes: Sequence[Envelope], server: RealServer) -> None:
    """Score the envelopes again and compare. SealedError names what differs."""
    again = score(plan, envelopes, server)
    for name in ("model", "key_id", "plan_id", "inputs", "digest"):
        if getattr(again, name) != getattr(scored, name):
            raise SealedError(f"the scores do not follow from their envelopes: {name} differs")
    if digest(scored.ciphertext) != again.digest:
        raise SealedError("the scores do not follow from their envelopes: the ciphertext was changed")


def coefficients() -> Reals:
    """The Chebyshev series of (x - 1)^2 / (x + 1) for x = p / q from 0 to 10, on t from -1 to 1."""

    def contribution(t: Reals) -> Reals:
        x = (t + 1.0) / (2.0 * LEAST_SHARE)
        return (x - 1.0) ** 2 / (x + 1.0)

    nodes = np.polynomial.chebyshev.chebpts1(DEGREE + 1)
    return np.asarray(np.polynomial.chebyshev.chebfit(nodes, contribution(nodes), DEGREE), np.float64)

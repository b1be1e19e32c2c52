"""Confirmation: what a candidate segment shows on rows that had no part in finding it.

In: candidates in the order they were found. Out: effects with honest intervals, and which of them hold together with a
held false-discovery rate.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from aimon.insight.segments_contrast import LEAST_ARM, Contrast, Floats
from aimon.insight.segments_search import Candidate, Search
from aimon.verdict.discoveries import adjust

Z95 = 1.959964
LEAST_HELD = 12
EQUAL = 0.25
"""The part of the weight that all candidates of a search share alike."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A candidate on held-out rows. `means` are by arm inside the segment, `others` outside it (shares for a volume).

    `effect` is the contrast inside less that outside; for a volume, the change of the segment's share.
    """

    candidate: Candidate
    effect: float
    error: float
    p_value: float
    means: tuple[float, ...]
    others: tuple[float, ...]
    p_adjusted: float = 1.0

    @property
    def low(self) -> float:
        return self.effect - Z95 * self.error

    @property
    def high(self) -> float:
        return self.effect + Z95 * self.error


def confirmed(by: Search, found: Sequence[Sequence[Candidate]], held: NDArray[np.bool_], rate: float) -> list[Shown]:
    """The candidates of several searches that hold on the held-out rows, with this false-discovery rate in each."""
    return [one for search in found for one in _discovered(_shown(by, search, held), rate)]


def _discovered(shown: Sequence[Shown], rate: float) -> Iterator[Shown]:
    """Benjamini and Hochberg's choice, where candidates with more evidence from the searched rows need less here.

    Weights that the p-values do not depend on leave the false-discovery rate as it is.
    Reference: Genovese, Roeder and Wasserman (2006), False discovery control with p-value weighting.
    """
    evidence = np.array([one.candidate.evidence for one in shown])
    strength = np.exp(evidence - evidence.max(initial=-np.inf)) if len(shown) else evidence
    weights = EQUAL + (1.0 - EQUAL) * len(shown) * strength / strength.sum() if len(shown) else strength
    adjusted = np.minimum(adjust([one.p_value for one in shown] / weights), 1.0)
    for one, p_adjusted in zip(shown, adjusted.tolist(), strict=True):
        if p_adjusted <= rate:
            yield replace(one, p_adjusted=p_adjusted)


def _shown(by: Search, search: Sequence[Candidate], held: NDArray[np.bool_]) -> list[Shown]:
    left = held.copy()
    shown = []
    for candidate in search:
        within = by.inside(candidate.clauses)
        one = _show(candidate, candidate.contrast, within, left)
        if one is not None:
            shown.append(one)
        left &= ~within
    return shown


def _show(candidate: Candidate, contrast: Contrast, within: NDArray[np.bool_], rows: NDArray[np.bool_]) -> Shown | None:
    inner, outer = contrast.on(rows & within), contrast.on(rows & ~within)
    sizes, other_sizes = inner.arms.sizes, outer.arms.sizes
    if contrast.values is None:
        return _show_volume(candidate, sizes, other_sizes)
    least = float(min(sizes.min(), other_sizes.min()))
    if least < LEAST_HELD:
        return None
    signs = np.array(contrast.arms.signs, np.float64)
    means, others = inner.moments[0] / sizes, outer.moments[0] / other_sizes
    effect = float((signs * (means - others)).sum())
    error = float(np.sqrt(sum((_variance(part, contrast) / part.arms.sizes).sum() for part in (inner, outer))))
    if error <= 0:
        return None
    return Shown(
        candidate,
        effect,
        error,
        _p_value(effect / error, contrast.worse, least - 1.0),
        tuple(means.tolist()),
        tuple(others.tolist()),
    )


def _variance(part: Contrast, whole: Contrast) -> Floats:
    """The variance in each arm, with the weight of two rows as variable as all of them: no arm is taken as certain."""
    rows = part.arms.sizes
    result: Floats = (rows * part.moments[1] + 2.0 * whole.moments[1]) / (rows + 1.0)
    return result


def _show_volume(candidate: Candidate, inner: Floats, outer: Floats) -> Shown | None:
    everything = inner + outer
    if everything.min() < LEAST_ARM or inner.sum() < LEAST_ARM:
        return None
    shares = inner / everything
    pooled = inner.sum() / everything.sum()
    effect = float(shares[1] - shares[0])
    under_null = float(np.sqrt(pooled * (1.0 - pooled) * (1.0 / everything).sum()))
    error = float(np.sqrt((shares * (1.0 - shares) / everything).sum()))
    p_value = _p_value(effect / under_null, candidate.contrast.worse)
    return Shown(candidate, effect, error, p_value, tuple(shares.tolist()), tuple((1.0 - shares).tolist()))


def _p_value(score: float, worse: int, freedom: float = np.inf) -> float:
    """By Student's law with the degrees of freedom of the smallest arm, which no exact law has fewer of."""
    from scipy.special import stdtr

    return float(2.0 * stdtr(freedom, -abs(score))) if worse == 0 else float(stdtr(freedom, -worse * score))

"""Gaps between the rates of several groups. In: successes and trials by group. Out: the gap, and what chance makes.

The largest gap of many groups is large by chance: its bounds hold for all pairs at once (Tukey-Kramer), and its
p-value is that of the largest of all pairs' statistics.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from aimon.metrics.proportions import fisher, katz, newcombe, share
from aimon.profile.axis import Floats

Ints = NDArray[np.int64]

LEAST_EXPECTED = 5.0
LEAST_DRAWS, MOST_DRAWS, PAIRS_DRAWN = 400, 4000, 1_000_000
MOST_GROUPS = 400
_SEED = 20_240_917


@dataclass(frozen=True, slots=True)
class Gap:
    """The lowest and highest group by place, the value, bounds for all pairs at once, and the p-value of no gap."""

    lowest: int
    highest: int
    value: float
    low: float
    high: float
    p_value: float | None


def compared(trials: Ints) -> Ints:
    """The groups that are compared: those with trials, and of very many the 400 largest, as pairs are squares."""
    known = np.flatnonzero(trials > 0)
    if len(known) > MOST_GROUPS:
        known = np.sort(known[np.argsort(-trials[known], kind="stable")[:MOST_GROUPS]])
    return known


def difference(successes: Ints, trials: Ints) -> Gap | None:
    """The largest difference of two groups' rates; None with fewer than two groups that have trials.

    Bounds: Newcombe's interval of every pair at the confidence that makes all of them hold together; the gap is at
    least the greatest lower and at most the greatest upper one.
    Reference: Newcombe (1998); Kramer (1956) for several groups.

    >>> gap = difference(np.array([30, 45, 40]), np.array([100, 100, 100]))
    >>> gap.lowest, gap.highest, round(gap.value, 2), round(gap.low, 3), round(gap.high, 3), round(gap.p_value, 3)
    (0, 1, 0.15, 0.0, 0.3, 0.074)
    """
    known = compared(trials)
    if len(known) < 2:
        return None
    x, n = successes[known], trials[known]
    rates = share(x, n)
    lowest, highest = int(rates.argmin()), int(rates.argmax())
    z = pairwise_z(len(known))
    low, high = newcombe(x[:, None], n[:, None], x[None, :], n[None, :], z)
    np.fill_diagonal(low, -1.0)
    np.fill_diagonal(high, -1.0)
    value = float(rates[highest] - rates[lowest])
    return Gap(
        int(known[lowest]), int(known[highest]), value, max(float(low.max()), 0.0), float(high.max()), any_gap(x, n)
    )


def ratio(successes: Ints, trials: Ints) -> Gap | None:
    """The lowest rate divided by the highest; None with fewer than two groups, or where every rate is 0.

    Bounds: Katz's log interval of every ordered pair at the confidence that makes all of them hold together.
    Reference: Katz et al. (1978); 29 CFR 1607.4 D for the four-fifths rule.

    >>> gap = ratio(np.array([30, 45]), np.array([100, 100]))
    >>> round(gap.value, 3), round(gap.low, 3), round(gap.high, 3)
    (0.667, 0.461, 0.965)
    """
    known = compared(trials)
    if len(known) < 2:
        return None
    x, n = successes[known], trials[known]
    rates = share(x, n)
    lowest, highest = int(rates.argmin()), int(rates.argmax())
    if rates[highest] <= 0:
        return None
    low, high = katz(x[:, None], n[:, None], x[None, :], n[None, :], pairwise_z(len(known)))
    np.fill_diagonal(low, np.inf)
    np.fill_diagonal(high, np.inf)
    value = float(rates[lowest] / rates[highest])
    top = min(max(float(high.min()), value), 1.0)
    return Gap(int(known[lowest]), int(known[highest]), value, min(float(low.min()), value), top, any_gap(x, n))


def spread(values: Floats, errors: Floats, trials: Ints) -> Gap | None:
    """The largest difference of several groups' means, from their half-widths at 95 %; bounds hold for all pairs.

    >>> gap = spread(np.array([0.0, 0.1]), np.array([0.03, 0.04]), np.array([100, 100]))
    >>> round(gap.value, 2), round(gap.low, 2), round(gap.high, 2)
    (0.1, 0.05, 0.15)
    """
    known = compared(trials)
    if len(known) < 2:
        return None
    x, error = values[known], errors[known] / pairwise_z(2)
    lowest, highest = int(x.argmin()), int(x.argmax())
    pair = np.sqrt(error[:, None] ** 2 + error[None, :] ** 2)
    apart = x[None, :] - x[:, None]
    margin = pairwise_z(len(known)) * pair
    np.fill_diagonal(margin, 0.0)
    value = float(x[highest] - x[lowest])
    largest = float(np.divide(apart, pair, out=np.zeros_like(apart), where=pair > 0).max())
    return Gap(
        int(known[lowest]),
        int(known[highest]),
        value,
        max(float((apart - margin).max()), 0.0),
        float((apart + margin).max()),
        range_survival(largest * float(np.sqrt(2.0)), len(known)),
    )


def unknown_difference(
    successes: Ints, trials: Ints, selected: int, not_selected: int
) -> tuple[float, float, float] | None:
    """The gap of rates, and bounds on it whatever the groups of some unknown rows are.

    At most: all unknown selected rows join one group and all others another. At least: they close the widest gap.

    >>> value, low, high = unknown_difference(np.array([30, 45]), np.array([100, 100]), 5, 5)
    >>> round(value, 3), round(low, 3), round(high, 3)
    (0.15, 0.095, 0.19)
    """
    return _unknown(successes, trials, selected, not_selected, np.subtract)


def unknown_ratio(successes: Ints, trials: Ints, selected: int, not_selected: int) -> tuple[float, float, float] | None:
    """The lowest rate over the highest, and bounds on it whatever the groups of some unknown rows are.

    >>> value, low, high = unknown_ratio(np.array([30, 45]), np.array([100, 100]), 5, 5)
    >>> round(value, 3), round(low, 3), round(high, 3)
    (0.667, 0.6, 0.778)
    """
    if not successes.any():
        return None
    bounds = _unknown(successes, trials, selected, not_selected, lambda high, low: 1.0 - low / np.maximum(high, 1e-300))
    return None if bounds is None else (1.0 - bounds[0], 1.0 - bounds[2], 1.0 - bounds[1])


def _unknown(
    successes: Ints, trials: Ints, selected: int, not_selected: int, apart: Callable[[Floats, Floats], Floats]
) -> tuple[float, float, float] | None:
    known = trials > 0
    if known.sum() < 2:
        return None
    x, n = successes[known], trials[known]
    rates, raised, lowered = x / n, (x + selected) / (n + selected), x / (n + not_selected)
    pairs = ~np.eye(len(n), dtype=np.bool_)
    value, high = (float(apart(a[:, None], b[None, :])[pairs].max()) for a, b in ((rates, rates), (raised, lowered)))
    low = float(apart(lowered[:, None], raised[None, :])[pairs].max())
    return value, max(low, 0.0), high


def any_gap(successes: Ints, trials: Ints) -> float | None:
    """P(a gap at least this large between some two groups | all rates are equal); None where nothing varies.

    The statistic is the largest |difference| of two groups over its pooled standard error. Its law is the range of
    normal variables; where a group expects fewer than 5 successes or failures, up to 4,000 seeded permutations of the
    rows instead, and Fisher's exact test between two groups.
    Reference: Tukey (1953) and Kramer (1956); Fisher (1922).

    >>> round(any_gap(np.array([30, 45]), np.array([100, 100])), 4)
    0.0285
    """
    return _any_gap(tuple(successes.tolist()), tuple(trials.tolist()))


@lru_cache(maxsize=1024)
def _any_gap(successes: tuple[int, ...], trials: tuple[int, ...]) -> float | None:
    x, n = np.array(successes, np.int64), np.array(trials, np.int64)
    rate = x.sum() / n.sum()
    if rate in (0.0, 1.0):
        return None
    if min(rate, 1.0 - rate) * n.min() >= LEAST_EXPECTED:
        return range_survival(float(_largest(x[None, :], n)[0]) * np.sqrt(2.0), len(n))
    if len(n) == 2:
        return fisher(int(x[0]), int(n[0]), int(x[1]), int(n[1]))
    random = np.random.default_rng(_SEED)
    draws = max(LEAST_DRAWS, min(MOST_DRAWS, PAIRS_DRAWN // len(n) ** 2))
    drawn = random.multivariate_hypergeometric(n, int(x.sum()), size=draws, method="marginals")
    seen = _largest(x[None, :], n)[0]
    return float((1 + (_largest(drawn, n) >= seen - 1e-9).sum()) / (1 + draws))


def _largest(successes: Ints, trials: Ints) -> Floats:
    """The largest pairwise |z| of each row, with the pooled variance."""
    rate = successes.sum(axis=1) / trials.sum()
    rates = successes / trials
    spread = np.sqrt((rate * (1.0 - rate))[:, None, None] * (1.0 / trials[:, None] + 1.0 / trials[None, :]))
    gaps: Floats = np.abs(rates[:, :, None] - rates[:, None, :]) / spread
    return np.asarray(gaps.max(axis=(1, 2)))


def range_survival(width: float, groups: int) -> float:
    """P(range of `groups` independent standard normal variables > width): Tukey's law at infinite degrees of freedom.

    1 - k integral phi(z) (Phi(z) - Phi(z - width))^(k - 1) dz.
    Reference: Tukey (1953), The problem of multiple comparisons.

    >>> round(range_survival(3.3145, 3), 4)
    0.05
    """
    from scipy.special import ndtr

    z = np.linspace(-8.0, 8.0 + width, 801)
    density = np.exp(-z * z / 2.0) / np.sqrt(2.0 * np.pi)
    inside = groups * density * (ndtr(z) - ndtr(z - width)) ** (groups - 1)
    return float(np.clip(1.0 - np.trapezoid(inside, z), 0.0, 1.0))


_PAIRWISE: dict[int, float] = {2: 1.959963984540054}


def pairwise_z(groups: int) -> float:
    """The normal quantile at which the intervals of all pairs hold together with 95 %.

    >>> round(pairwise_z(2), 3), round(pairwise_z(6), 3)
    (1.96, 2.85)
    """
    known = _PAIRWISE.get(groups)
    if known is None:
        low, high = 0.0, 20.0
        for _ in range(50):
            middle = (low + high) / 2.0
            low, high = (middle, high) if range_survival(middle, groups) > 0.05 else (low, middle)
        known = _PAIRWISE[groups] = high / float(np.sqrt(2.0))
    return known

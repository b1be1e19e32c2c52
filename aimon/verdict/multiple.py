"""Many intervals looked at together. In: estimates on the scale where more is worse. Out: who may still alarm.

A 95 % interval beyond its limit is wrong once in forty tries, and a window has hundreds of them: groups, classes,
segments. So an alarm also has to survive the Benjamini-Hochberg adjustment over all results of its family and window.
"""

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from aimon.metrics.proportions import Z95
from aimon.verdict.discoveries import adjust
from aimon.verdict.judge import Badness


def chance_beyond(badness: Sequence[Badness]) -> NDArray[np.float64]:
    """For each value, how likely one so far beyond its first limit is when the truth lies at that limit.

    The standard error is read off the lower bound of the 95 % interval; a value without one is certain.

    >>> sure = Badness(value=0.3, low=0.3, high=0.3, warning=0.1, critical=None, material=None)
    >>> unsure = Badness(value=0.3, low=0.1, high=0.5, warning=0.1, critical=None, material=None)
    >>> chance_beyond([sure, unsure]).round(3).tolist()
    [0.0, 0.025]
    """
    from scipy.special import ndtr

    value, low = (np.array([getattr(each, name) for each in badness], np.float64) for name in ("value", "low"))
    limit = np.array([_first(each) for each in badness], np.float64)
    error = (value - low) / Z95
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.where(error > 0, (value - limit) / error, np.where(value > limit, np.inf, -np.inf))
    return np.asarray(ndtr(-distance), np.float64)


def adjusted_by_family(families: Sequence[Hashable], badness: Sequence[Badness]) -> list[float]:
    """The chances, adjusted within each family, in the order they came."""
    chances = chance_beyond(badness)
    adjusted = np.ones(len(chances))
    members: Mapping[Hashable, list[int]] = _grouped(families)
    for places in members.values():
        adjusted[places] = adjust(chances[places])
    return [float(chance) for chance in adjusted]


def _first(badness: Badness) -> float:
    limits = [limit for limit in (badness.warning, badness.critical) if limit is not None]
    return min(limits, default=np.inf)


def _grouped(families: Sequence[Hashable]) -> dict[Hashable, list[int]]:
    members: dict[Hashable, list[int]] = {}
    for place, family in enumerate(families):
        members.setdefault(family, []).append(place)
    return members

"""Simpson's paradox. In: rates of groups, pooled and in each part. Out: gaps that turn around when parts are pooled.

Pure arithmetic on rates that were computed elsewhere; which parts may be told apart is decided elsewhere too.

Reference: E. H. Simpson, The interpretation of interaction in contingency tables, J. R. Stat. Soc. B 13 (1951).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

Rates = Mapping[str, float]
"""A rate from 0 to 1 of each group."""


@dataclass(frozen=True, slots=True)
class Reversal:
    """Pooled, the first group's rate is higher by `pooled`; in each part it is lower, by the opposites of `parts`."""

    higher: str
    lower: str
    pooled: float
    parts: Mapping[str, float]


def reversals(pooled: Rates, parts: Mapping[str, Rates]) -> list[Reversal]:
    """The pairs of groups whose gap points one way pooled and the other way in every part that has both.

    At least two parts must have both groups: one part alone is no mixture.

    >>> admitted = {"north": {"f": 0.70, "m": 0.65}, "south": {"f": 0.25, "m": 0.20}}
    >>> [each.higher for each in reversals({"f": 0.34, "m": 0.56}, admitted)]
    ['m']
    """
    found = []
    for pair in combinations(sorted(pooled), 2):
        higher, lower = sorted(pair, key=lambda group: -pooled[group])
        gaps = {name: rates[higher] - rates[lower] for name, rates in parts.items() if {*pair} <= rates.keys()}
        if pooled[higher] > pooled[lower] and len(gaps) > 1 and all(gap < 0 for gap in gaps.values()):
            found.append(Reversal(higher, lower, pooled[higher] - pooled[lower], gaps))
    return found

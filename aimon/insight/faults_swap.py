"""Two columns that arrive under each other's name. In: pairs of columns. Out: faults, one for each of the two."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from aimon.insight.faults_named import DataFault, FaultKind
from aimon.insight.faults_values import Pair, alike, distance

APART = 0.15


def swapped(pairs: Sequence[Pair]) -> Iterator[DataFault]:
    """Numeric columns that both moved away from themselves and onto each other."""
    moved = [pair for pair in pairs if pair.is_numeric and pair.enough and pair.distance > APART]
    for one, other in combinations(moved, 2):
        if distance(one.reference.ordered, other.reference.ordered) <= APART:
            continue
        crossed = alike(one.current.ordered, other.reference.ordered) and alike(
            other.current.ordered, one.reference.ordered
        )
        if crossed:
            yield DataFault(FaultKind.SWAPPED, one.name, 1.0, f"{one.name} and {other.name} look exchanged")
            yield DataFault(FaultKind.SWAPPED, other.name, 1.0, f"{other.name} and {one.name} look exchanged")

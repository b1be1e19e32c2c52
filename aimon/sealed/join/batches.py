"""Which envelopes are joined at once. In: how many records each has. Out: batches that can be joined.

A digit counts 127 records, and whoever decrypts may see no sum of fewer than 50, so not every choice fits. Batches of
29 envelopes always do: a block has fewer than 50 and 29 records, and takes the fewer than 50 that are left at the end.
"""

from collections.abc import Sequence

from aimon.errors import SealedError
from aimon.sealed.join import cohorts
from aimon.sealed.join.layout import MOST_IN_DIGIT


def batches(rows: Sequence[int], slots: int, least: int) -> list[list[int]]:
    """The places of the envelopes of each batch, as few batches as go. SealedError where there are too few records.

    >>> batches([500] * 200, 8191, 50) == [list(range(0, 200, 2)), list(range(1, 200, 2))]
    True
    """
    order = sorted(range(len(rows)), key=lambda place: (-rows[place], place))
    fewest, most = (-(-len(rows) // each) for each in (MOST_IN_DIGIT, max(1, MOST_IN_DIGIT - 2 * least + 2)))
    for number in range(fewest, most):
        found = [order[start::number] for start in range(number)]
        try:
            return _checked(found, rows, slots, least)
        except SealedError:
            continue
    return _checked([order[start::most] for start in range(most)], rows, slots, least)


def _checked(found: list[list[int]], rows: Sequence[int], slots: int, least: int) -> list[list[int]]:
    for batch in found:
        cohorts.blocks(cohorts.loads([rows[place] for place in batch], slots), least, MOST_IN_DIGIT)
    return found

"""Joints that need no counting of their own: sums of larger ones over the axes they lack. In: joints of a grid.

Every key gives every row a cell, so a sum over its axis loses none.
"""

import math
from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from aimon.profile.grid import Grid
from aimon.profile.key import Joint, Key
from aimon.profile.profile import Counts


def sources(grid: Grid, joints: Iterable[Joint]) -> dict[Joint, Joint]:
    """The joint that each is read off: itself where it has to be counted, else the smallest that holds it."""

    def cells(joint: Joint) -> int:
        return math.prod(part.size(grid) for part in joint)

    found: dict[Joint, Joint] = {}
    counted: dict[Key | None, list[Joint]] = defaultdict(list)
    for joint in sorted(joints, key=lambda joint: (len(joint), cells(joint)), reverse=True):
        candidates = counted[joint[0].key if joint else None]
        holders = [each for each in candidates if _places(grid, joint, each) is not None]
        found[joint] = min(holders, key=cells, default=joint)
        if not holders:
            for key in {None, *(part.key for part in joint)}:
                counted[key].append(joint)
    return found


def marginal(grid: Grid, joint: Joint, source: Joint, counts: Counts) -> Counts:
    """The joint's counts, from those of its source; the first axis of both is the slot."""
    places = _places(grid, joint, source)
    assert places is not None  # noqa: S101 - only a source of the joint is asked
    lacking = tuple(place + 1 for place in range(len(source)) if place not in places)
    kept = sorted(places)
    read: Counts = counts.sum(axis=lacking).transpose(0, *(kept.index(place) + 1 for place in places))
    for axis, (part, place) in enumerate(zip(joint, places, strict=True), start=1):
        fold = None if part == source[place] else part.fold(grid)
        if fold is not None:
            folded = np.zeros((part.size(grid), *np.delete(read.shape, axis)), np.int64)
            np.add.at(folded, fold, np.moveaxis(read, axis, 0))
            read = np.moveaxis(folded, 0, axis)
    return read


def _places(grid: Grid, joint: Joint, source: Joint) -> list[int] | None:
    """Where the source holds each part of the joint: the same part, or its key in full."""
    places: list[int] = []
    for part in joint:
        place = next(
            (
                place
                for place, other in enumerate(source)
                if place not in places and other.key == part.key and (other == part or other.fold(grid) is None)
            ),
            None,
        )
        if place is None:
            return None
        places.append(place)
    return places

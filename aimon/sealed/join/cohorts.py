"""Hiding single records from whoever decrypts. In: how many records share each slot. Out: blocks of slots, and a mask.

The mask is random in every slot and adds up to zero in every block: the owner of the key reads only the sums of blocks,
each of which holds many records. A sum of blocks is exact as long as no digit of it overflows.
"""

import hashlib
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from aimon.errors import SealedError

BYTES = 16


def loads(rows: Sequence[int], slots: int) -> list[int]:
    """How many records share each slot, of envelopes with so many rows each.

    >>> loads([3, 1], 4)
    [2, 1, 1, 0]
    """
    counts = np.bincount(rows, minlength=slots + 1)
    shared: list[int] = (len(rows) - np.cumsum(counts))[:slots].tolist()
    return shared


def blocks(shared: Sequence[int], least: int, most: int) -> tuple[int, ...]:
    """Where each block of slots begins: from `least` to `most` records a block. SealedError where that cannot be.

    The end is where no slot has a record any more.

    >>> blocks([1] * 120, 50, 127)
    (0, 50, 120)
    """
    used = sum(1 for each in shared if each)
    starts, held = [0], [0]
    for slot, load in enumerate(shared[:used]):
        if held[-1] >= least:
            starts.append(slot)
            held.append(0)
        held[-1] += load
    if len(held) > 1 and held[-1] < least:
        starts.pop()
    starts.append(used)
    for start, stop in pairwise(starts):
        records = sum(shared[start:stop])
        if not least <= records <= most:
            what = f"fewer than {least}" if records < least else f"more than {most}"
            raise SealedError(f"{records} records, {what}, would have to share a sum; join other envelopes together")
    return tuple(starts)


def mask(starts: Sequence[int], slots: int, modulus: int, seed: bytes, part: str) -> list[int]:
    """Random numbers that add up to zero in every block, and 0 beyond; the same seed and part give the same ones."""
    drawn = list(_numbers(seed, part, slots, modulus))
    drawn[starts[-1] :] = [0] * (slots - starts[-1])
    for start, stop in pairwise(starts):
        drawn[start] = -sum(drawn[start + 1 : stop]) % modulus
    return drawn


def sums(slots: Sequence[int], starts: Sequence[int], modulus: int) -> list[int]:
    """The sum of each block."""
    return [sum(slots[start:stop]) % modulus for start, stop in pairwise(starts)]


def _numbers(seed: bytes, part: str, count: int, modulus: int) -> Iterator[int]:
    octets = hashlib.shake_256(seed + part.encode()).digest(BYTES * count)
    for start in range(0, len(octets), BYTES):
        yield int.from_bytes(octets[start : start + BYTES]) % modulus

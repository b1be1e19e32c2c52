"""What several releases give away together. In: which envelopes each held. Out: the fewest rows that can be isolated.

Releases are sums, so whoever has them can add and subtract them in any multiples. Two are easily held against each
other; here all are, by elimination.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

PRIME = 2**31 - 1
"""Eliminations are done modulo this prime: whole factors show here unless they are multiples of it."""
Matrix = NDArray[np.int64]


def isolated(releases: Sequence[Mapping[str, int]], least: int) -> int | None:
    """Fewer than `least` rows that some combination of the releases holds by themselves; None where there are none.

    A release names its envelopes with their rows. Envelopes that always come together count as one.

    >>> a, b, c, d = {"few": 30, "p": 60, "q": 60}, {"p": 60, "r": 60}, {"q": 60}, {"r": 60}
    >>> isolated([a, b, c], 50), isolated([a, b, c, d], 50)
    (None, 30)
    """
    rows = {each: count for release in releases for each, count in release.items()}
    if min(rows.values(), default=least) >= least:
        return None
    places = {each: place for place, each in enumerate(rows)}
    held = np.zeros((len(rows), len(releases)), np.uint8)
    for place, release in enumerate(releases):
        held[[places[each] for each in release], place] = 1
    groups: dict[bytes, int] = {}
    for row, count in zip(np.packbits(held, axis=1), rows.values(), strict=True):
        groups[row.tobytes()] = groups.get(row.tobytes(), 0) + count
    small = [each for each, count in groups.items() if 0 < count < least]
    if not small:
        return None
    large = [each for each, count in groups.items() if count >= least]
    packed = np.frombuffer(b"".join([*large, *small]), np.uint8).reshape(len(large) + len(small), -1)
    matrix = np.unpackbits(packed, axis=1, count=len(releases)).T.astype(np.int64)
    for row in eliminated(matrix):
        support = [place - len(large) for place in np.flatnonzero(row)]
        if min(support) >= 0:
            count = sum(groups[small[place]] for place in support)
            if count < least:
                return count
    return None


def eliminated(matrix: Matrix) -> Matrix:
    """The matrix in reduced row echelon form modulo the prime, without rows of zeros."""
    left, done = matrix.copy() % PRIME, 0
    for column in range(left.shape[1]):
        candidates = np.flatnonzero(left[done:, column])
        if not len(candidates):
            continue
        pivot = done + candidates[0]
        left[[done, pivot]] = left[[pivot, done]]
        left[done] = left[done] * pow(int(left[done, column]), -1, PRIME) % PRIME
        factors = left[:, column].copy()
        factors[done] = 0
        touched = np.flatnonzero(factors)
        left[touched] = (left[touched] - factors[touched, None] * left[done] % PRIME) % PRIME
        done += 1
        if done == len(left):
            break
    return left[:done]

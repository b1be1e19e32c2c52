"""Counting different values by adding tables. In: texts, or a table of row counts by hash. Out: cells, or an estimate.

A text's MD5 picks one of 1,024 buckets and a rank (how many zero bits follow, so rank r has probability 2^-(r+1)).
Tables of row counts by (bucket, rank) add exactly; which cells are occupied tells how many different values there were.
"""

import hashlib
import math

import numpy as np

from aimon.profile.axis import Cells
from aimon.profile.tables import DISTINCT_BUCKETS, DISTINCT_RANKS

BUCKET_DIGITS = 4
RANK_DIGITS = 6
RELATIVE_ERROR = 0.021
"""The standard error of an estimate, as a share of it; smaller below a few thousand values."""


def distinct_cell(text: str) -> int:
    """The cell `bucket * 24 + rank`: bucket from the first 4 hexadecimal digits of the MD5, rank from the next 6.

    >>> distinct_cell("web"), distinct_cell("shop")
    (8616, 20448)
    """
    digest = hashlib.md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
    bucket = int(digest[:BUCKET_DIGITS], 16) % DISTINCT_BUCKETS
    bits = int(digest[BUCKET_DIGITS : BUCKET_DIGITS + RANK_DIGITS], 16)
    return bucket * DISTINCT_RANKS + min(4 * RANK_DIGITS - bits.bit_length(), DISTINCT_RANKS - 1)


def estimate_distinct(counts: Cells) -> float:
    """The most likely number of different values behind a table of (bucket, rank) counts; about 2 % off.

    Of n values a cell of rank r is missed by all with probability exp(-n 2^-(r+1) / 1024), the last rank doubling as
    "or more". The likelihood of the occupied cells has one maximum in n, found by bisection on its slope.

    >>> table = np.zeros((1024, 24), np.int64)
    >>> np.add.at(table.reshape(-1), [distinct_cell(str(number)) for number in range(50_000)], 1)
    >>> abs(estimate_distinct(table) / 50_000 - 1) < 0.03
    True
    """
    table = counts.reshape(DISTINCT_BUCKETS, DISTINCT_RANKS)
    occupied = (table > 0).sum(axis=0).astype(np.float64)
    if not occupied.any():
        return 0.0
    ranks = np.arange(DISTINCT_RANKS, dtype=np.float64)
    share = 2.0 ** -np.minimum(ranks + 1, DISTINCT_RANKS - 1) / DISTINCT_BUCKETS

    def slope(n: float) -> float:
        with np.errstate(over="ignore"):
            return float((occupied * share / np.expm1(n * share) - (DISTINCT_BUCKETS - occupied) * share).sum())

    low, high = 0.0, 1.0
    while slope(high) > 0 and high < 2.0**60:
        low, high = high, high * 2
    while high - low > 1e-9 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    return high if math.isfinite(high) else 0.0

"""How well a ranking puts what is relevant first. In: rows of (query, score, relevance). Out: NDCG@k, MRR, MAP.

A query is the unit: its measures are means over queries, and their errors come from how queries differ. Days add up by
`RankingSums`, which hold whole numbers only.
"""

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from aimon.insight.sample_columns import categories, numbers
from aimon.metrics.estimate import Estimate
from aimon.metrics.interval import Measure, compare, normal, undefined

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

CUT = 10
MEASURES = ("ndcg", "mrr", "map")
UNIT = 2.0**30
NO_QUERY = "no query has a relevant answer with a known relevance"


@dataclass(frozen=True, slots=True)
class QueryMeasures:
    """Measures of the queries that have something relevant, in the order of their first rows; `others` have nothing."""

    ndcg: Floats
    mrr: Floats
    map: Floats
    others: int


@dataclass(frozen=True, slots=True)
class RankingSums:
    """Queries, and sums of each measure and of its square in units of 2^-30. Sums of days are sums of whole numbers."""

    queries: int
    others: int
    ndcg: int
    ndcg_square: int
    mrr: int
    mrr_square: int
    map: int
    map_square: int

    def __add__(self, other: Self) -> Self:
        return type(self)(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))

    def measure(self, name: str) -> Measure:
        """The mean over queries with its normal interval."""
        n = self.queries
        if n == 0:
            return undefined(0, NO_QUERY)
        mean, square = getattr(self, name) / UNIT / n, getattr(self, f"{name}_square") / UNIT / n
        error = (max(square - mean * mean, 0.0) / max(n - 1, 1)) ** 0.5
        return normal(mean, error, n, least=0.0, most=1.0)


def rank_queries(query: Integers, score: Floats, relevance: Floats, *, k: int = CUT) -> QueryMeasures:
    """Measures of each query; a higher score is shown earlier, and relevance is 0 or more.

    NDCG@k = DCG / ideal DCG, DCG = sum over the first k of relevance / log2(rank + 1); MRR = 1 / rank of the first
    relevant answer; MAP = mean over relevant answers of the precision down to them. Answers of one score are tied: NDCG
    gives each the mean of their places, MRR and MAP put the tie's last place.
    References: Jaervelin and Kekaelaeinen (2002); McSherry and Najork (2008) for ties.

    >>> one = rank_queries(np.zeros(3, int), np.array([3.0, 2.0, 1.0]), np.array([0.0, 1.0, 2.0]))
    >>> one.ndcg.round(4).tolist(), one.mrr.tolist(), one.map.round(4).tolist()
    ([0.6199], [0.5], [0.5833])
    """
    known = np.isfinite(score) & np.isfinite(relevance)
    _, query = np.unique(query[known], return_inverse=True)
    score, relevance = score[known], np.maximum(relevance[known], 0.0)
    if not len(query):
        return QueryMeasures(np.zeros(0), np.zeros(0), np.zeros(0), 0)
    order = np.lexsort((-score, query))
    query, score, relevance = query[order], score[order], relevance[order]
    start = np.flatnonzero(np.diff(query, prepend=-1))
    rank = np.arange(len(query)) - start[query]
    tied = np.flatnonzero((np.diff(query, prepend=-1) != 0) | (np.diff(score, prepend=np.nan) != 0))
    discount = np.where(rank < k, 1.0 / np.log2(rank + 2.0), 0.0)
    sizes = np.diff(np.append(tied, len(query)))
    gain = np.add.reduceat(relevance, tied) / sizes * np.add.reduceat(discount, tied)
    best = np.lexsort((-relevance, query))
    ideal = np.add.reduceat(relevance[best] * discount, start)
    kept = ideal > 0
    with np.errstate(invalid="ignore"):
        ndcg = np.bincount(query[tied], gain) / ideal
    last = np.repeat(tied + sizes - 1, sizes)
    relevant = relevance > 0
    seen = np.cumsum(relevant)
    before: Integers = (seen - relevant)[start]
    place = rank[last] + 1.0
    precision = np.where(relevant, (seen[last] - before[query]) / place, 0.0)
    reciprocal = np.maximum.reduceat(np.where(relevant, 1.0 / place, 0.0), start)
    relevants = np.maximum(np.add.reduceat(relevant.astype(float), start), 1.0)
    average = np.add.reduceat(precision, start) / relevants
    return QueryMeasures(ndcg[kept], reciprocal[kept], average[kept], int((~kept).sum()))


def ranking_sums(table: pa.Table, *, query: str, score: str, relevance: str, k: int = CUT) -> RankingSums:
    """The sums of one day's rows; rows without query, score or relevance are left out."""
    codes, texts = categories(table[query])
    codes = np.where(np.array([text is None for text in texts])[codes], -1, codes)
    kept = codes >= 0
    found = rank_queries(codes[kept], numbers(table[score])[kept], numbers(table[relevance])[kept], k=k)
    sums = [len(found.ndcg), found.others]
    for name in MEASURES:
        values = getattr(found, name)
        sums += [int(np.rint(part * UNIT).astype(np.int64).sum()) for part in (values, values**2)]
    return RankingSums(*sums)


def ranking_estimates(baseline: RankingSums | None, current: RankingSums) -> list[Estimate]:
    """`ndcg`, `mrr` and `map` with their change since the baseline."""
    return [
        compare(name, current.measure(name), None if baseline is None else baseline.measure(name), labels=True)
        for name in MEASURES
    ]

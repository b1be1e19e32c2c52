"""The search: which segment of one or two clauses differs most from the rows outside it.

In: columns and contrasts. Out: candidates, each found with the rows of the ones before it taken away. Every range
between bin edges is looked at, alone and together with every clause of every other column; where there are many
contrasts, only the pairs of the columns that already stand out alone. Nothing here says whether a find is real.
"""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aimon.insight.sample_columns import Column
from aimon.insight.segments_clause import Clause, Cuts, cut
from aimon.insight.segments_contrast import Arms, Contrast, Floats, Mask, normal_scores

SMALLEST, LARGEST = 0.01, 0.5
"""A segment holds at least and at most this share of the rows that take part."""
SINGLE_BINS, PAIR_BINS, REFINED_BINS = 24, 8, 64
ANCHORS = 60
NESTED, MOST, HALF = 4.0, 0.85, 0.5
"""A second clause needs this evidence among the rows of the first, holds at most this part of them, and leaves out rows
in which the fault is less than half as strong."""
DOUBT = 8.0
"""Candidates may fall this short of the evidence that would do without a confirmation."""
Places = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A segment that stands out where it was searched. `evidence` is score^2 / 2 less the logarithm of the tries."""

    contrast: Contrast
    clauses: tuple[Clause, ...]
    score: float
    evidence: float


class Search:
    """Columns cut into bins, finely where a clause stands alone and coarsely where two meet."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = {column.name: column for column in columns}
        self._alone = [cut(column, bins=SINGLE_BINS) for column in columns]
        self._together = [cut(column, bins=PAIR_BINS) for column in columns]
        self._refining: dict[str, Cuts] = {}
        self._tries = {
            1: sum(cuts.tries for cuts in self._alone),
            2: sum(cuts.tries for cuts in self._together) ** 2 // 2,
        }

    def candidates(self, contrasts: Sequence[Contrast], rows: Mask, most: int) -> Iterator[Candidate]:
        """The strongest candidate among the rows, then the strongest of what is left without its rows, and so on.

        Taking rows away seldom makes other columns stand out more, so what was found before is an upper bound that is
        checked again only when it is next.
        """
        restricted = [contrast.on(rows) for contrast in contrasts]
        least = float(np.log(max(1, len(contrasts)))) - DOUBT
        leads = [(-evidence, index, places) for index, places, evidence in self._survey(restricted) if evidence > least]
        heapq.heapify(leads)
        left, given = rows, 0
        while leads and given < most:
            bound, index, places = heapq.heappop(leads)
            candidate = self._best(restricted[index], places)
            if candidate.evidence <= least:
                continue
            if -candidate.evidence > bound + 1e-9 and leads and -candidate.evidence > leads[0][0]:
                heapq.heappush(leads, (-candidate.evidence, index, places))
                continue
            refined = self._simplest(self._refined(self._extended(candidate)))
            yield refined
            given += 1
            left = left & ~self.inside(refined.clauses)
            restricted = [contrast.on(left) for contrast in contrasts]
            heapq.heappush(leads, (-candidate.evidence, index, places))

    def inside(self, clauses: Sequence[Clause]) -> Mask:
        """The rows of which all the clauses are true."""
        result: Mask = np.logical_and.reduce([clause.holds(self._columns[clause.column]) for clause in clauses])
        return result

    def _survey(self, contrasts: Sequence[Contrast]) -> Iterator[tuple[int, Places, float]]:
        """The evidence for each contrast at each column, and at the pairs worth looking at."""
        alone = [
            (self._best(contrast, (place,)).evidence, index, place)
            for index, contrast in enumerate(contrasts)
            for place in range(len(self._alone))
        ]
        yield from ((index, (place,), evidence) for evidence, index, place in alone)
        pairs = {
            (index, *sorted((place, other)))
            for _, index, place in sorted(alone, reverse=True)[:ANCHORS]
            for other in range(len(self._together))
            if other != place
        }
        for index, *places in sorted(pairs):
            yield index, tuple(places), self._best(contrasts[index], tuple(places)).evidence

    def _best(self, contrast: Contrast, places: Places) -> Candidate:
        """The best clause of the column, or the best pair of clauses of the two columns."""
        cuts = [(self._alone if len(places) == 1 else self._together)[place] for place in places]
        if any(contrast.subject == one.column.name or not one.clauses for one in cuts):
            return Candidate(contrast, (), 0.0, -np.inf)
        scores = _scores(contrast, cuts)
        best = np.unravel_index(scores.argmax(), scores.shape)
        clauses = tuple(one.clauses[int(place)] for one, place in zip(cuts, best, strict=True))
        return self._candidate(contrast, clauses, float(scores[best]))

    def _candidate(self, contrast: Contrast, clauses: tuple[Clause, ...], score: float) -> Candidate:
        return Candidate(contrast, clauses, score, self._evidence(score, len(clauses)))

    def _evidence(self, score: float, clauses: int) -> float:
        return score**2 / 2.0 - float(np.log(max(1, self._tries[clauses])))

    def _extended(self, candidate: Candidate) -> Candidate:
        """A single clause with a second one, where the fault is inside the first but gathers inside both."""
        if len(candidate.clauses) > 1:
            return candidate
        (first,) = candidate.clauses
        within = candidate.contrast.within(self.inside([first]))
        best, evidence = None, NESTED
        for cuts in self._alone:
            if cuts.column.name in (first.column, within.subject) or not cuts.clauses:
                continue
            second, score = _finest(within, cuts, None, largest=MOST)
            found = self._evidence(score, 1)
            if found > evidence and not self._as_strong(within, self.inside([second])):
                best, evidence = second, found
        if best is None:
            return candidate
        return Candidate(candidate.contrast, (first, best), candidate.score, candidate.evidence)

    def _refined(self, candidate: Candidate) -> Candidate:
        """The same candidate with the ends of its ranges at finer quantiles, one clause after the other."""
        clauses = list(candidate.clauses)
        for place in [*range(len(clauses)), *range(len(clauses))]:
            column = self._columns[clauses[place].column]
            if column.labels is None and not clauses[place].missing:
                rest = [clause for number, clause in enumerate(clauses) if number != place]
                fine = self._fine(column)
                finer, score = _finest(candidate.contrast, fine, self.inside(rest) if rest else None)
                clauses[place] = finer if score > 0 else clauses[place]
        return replace(candidate, clauses=tuple(clauses))

    def _fine(self, column: Column) -> Cuts:
        if column.name not in self._refining:
            self._refining[column.name] = cut(column, bins=REFINED_BINS)
        return self._refining[column.name]

    def _simplest(self, candidate: Candidate) -> Candidate:
        """One clause alone where the fault seems about as strong in the rows that the other leaves out."""
        if len(candidate.clauses) == 1:
            return candidate
        for kept, dropped in (candidate.clauses, candidate.clauses[::-1]):
            within = candidate.contrast.within(self.inside([kept]))
            _, score = _finest(within, self._fine(self._columns[dropped.column]), None, largest=MOST)
            if self._evidence(score, 1) < 0 or self._as_strong(within, self.inside([dropped])):
                return self._refined(replace(candidate, clauses=(kept,)))
        return candidate

    def _as_strong(self, contrast: Contrast, inside: Mask) -> bool:
        """Whether the contrast outside is at least half of what it is inside."""
        inner, outer = contrast.within(inside).level, contrast.within(~inside).level
        return inner != 0 and outer / inner >= HALF


def _finest(contrast: Contrast, cuts: Cuts, within: Mask | None, *, largest: float = LARGEST) -> tuple[Clause, float]:
    """The column's best clause for the rows within, all others counting as outside."""
    scores = _scores(contrast, [cuts], None if within is None else contrast.arms.within(within), largest)
    return cuts.clauses[int(scores.argmax())], float(scores.max())


def _scores(contrast: Contrast, cuts: Sequence[Cuts], arms: Arms | None = None, largest: float = LARGEST) -> Floats:
    """The score of each combination of one clause per column; 0 for segments that are too small or too large.

    `arms` are the contrast's, or its restriction to the rows of another clause: those left out count as outside.
    """
    chosen = arms or contrast.arms
    values = contrast.taken if arms is None or contrast.values is None else contrast.values[arms.rows]
    needed = [] if values is None else [values] if contrast.is_binary else [values, values**2]
    counted, *summed = (_combined(table, cuts) for table in chosen.tables(cuts, *needed))
    share = counted.sum(axis=0) / max(1, len(contrast.arms.rows))
    sized = (share >= SMALLEST) & (share <= largest)
    return np.where(
        sized, normal_scores(contrast, counted, summed[0] if summed else None, summed[-1] if summed else None), 0.0
    )


def _combined(table: NDArray[Any], cuts: Sequence[Cuts]) -> Floats:
    """Bins added up to clauses, along each axis after that of the arm."""
    if len(cuts) == 1:
        return np.asarray(table @ cuts[0].unions.T, np.float64)
    return np.asarray(cuts[0].unions @ table @ cuts[1].unions.T, np.float64)

"""The search for the worst segments: where errors, drift or unfairness gather.

Two thirds of the rows are searched; the last third, which had no part in it, decides which finds are real and how
large they are. In: encoded columns and outcomes of two samples. Out: segments with size, effect, interval and words.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from aimon.insight.faults_named import percent
from aimon.insight.sample_columns import Column
from aimon.insight.sample_random import random_for
from aimon.insight.segments_clause import Clause
from aimon.insight.segments_confirm import Shown, confirmed
from aimon.insight.segments_contrast import Fault
from aimon.insight.segments_question import (
    CURRENT,
    REFERENCE,
    ROWS,
    Outcomes,
    drift_questions,
    error_questions,
    sides,
    unfairness_questions,
    volume_questions,
)
from aimon.insight.segments_search import Search
from aimon.insight.segments_usual import less_usual
from aimon.insight.segments_words import (
    drift_words,
    effect_words,
    error_words,
    named,
    unfairness_words,
    volume_words,
)

SEARCHED = 2 / 3
CANDIDATES = 5
RATE = 0.005


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment in which something is wrong. `share` is its part of the current rows, `effect` in the subject's unit.

    `inside` and `outside` are the means of what is compared, by arm, on the rows that confirmed it; `counts` says that
    they are shares of rows.
    """

    fault: Fault
    subject: str
    clauses: tuple[Clause, ...]
    rows: int
    share: float
    effect: float
    low: float
    high: float
    p_value: float
    p_adjusted: float
    inside: tuple[float, ...]
    outside: tuple[float, ...]
    group: str | None = None
    counts: bool = False

    @property
    def name(self) -> str:
        """The segment as its clauses."""
        return named(self.clauses)

    @property
    def sentence(self) -> str:
        """What was found, for people."""
        what = {
            Fault.ERROR: lambda: error_words(self.subject, self.inside, self.outside, shares=self.counts),
            Fault.DRIFT: lambda: drift_words(self.subject, self.group, self.inside, self.outside),
            Fault.VOLUME: lambda: volume_words(self.inside),
            Fault.UNFAIRNESS: lambda: unfairness_words(self.subject, self.group, self.inside, self.outside),
        }[self.fault]()
        effect = effect_words(self.fault, self.effect, self.low, self.high, shares=self.counts)
        return f"In {self.name} ({percent(self.share)} of the rows) {what} ({effect})."


def worst_segments(
    columns: Sequence[Column],
    outcomes: Outcomes | None = None,
    *,
    targets: Sequence[Column] | None = None,
    seed: int = 0,
    rate: float = RATE,
) -> list[Segment]:
    """The segments of `columns` in which something is worse than elsewhere, worst first.

    `targets` are the columns whose drift is looked for, such as score and prediction beside the features; default:
    `columns`. Without reference rows, errors and gaps are compared between segments only.
    """
    side = sides(columns)
    made = outcomes or Outcomes()
    questions = [
        list(error_questions(side, made)),
        list(volume_questions(side)),
        list(drift_questions(side, columns if targets is None else targets)),
        list(unfairness_questions(side, replace(made, selected=_unexplained(columns, targets, made, side, seed)))),
    ]
    search = Search(columns)
    searched = random_for("segments", seed).random(len(side)) < SEARCHED
    found = [list(search.candidates(contrasts, searched, CANDIDATES)) for contrasts in questions if contrasts]
    shown: list[Shown] = []
    for one in sorted(confirmed(search, found, ~searched, rate), key=_rank):
        if not any(_echoes(one, stronger) for stronger in shown):
            shown.append(one)
    return [_segment(one, search.inside(one.candidate.clauses) & (side == CURRENT), side) for one in shown]


def _rank(one: Shown) -> tuple[float, str]:
    """Effects in standard deviations, shrunk by what chance adds to them, times the root of the segment's share."""
    noise = one.error / one.effect if one.effect else 1.0
    size = abs(one.effect) * max(0.0, 1.0 - noise**2) / one.error
    return -size, " ".join(map(str, one.candidate.clauses))


def _echoes(one: Shown, stronger: Shown) -> bool:
    """A column that moves in a segment changes how many rows have which of its values there, and the reverse."""
    moves = (Fault.DRIFT, Fault.VOLUME)
    if one.candidate.contrast.fault not in moves or stronger.candidate.contrast.fault not in moves:
        return False
    return _columns(one) <= _columns(stronger)


def _columns(one: Shown) -> set[str]:
    return {one.candidate.contrast.subject, *(clause.column for clause in one.candidate.clauses)} - {ROWS}


def _unexplained(
    columns: Sequence[Column], targets: Sequence[Column] | None, outcomes: Outcomes, side: NDArray[np.int8], seed: int
) -> NDArray[np.float64] | None:
    """Who was selected, less who would have been by the reference's ways."""
    if outcomes.selected is None or not outcomes.groups:
        return None
    every = {column.name: column for column in (*columns, *(targets or ()))}
    return less_usual(list(every.values()), outcomes.selected, side == REFERENCE, seed=seed)


def _segment(one: Shown, within: NDArray[np.bool_], side: NDArray[np.int8]) -> Segment:
    contrast = one.candidate.contrast
    rows = int(within.sum())
    return Segment(
        contrast.fault,
        contrast.subject,
        one.candidate.clauses,
        rows,
        rows / max(1, int((side == CURRENT).sum())),
        one.effect,
        one.low,
        one.high,
        one.p_value,
        one.p_adjusted,
        one.means,
        one.others,
        contrast.group,
        contrast.is_binary,
    )

"""Rankings and generated answers, judged by whole rows. In: a model's spec, rows of the baseline and of a window.

Out: estimates for the judge. What counts can tell of these tasks (tokens, cost, latency, drift) is told elsewhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from aimon.insight.generative import agreement, corrected_mean, mean_words, refusal_rate
from aimon.insight.ranking import RankingSums, ranking_estimates, ranking_sums
from aimon.insight.sample_columns import numbers
from aimon.metrics.estimate import Estimate
from aimon.metrics.interval import Measure, compare, normal, undefined
from aimon.metrics.registry import METRICS
from aimon.spec.model import Columns, ModelSpec, Task

Floats = NDArray[np.float64]

MOST_MARKS = 20


def task_estimates(spec: ModelSpec, baseline: pa.Table | None, current: pa.Table) -> list[Estimate]:
    """Every measure of the task that these columns allow; none for tasks that counts can judge."""
    if spec.task is Task.RANKING:
        sums = ranking_of(spec.columns, current)
        return [] if sums is None else ranking_estimates(_ranking_or_none(spec.columns, baseline), sums)
    if spec.task is Task.GENERATIVE:
        return _of_answers(spec.columns, baseline, current)
    return []


def ranking_of(columns: Columns, rows: pa.Table) -> RankingSums | None:
    """The sums of a day's rankings; None where queries or relevance are not declared, or not there.

    Rows are ordered by the score, the highest first, or by the position that the prediction gives.
    """
    query, relevance = columns.query, columns.label
    order = columns.score if columns.score is not None else columns.prediction
    if query is None or relevance is None or not {query, relevance, order} <= set(rows.column_names):
        return None
    if columns.score is None:
        place = rows.column_names.index(order)
        rows = rows.set_column(place, order, pa.array(-numbers(rows[order]), from_pandas=True))
    return ranking_sums(rows, query=query, score=order, relevance=relevance)


@dataclass(frozen=True, slots=True)
class Marks:
    """A judge's marks of all rows, and people's marks; NaN where there is none."""

    judge: Floats
    human: Floats

    @property
    def both(self) -> NDArray[np.bool_]:
        """The rows that judge and people marked."""
        both: NDArray[np.bool_] = np.isfinite(self.judge) & np.isfinite(self.human)
        return both

    @property
    def measures(self) -> Iterator[tuple[str, Measure]]:
        """The judge's plain mean, the corrected mean, and the agreement."""
        judged, both = self.judge[np.isfinite(self.judge)], self.both
        spread = float(judged.std(ddof=1)) / len(judged) ** 0.5 if len(judged) > 1 else 0.0
        yield "judge_score", normal(float(judged.mean()), spread, len(judged)) if len(judged) else _NO_MARKS
        rest = self.judge[np.isfinite(self.judge) & ~both]
        yield "judged_quality", corrected_mean(rest, self.judge[both], self.human[both])
        marks = np.unique(np.concatenate([self.judge[both], self.human[both]]))
        if 0 < len(marks) <= MOST_MARKS:
            judge, human = (np.searchsorted(marks, side[both]) for side in (self.judge, self.human))
            yield "judge_agreement", agreement(judge, human, len(marks)).kappa


_NO_MARKS = undefined(0, "the judge marked no row")


def marks_of(columns: Columns, rows: pa.Table) -> Marks | None:
    """The marks of the rows; None where no judge is declared, or it is not there."""
    if columns.judge is None or columns.judge not in rows.column_names:
        return None
    judge = numbers(rows[columns.judge])
    known = columns.label is not None and columns.label in rows.column_names
    return Marks(judge, numbers(rows[columns.label]) if known else np.full(len(judge), np.nan))


def _of_answers(columns: Columns, baseline: pa.Table | None, current: pa.Table) -> list[Estimate]:
    before = {} if baseline is None else dict(_answer_measures(columns, baseline))
    return [_compared(name, measure, before.get(name)) for name, measure in _answer_measures(columns, current)]


def _compared(name: str, measure: Measure, before: Measure | None) -> Estimate:
    metric = METRICS[name]
    return replace(compare(name, measure, before, basis=metric.basis), labels=metric.needs_labels)


def _answer_measures(columns: Columns, rows: pa.Table) -> Iterator[tuple[str, Measure]]:
    answers = rows[columns.prediction] if columns.prediction in rows.column_names else None
    if answers is not None and (pa.types.is_string(answers.type) or pa.types.is_large_string(answers.type)):
        yield "refusal_rate", refusal_rate(answers)
        yield "answer_words", mean_words(answers)
    marks = marks_of(columns, rows)
    if marks is not None:
        yield from marks.measures


def _ranking_or_none(columns: Columns, rows: pa.Table | None) -> RankingSums | None:
    return None if rows is None else ranking_of(columns, rows)

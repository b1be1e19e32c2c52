"""Parts and their sum, judged alike. In: profiles on one grid, a baseline. Out: records, and gaps that turn around.

Whether parts may be told apart is decided before: here they are only read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aimon.metrics.reversal import Reversal, reversals
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile
from aimon.spec.model import ModelSpec
from aimon.verdict.evaluate import evaluate
from aimon.verdict.record import Record

RATES = ("selection_rate", "tpr", "fpr")
"""Whose gaps between groups may turn around."""


@dataclass(frozen=True, slots=True)
class Turned:
    """A gap of one rate between two groups of a column that points one way pooled and the other way in every part."""

    metric: str
    column: str
    gap: Reversal

    def __str__(self) -> str:
        parts = ", ".join(f"{name} {gap:+.1%}" for name, gap in self.gap.parts.items())
        return (
            f"{self.metric} of {self.column}: pooled, {self.gap.higher} is {self.gap.pooled:.1%} above "
            f"{self.gap.lower}, and below it in every part ({parts})"
        )


@dataclass(frozen=True, slots=True)
class Pooled:
    """The records of the sum and of each part, and the gaps that turn around between them."""

    whole: list[Record]
    parts: dict[str, list[Record]]

    def turned(self) -> list[Turned]:
        """Simpson's paradoxes."""
        return list(self._turned())

    def _turned(self) -> Iterator[Turned]:
        columns = sorted({each.column for each in self.whole if each.metric in RATES and isinstance(each.column, str)})
        for metric in RATES:
            for column in columns:
                parts = {name: rates(records, metric, column) for name, records in self.parts.items()}
                for gap in reversals(rates(self.whole, metric, column), parts):
                    yield Turned(metric, column, gap)


def judge_pooled(
    spec: ModelSpec, grid: Grid, baseline: Profile, pooled: Profile, parts: Mapping[str, Profile]
) -> Pooled:
    """Hold the sum and each part against the same baseline."""
    return Pooled(
        evaluate(spec, grid, baseline, pooled),
        {name: evaluate(spec, grid, baseline, profile) for name, profile in parts.items()},
    )


def rates(records: list[Record], metric: str, column: str) -> dict[str, float]:
    """The rate of each group of the column, over all rows."""
    return {
        str(each.group): each.value
        for each in records
        if each.metric == metric and each.column == column and each.segment is None and each.value is not None
    }

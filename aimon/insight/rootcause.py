"""Root causes: which columns made the model's performance change, ranked by what each is estimated to have cost.

A column is put back to the reference's values, and what that does to the loss is measured: against labels where they
tell, by the usual loss of such rows where they do not. Drift that costs nothing ranks last, however large it is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from aimon.insight.faults_named import DataFault
from aimon.insight.rootcause_inquiry import Cause, Inquiry
from aimon.insight.rootcause_model import LOSSES, Answers, StandIn
from aimon.insight.sample_columns import Column, matrix, telling
from aimon.insight.sample_random import random_for

LEAST_ROWS = 100
TAUGHT, ASKED, ASKED_FIRST = 10_000, 4_000, 800
"""Rows of each side that teach the stand-ins, and rows that they are asked about."""
WORTH_ASKING = 20
"""Columns that are asked about with all of these rows, if there are more."""
NAMED, SHADOW = 5, 0.2
STEPS = 4

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RootCauses:
    """The mean loss before and now, and the columns by what they cost, most costly first.

    `current` is None where current labels are too few: the effects are then estimated from the reference's labels.
    """

    loss: str
    reference: float
    current: float | None
    causes: tuple[Cause, ...]

    @property
    def change(self) -> float | None:
        """How much the mean loss rose."""
        return None if self.current is None else self.current - self.reference

    @property
    def shown(self) -> list[Cause]:
        """The causes that are shown to have cost something, most costly first, five at most."""
        return [cause for cause in self.causes if cause.is_shown and self._matters(cause)][:NAMED]

    @property
    def sentences(self) -> list[str]:
        """The shown causes in words; one sentence where there is none."""
        found = [cause.sentence(self.loss) for cause in self.shown]
        return found or [f"No column is shown to have raised the {self.loss}."]

    def _matters(self, cause: Cause) -> bool:
        """Small effects beside a large one are mostly its shadow on columns that go with it."""
        return cause.effect >= SHADOW * self.causes[0].effect


def root_causes(
    columns: Sequence[Column], answers: Answers, faults: Iterable[DataFault] = (), *, seed: int = 0
) -> RootCauses | None:
    """Rank the columns by their estimated effect; None where the reference has too few labelled rows.

    With labels, `lost` is how much the current rows' loss falls when the column is drawn from the reference, less the
    same of the reference rows. That is 0 for a column that the model does not use and for one that still tells what it
    told, and the whole damage for a broken one. `mix` is the same of the usual loss. Without labels there is `mix`,
    and for a column with a recognised fault, what the same fault does to reference rows.
    """
    usable = telling(columns)
    if not usable:
        return None
    n = len(usable[0].reference)
    random = random_for("causes", seed)
    taught, asked = zip(*(_halves(rows, random) for rows in _known_rows(answers, n)), strict=True)
    labelled = asked[1][~np.isnan(answers.truth[asked[1]])]
    if min(len(rows) for rows in (*taught, *asked)) < LEAST_ROWS:
        return None
    values, categorical = matrix(usable)
    stand_in = StandIn(answers, values, categorical, np.concatenate(taught), taught[0])
    realised = len(labelled) >= LEAST_ROWS
    asked_now = labelled if realised else asked[1]
    drawn = values[random.choice(taught[0], max(len(asked[0]), len(asked_now)))]
    first, inquiry = (
        Inquiry(usable, values, stand_in, asked[0][:most], asked_now[:most], drawn, realised=realised)
        for most in (ASKED_FIRST, ASKED)
    )
    before, after = _mean_loss(answers, 0, n), _mean_loss(answers, n, len(values)) if realised else None
    causes = _ranked(first, inquiry, usable, tuple(faults))
    return RootCauses(LOSSES[answers.kind], before, after, tuple(_shared(causes, before, after)))


def _ranked(first: Inquiry, inquiry: Inquiry, columns: Sequence[Column], faults: tuple[DataFault, ...]) -> list[Cause]:
    """Every column's effect; those of the shown ones again after the broken ones before them were put back.

    A first inquiry of fewer rows says which of many columns are worth more: those with faults, then the most costly.
    An answer that one broken column drives hides what other columns tell, so they would share its blame.
    """
    by_name = {column.name: tuple(fault for fault in faults if fault.column == column.name) for column in columns}
    causes: dict[str, Cause] = {}
    worth = list(by_name)
    if len(columns) > WORTH_ASKING:
        causes = {name: first.cause(name, found) for name, found in by_name.items()}
        worth = sorted(worth, key=lambda name: (not by_name[name], -causes[name].high))[:WORTH_ASKING]
    causes |= {name: inquiry.cause(name, by_name[name]) for name in worth}
    settled: list[str] = []
    for _ in range(STEPS):
        open_ = [cause for cause in causes.values() if cause.is_shown and cause.column not in settled]
        if not open_:
            break
        top = max(open_, key=lambda cause: cause.effect)
        settled.append(top.column)
        if top.lost is not None and top.lost > top.mix:
            inquiry.put_back(top.column)
            for cause in open_:
                if cause.column != top.column:
                    causes[cause.column] = inquiry.cause(cause.column, by_name[cause.column])
    return sorted(causes.values(), key=lambda cause: (-cause.effect, cause.column))


def _shared(causes: Iterable[Cause], before: float, after: float | None) -> Iterator[Cause]:
    """The causes with their part of the rise, where the loss rose."""
    for cause in causes:
        rise = 0.0 if after is None else after - before
        yield replace(cause, share=cause.effect / rise) if rise > 0 else cause


def _known_rows(answers: Answers, n: int) -> tuple[Rows, Rows]:
    """Reference rows with an answer and a label, current rows with an answer."""
    given, known = ~np.isnan(answers.given), ~np.isnan(answers.truth)
    return np.flatnonzero(given[:n] & known[:n]), np.flatnonzero(given[n:]) + n


def _halves(rows: Rows, random: np.random.Generator) -> tuple[Rows, Rows]:
    """A random half that teaches, another that is asked about."""
    mixed = random.permutation(rows)
    return mixed[: len(rows) // 2][:TAUGHT], mixed[len(rows) // 2 :][:ASKED]


def _mean_loss(answers: Answers, first: int, last: int) -> float:
    rows = np.arange(first, last)
    known = rows[~np.isnan(answers.given[rows]) & ~np.isnan(answers.truth[rows])]
    return float(answers.loss(known).mean())

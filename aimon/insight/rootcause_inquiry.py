"""The inquiry: what one column cost, by putting it back to the reference's values and asking how wrong that would be.

In: the stand-in for the model and the rows it is asked about. Out: a cause. Ranking causes is done elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from aimon.insight.faults_named import DataFault, percent
from aimon.insight.rootcause_model import StandIn
from aimon.insight.rootcause_transport import transported
from aimon.insight.sample_columns import Column

Z95 = 1.959964

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cause:
    """What a column is estimated to have added to the mean loss, with its interval and the faults it shows.

    `lost` is what its values no longer tell, or tell wrongly; `mix` is what comes from having more difficult values.
    `share` is the part of the whole change.
    """

    column: str
    effect: float
    low: float
    high: float
    lost: float | None
    mix: float
    share: float | None = None
    faults: tuple[DataFault, ...] = ()

    @property
    def is_shown(self) -> bool:
        """Whether the effect is above 0 for sure."""
        return self.low > 0

    def sentence(self, loss: str) -> str:
        """What the column cost and why, for people."""
        part = "" if self.share is None else f", {percent(min(self.share, 1.0))} of its rise"
        cost = f"{self.column} adds {self.effect:.3g} to the {loss} ({self.low:.3g} to {self.high:.3g}{part})"
        if self.faults:
            return f"{cost}: {'; '.join(fault.sentence for fault in self.faults)}."
        if self.lost is not None and self.lost > self.mix:
            return f"{cost}: its values no longer tell what they told."
        return f"{cost}: its values moved to where the model is less often right."


@dataclass(slots=True)
class _Side:
    """Rows of one sample as they are asked about, and how wrong the answers to them are and usually are."""

    rows: Rows
    values: Floats
    losses: tuple[Floats, Floats]


class Inquiry:
    """Asks about reference rows and current rows. `drawn` are reference rows whose values a column is put back to.

    The same drawn rows serve all columns, so columns that are put back together keep their relation.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        values: Floats,
        stand_in: StandIn,
        reference: Rows,
        current: Rows,
        drawn: Floats,
        *,
        realised: bool,
    ) -> None:
        self._columns = {column.name: (place, column) for place, column in enumerate(columns)}
        self._values, self._stand_in, self._drawn, self._realised = values, stand_in, drawn, realised
        self._reference, self._current = (
            _Side(rows, values[rows], stand_in.losses(values[rows], rows)) for rows in (reference, current)
        )

    def cause(self, name: str, faults: tuple[DataFault, ...]) -> Cause:
        """The effect of one column, the others being as they are now."""
        place, column = self._columns[name]
        lost_now, usual_now = self._fall(self._current, place)
        lost_before, usual_before = self._fall(self._reference, place)
        mix, mix_error = _difference(usual_now, usual_before)
        lost, error = None, 0.0
        if self._realised:
            lost, error = _difference(lost_now, lost_before)
        elif faults:
            lost, error = self._damage(column, place, faults)
        effect, error = (lost, error) if lost is not None and lost > mix else (mix, mix_error)
        return Cause(name, effect, effect - Z95 * error, effect + Z95 * error, lost, mix, faults=faults)

    def put_back(self, name: str) -> None:
        """Give the column its reference values for all further questions."""
        place, _ = self._columns[name]
        for side in (self._reference, self._current):
            side.values[:, place] = self._drawn[: len(side.rows), place]
            side.losses = self._stand_in.losses(side.values, side.rows)

    def _fall(self, side: _Side, place: int) -> tuple[Floats, Floats]:
        """By how much each row's loss, and usual loss, falls when the column is drawn from the reference."""
        asked = side.values.copy()
        asked[:, place] = self._drawn[: len(side.rows), place]
        made = self._stand_in.losses(asked, side.rows)
        return side.losses[0] - made[0], side.losses[1] - made[1]

    def _damage(self, column: Column, place: int, faults: tuple[DataFault, ...]) -> tuple[float, float]:
        """What the column's faults do to the loss of reference rows."""
        side = self._reference
        damaged = side.values.copy()
        damaged[:, place] = transported(column, self._values[:, place], side.rows, faults)
        rise = self._stand_in.losses(damaged, side.rows)[0] - side.losses[0]
        return float(rise.mean()), float(rise.std() / np.sqrt(len(rise)))


def _difference(current: Floats, reference: Floats) -> tuple[float, float]:
    error = np.sqrt(current.var() / len(current) + reference.var() / len(reference))
    return float(current.mean() - reference.mean()), float(error)

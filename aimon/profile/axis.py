"""Axes: how one column's values fall into numbered cells, frozen with the grid.

An axis knows its cells' labels and positions. It does not read data: kernels compute the same cell numbers in SQL.
Every axis ends with its special cells (null, NaN, infinities, unreadable, tail, unseen), so nothing goes uncounted.
"""

from functools import cached_property
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

STEPS = 2048
COARSE_STEPS = 32


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")


class NumericAxis(_Frozen):
    """Real numbers on `t = d / (scale + |d|)`, `d = x - center`, in equal steps of t over (-1, 1).

    Cells: 0..steps-1 the steps, then null, NaN, -infinity, +infinity, unreadable (text that is no number).
    `atoms` are the exact reference values when there are few; each lies in a step of its own.
    `low` and `high` are the reference's smallest and largest finite values.
    """

    kind: Literal["numeric"] = "numeric"
    center: float
    scale: float = Field(gt=0)
    steps: int = STEPS
    low: float | None = None
    high: float | None = None
    atoms: tuple[float, ...] = ()

    @property
    def size(self) -> int:
        return self.steps + 5

    @property
    def null(self) -> int:
        return self.steps

    @property
    def nan(self) -> int:
        return self.steps + 1

    @property
    def negative_infinity(self) -> int:
        return self.steps + 2

    @property
    def positive_infinity(self) -> int:
        return self.steps + 3

    @property
    def unreadable(self) -> int:
        return self.steps + 4

    def cell(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        """The step of each finite value; the oracle that every kernel must equal."""
        d = values - self.center
        t = d / (self.scale + np.abs(d))
        return np.clip(((t + 1.0) * (self.steps / 2)).astype(np.int64), 0, self.steps - 1)

    @cached_property
    def edges(self) -> NDArray[np.float64]:
        """The steps' `steps + 1` boundaries in the column's unit; the outer two are infinite."""
        t = np.linspace(-1.0, 1.0, self.steps + 1)
        with np.errstate(divide="ignore"):
            return self.center + self.scale * t / (1.0 - np.abs(t))


class ProbabilityAxis(_Frozen):
    """Scores in [0, 1], fine near 0 and 1. Cells: the steps, then null, NaN, outside [0, 1], unreadable."""

    kind: Literal["probability"] = "probability"
    steps: int = STEPS

    @property
    def size(self) -> int:
        return self.steps + 4

    @property
    def null(self) -> int:
        return self.steps

    @property
    def nan(self) -> int:
        return self.steps + 1

    @property
    def outside(self) -> int:
        return self.steps + 2

    @property
    def unreadable(self) -> int:
        return self.steps + 3


class CategoryAxis(_Frozen):
    """Named values. Cells: each value in order, then tail (rare in the reference), unseen, null.

    Values are canonical text (`aimon.profile.canonical`): 1, 1.0 and "1" are one category.
    """

    kind: Literal["category"] = "category"
    values: tuple[str, ...]
    tail: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        return len(self.values) + 3

    @property
    def tail_cell(self) -> int:
        return len(self.values)

    @property
    def unseen(self) -> int:
        return len(self.values) + 1

    @property
    def null(self) -> int:
        return len(self.values) + 2


Axis = Annotated[NumericAxis | ProbabilityAxis | CategoryAxis, Field(discriminator="kind")]

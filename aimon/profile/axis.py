"""Axes: how one column's values fall into numbered cells, frozen with the grid.

An axis knows its cells' labels and positions. It does not read data: kernels compute the same cell numbers in SQL.
Every axis ends with its special cells (null, NaN, infinities, unreadable, tail, unseen), so nothing goes uncounted.
"""

from functools import cached_property
from itertools import pairwise
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

STEPS = 2048
SCORE_STEPS = 4096
COARSE_STEPS = 32
LARGEST = 2.0**960
"""Center and scale stay below this, so that `x - center` and `scale + |x - center|` are finite for every finite x."""

Cells = NDArray[np.int64]
Floats = NDArray[np.float64]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")


class NumericAxis(_Frozen):
    """Real numbers on `t = d / (scale + |d|)`, `d = x - center`, in equal steps of t over (-1, 1).

    Cells: 0..steps-1 the steps, then null, NaN, -infinity, +infinity, unreadable (text that is no number).
    `atoms` are the exact reference values when there are few; each lies in a step of its own.
    `low` and `high` are the reference's smallest and largest finite values.

    >>> axis = NumericAxis(center=10.0, scale=2.0)
    >>> axis.cell(np.array([10.0, 12.0, 1e300])).tolist()
    [1024, 1536, 2047]
    """

    kind: Literal["numeric"] = "numeric"
    center: float = Field(ge=-LARGEST, le=LARGEST)
    scale: float = Field(gt=0, le=LARGEST)
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

    def cell(self, values: Floats) -> Cells:
        """The step of each finite value; the oracle that every kernel must equal."""
        d = values - self.center
        t = d / (self.scale + np.abs(d))
        return np.minimum(((t + 1.0) * (self.steps / 2)).astype(np.int64), self.steps - 1)

    @cached_property
    def edges(self) -> Floats:
        """The steps' `steps + 1` boundaries in the column's unit; the outer two are infinite."""
        t = np.linspace(-1.0, 1.0, self.steps + 1)
        with np.errstate(divide="ignore"):
            return self.center + self.scale * t / (1.0 - np.abs(t))

    @property
    def occupied(self) -> tuple[int, int] | None:
        """The first and last step of the reference's range; steps beyond them are out of range."""
        if self.low is None or self.high is None:
            return None
        first, last = self.cell(np.array([self.low, self.high]))
        return int(first), int(last)

    def coarse(self) -> "NumericAxis":
        """The same axis in 32 steps; a fine step falls into exactly one coarse step."""
        return self.model_copy(update={"steps": COARSE_STEPS, "atoms": ()})

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """What each cell is called where people read it: `[1.5, 1.6)`, or the exact value where values are few."""
        return (*_step_labels(self.edges, self), "null", "nan", "-inf", "+inf", "unreadable")


class ProbabilityAxis(_Frozen):
    """Scores in [0, 1] on `t = a / (a + b)`, `a = p^(1/4)`, `b = (1 - p)^(1/4)`, in equal steps of t.

    Like a logit grid it is fine near 0 and 1 (a step is 0.4 % of the odds at p = 0.5, 3 % at 1e-6), but made of square
    roots and one division only, which every engine rounds alike.
    Cells: the steps, then null, NaN, outside [0, 1], unreadable.

    >>> ProbabilityAxis().cell(np.array([0.0, 1e-6, 0.5, 1.0])).tolist()
    [0, 125, 2048, 4095]
    """

    kind: Literal["probability"] = "probability"
    steps: int = SCORE_STEPS

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

    def cell(self, values: Floats) -> Cells:
        """The step of each value in [0, 1]; the oracle that every kernel must equal."""
        a = np.sqrt(np.sqrt(values))
        b = np.sqrt(np.sqrt(1.0 - values))
        step = (a / (a + b) * self.steps).astype(np.int64)
        return np.minimum(step, self.steps - 1)

    @cached_property
    def edges(self) -> Floats:
        """The steps' `steps + 1` boundaries, from 0 to 1."""
        t = np.linspace(0.0, 1.0, self.steps + 1)
        a, b = t**4, (1.0 - t) ** 4
        edges: Floats = a / (a + b)
        return edges

    def coarse(self) -> "ProbabilityAxis":
        """The same axis in 32 steps; a fine step falls into exactly one coarse step."""
        return self.model_copy(update={"steps": COARSE_STEPS})

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """What each cell is called where people read it."""
        return (*_step_labels(self.edges, None), "null", "nan", "outside", "unreadable")


class CategoryAxis(_Frozen):
    """Named values. Cells: each value in order, then tail (rare in the reference), unseen, null.

    Values are canonical text (`aimon.profile.canonical`): 1, 1.0 and "1" are one category.
    `values` are the reference's most frequent ones; `tail` are known values that share one cell.
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

    def coarse(self) -> "CategoryAxis":
        """Categories have no coarser form."""
        return self

    @property
    def labels(self) -> tuple[str, ...]:
        """What each cell is called where people read it."""
        return (*self.values, "(tail)", "(unseen)", "(null)")


class BandAxis(_Frozen):
    """Numbers as a few groups, for a protected attribute or a segment such as age. Cells: the bands, then null.

    `edges` are inner boundaries; a band holds `edges[i-1] <= x < edges[i]`. NaN and unreadable text are null.
    """

    kind: Literal["band"] = "band"
    edges: tuple[float, ...]

    @property
    def size(self) -> int:
        return len(self.edges) + 2

    @property
    def null(self) -> int:
        return len(self.edges) + 1

    @property
    def labels(self) -> tuple[str, ...]:
        """What each cell is called where people read it."""
        if not self.edges:
            return ("any", "(null)")
        inner = [f"{low:g} to {high:g}" for low, high in pairwise(self.edges)]
        return (f"below {self.edges[0]:g}", *inner, f"{self.edges[-1]:g} and more", "(null)")


class FixedAxis(_Frozen):
    """Cells that need no reference: (not selected, selected, null), the hours of the day, ..."""

    kind: Literal["fixed"] = "fixed"
    labels: tuple[str, ...]

    @property
    def size(self) -> int:
        return len(self.labels)


Axis = Annotated[NumericAxis | ProbabilityAxis | CategoryAxis, Field(discriminator="kind")]
"""An axis of a column."""
GroupAxis = CategoryAxis | BandAxis
"""An axis of a protected attribute or a segment column: a bounded number of groups."""
TableAxis = NumericAxis | ProbabilityAxis | CategoryAxis | BandAxis | FixedAxis
"""Any axis of a table."""


def folding(axis: Axis) -> Cells:
    """The coarse cell of each fine cell.

    >>> folding(NumericAxis(center=0.0, scale=1.0))[[0, 63, 64, 2047, 2048]].tolist()
    [0, 0, 1, 31, 32]
    """
    if isinstance(axis, CategoryAxis):
        return np.arange(axis.size)
    steps = np.arange(axis.steps) // (axis.steps // COARSE_STEPS)
    return np.concatenate([steps, np.arange(COARSE_STEPS, COARSE_STEPS + axis.size - axis.steps)])


def _step_labels(edges: Floats, axis: NumericAxis | None) -> list[str]:
    labels = [f"[{low:.6g}, {high:.6g})" for low, high in pairwise(edges)]
    if axis is not None and axis.atoms:
        for atom, step in zip(axis.atoms, axis.cell(np.array(axis.atoms)), strict=True):
            labels[step] = f"{atom!r}"
    return labels

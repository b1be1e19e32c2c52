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

STEPS = 2049
SCORE_STEPS = 4097
COARSE_STEPS = 33
LARGEST = 2.0**960
"""Center and scale stay below this, so that `x - center` and `scale + |x - center|` are finite for every finite x."""

Cells = NDArray[np.int64]
Floats = NDArray[np.float64]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")


class NumericAxis(_Frozen):
    """Real numbers on `t = d / (scale + |d|)`, `d = x - center`; a number's step is 1024 t, rounded to the nearest.

    So a step covers 1/1024 of t, steps are symmetrical about the center, and the center lies in the middle of one.
    Cells: 0..2048 the steps, then null, NaN, -infinity, +infinity, unreadable (text that is no number).
    `atoms` are the exact reference values when there are few; each lies in a step of its own.
    `low` and `high` are the reference's smallest and largest finite values. `unit` is the reference's scale, mostly its
    interquartile range, where `scale` had to be another to tell the atoms apart.

    >>> axis = NumericAxis(center=10.0, scale=2.0)
    >>> axis.cell(np.array([-1e300, 10.0, 12.0, 1e300])).tolist()
    [0, 1024, 1536, 2048]
    """

    kind: Literal["numeric"] = "numeric"
    center: float = Field(ge=-LARGEST, le=LARGEST)
    scale: float = Field(gt=0, le=LARGEST)
    steps: int = STEPS
    low: float | None = None
    high: float | None = None
    atoms: tuple[float, ...] = ()
    unit: float | None = Field(default=None, gt=0)

    @property
    def size(self) -> int:
        return self.steps + 5

    @property
    def spread(self) -> float:
        """The reference's own scale, in which distances are reported."""
        return self.scale if self.unit is None else self.unit

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
        return nearest(d / (self.scale + np.abs(d)), self.steps // 2) + self.steps // 2

    @cached_property
    def edges(self) -> Floats:
        """The steps' `steps + 1` boundaries in the column's unit; the outer two are infinite."""
        t = _boundaries(self.steps, STEPS)
        with np.errstate(divide="ignore"):
            return self.center + self.scale * t / (1.0 - np.abs(t))

    @cached_property
    def places(self) -> Floats:
        """Where each step's rows count: the exact value where values are few, else the middle of the step."""
        half = self.steps // 2
        t = np.arange(-half, half + 1) / half
        t[[0, -1]] *= 1.0 - 0.5 / half  # the outer two reach to infinity: their finite boundary
        places = self.center + self.scale * t / (1.0 - np.abs(t))
        if self.atoms:
            places[self.cell(np.array(self.atoms))] = self.atoms
        return places

    @property
    def occupied(self) -> tuple[int, int] | None:
        """The first and last step of the reference's range; steps beyond them are out of range."""
        if self.low is None or self.high is None:
            return None
        first, last = self.cell(np.array([self.low, self.high]))
        return int(first), int(last)

    def coarse(self) -> "NumericAxis":
        """The same axis in 33 steps; a fine step falls into exactly one coarse step."""
        return NumericAxis(
            center=self.center, scale=self.scale, steps=COARSE_STEPS, low=self.low, high=self.high, unit=self.unit
        )

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """What each cell is called where people read it: `[1.5, 1.6)`, or the exact value where values are few."""
        return (*_step_labels(self.edges, self), "null", "nan", "-inf", "+inf", "unreadable")


class ProbabilityAxis(_Frozen):
    """Scores in [0, 1] on `t = a / (a + b)`, `a = p^(1/4)`, `b = (1 - p)^(1/4)`; the step is 4096 t, to the nearest.

    Like a logit grid it is fine near 0 and 1 (a step is 0.4 % of the odds at p = 0.5, 3 % at 1e-6), but made of square
    roots and one division only, which every engine rounds alike.
    Cells: 0..4096 the steps, then null, NaN, outside [0, 1], unreadable.

    >>> ProbabilityAxis().cell(np.array([0.0, 1e-6, 0.5, 1.0])).tolist()
    [0, 126, 2048, 4096]
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
        return nearest(a / (a + b), self.steps - 1)

    @cached_property
    def edges(self) -> Floats:
        """The steps' `steps + 1` boundaries, from 0 to 1."""
        return _odds_share((1.0 + _boundaries(self.steps, SCORE_STEPS)) / 2.0)

    @cached_property
    def places(self) -> Floats:
        """The middle of each step."""
        return _odds_share(np.arange(self.steps) / (self.steps - 1))

    def coarse(self) -> "ProbabilityAxis":
        """The same axis in 33 steps; a fine step falls into exactly one coarse step."""
        return ProbabilityAxis(steps=COARSE_STEPS)

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

    >>> folding(NumericAxis(center=0.0, scale=1.0))[[0, 31, 32, 1024, 2048, 2049]].tolist()
    [0, 0, 1, 16, 32, 33]
    """
    if isinstance(axis, CategoryAxis):
        return np.arange(axis.size)
    ratio = _ratio(axis.steps)
    steps = (np.arange(axis.steps) + ratio // 2) // ratio
    return np.concatenate([steps, np.arange(COARSE_STEPS, COARSE_STEPS + axis.size - axis.steps)])


def nearest(t: Floats, parts: int) -> Cells:
    """`parts * t` rounded to the nearest whole number, halves to the even one; `parts` is a power of two.

    Adding a large number makes the processor round, the same way on every engine.

    >>> nearest(np.array([-1.0, 0.5, 0.51, 1.0]), 2).tolist()
    [-2, 1, 1, 2]
    """
    magic = magic_number(parts)
    steps: Cells = ((t + magic - magic) * parts).astype(np.int64)
    return steps


def magic_number(parts: int) -> float:
    """A number so large that only multiples of `1 / parts` can be told apart beside it."""
    return 1.5 * 2.0**52 / parts


def _ratio(steps: int) -> int:
    return (steps - 1) // (COARSE_STEPS - 1)


def _boundaries(steps: int, fine: int) -> Floats:
    """The steps' boundaries on t from -1 to 1; a coarse step ends where its last fine step does."""
    inner = (np.arange(1, fine) - fine / 2.0) / (fine // 2)
    if steps != fine:
        ratio = _ratio(fine)
        inner = inner[ratio // 2 - 1 :: ratio]
    return np.concatenate([[-1.0], inner, [1.0]])


def _odds_share(t: Floats) -> Floats:
    """The p whose t this is."""
    a, b = t**4, (1.0 - t) ** 4
    share: Floats = a / (a + b)
    return share


def _step_labels(edges: Floats, axis: NumericAxis | None) -> list[str]:
    labels = [f"[{low:.6g}, {high:.6g})" for low, high in pairwise(edges)]
    if axis is not None and axis.atoms:
        for atom, step in zip(axis.atoms, axis.cell(np.array(axis.atoms)), strict=True):
            labels[step] = f"{atom!r}"
    return labels

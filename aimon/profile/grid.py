"""The grid: what of a model is counted, and how, frozen from its first reference data.

A grid knows its columns' axes, roles and units. It reads no data: `build.py` makes it, kernels count on it.
"""

import hashlib
import json
from collections.abc import Iterator
from functools import cached_property

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from aimon.profile.axis import Axis, BandAxis, CategoryAxis, Cells, FixedAxis, GroupAxis, NumericAxis, ProbabilityAxis
from aimon.profile.sums import Unit
from aimon.spec.model import Kind, Task

SEGMENT_VALUES = 50
OTHER = "(other)"
NO_VALUE = "(null)"
NOT_SELECTED, SELECTED, NO_PREDICTION = 0, 1, 2


class Units(BaseModel):
    """Units of the fixed-point sums; regression only, but for money, which is always whole millionths of a dollar."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    residual: Unit | None = None
    label: Unit | None = None
    cost: float = 1e-6


def _unsaid(value: object) -> bool:
    """Whether a role is not taken. What a later version added enters a grid's id only where it is used."""
    return not value


class Grid(BaseModel):
    """Axes by column, the columns' roles, and the units of sums. `id` names the content: equal grids have equal ids."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="constants")

    task: Task
    axes: dict[str, Axis]
    kinds: dict[str, Kind]
    prediction: str
    score: str | None = None
    label: str | None = None
    timestamp: str | None = None
    features: tuple[str, ...] = ()
    protected: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    latency: str | None = None
    error: str | None = None
    tokens: str | None = None
    cost: str | None = None
    positive: tuple[str, ...] = ()
    label_positive: tuple[str, ...] = ()
    residual: NumericAxis | None = None
    bands: dict[str, BandAxis] = {}
    crowded: tuple[str, ...] = ()
    units: Units = Units()
    class_scores: dict[str, str] = Field(default={}, exclude_if=_unsaid)
    lower: str | None = Field(default=None, exclude_if=_unsaid)
    upper: str | None = Field(default=None, exclude_if=_unsaid)

    @cached_property
    def id(self) -> str:
        """The first 16 hexadecimal digits of the SHA-256 of the grid's canonical JSON."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    @property
    def columns(self) -> Iterator[str]:
        """Every column with a `column:` table, once: features, protected, segments, prediction, scores."""
        several = (*self.features, *self.protected, *self.segments, self.prediction)
        scores = () if self.score is None else (self.score,)
        yield from dict.fromkeys((*several, *scores, *self.class_scores.values()))

    def coarse(self, column: str) -> Axis:
        """The column's axis in at most 32 steps, for segments and for cross-tables of scores."""
        return self.axes[column].coarse()

    def group_axis(self, attribute: str) -> GroupAxis:
        """The groups of a protected attribute or segment column: its categories, or bands of its numbers."""
        axis = self.axes[attribute]
        return axis if isinstance(axis, CategoryAxis) else self.bands[attribute]

    def group_cells(self, attribute: str) -> Cells:
        """The group of each cell of the attribute's own axis."""
        axis = self.axes[attribute]
        if isinstance(axis, CategoryAxis):
            return np.arange(axis.size)
        bands = self.bands[attribute]
        steps = np.searchsorted(np.array(bands.edges), axis.places, side="right")
        special = np.full(axis.size - axis.steps, bands.null)
        if isinstance(axis, NumericAxis):
            special[axis.negative_infinity - axis.steps] = 0
            special[axis.positive_infinity - axis.steps] = len(bands.edges)
        return np.concatenate([steps, special])

    def segment_axis(self, column: str) -> FixedAxis:
        """The segments of a column, named `channel=web`: at most 50 values, then other, then null."""
        axis = self.group_axis(column)
        named = axis.labels[: axis.tail_cell if isinstance(axis, CategoryAxis) else axis.null]
        return FixedAxis(labels=tuple(f"{column}={value}" for value in (*named[:SEGMENT_VALUES], OTHER, NO_VALUE)))

    def segment_cells(self, column: str) -> Cells:
        """The segment of each cell of the column's own axis."""
        axis, last = self.group_axis(column), self.segment_axis(column).size - 1
        groups = np.minimum(np.arange(axis.size), last - 1)
        groups[axis.null] = last
        return groups[self.group_cells(column)]

    @property
    def selects(self) -> bool:
        """Whether a prediction can mean `selected`: a classification with a positive value."""
        return bool(self.positive) and isinstance(self.axes[self.prediction], CategoryAxis)

    def selected_cells(self) -> Cells:
        """NOT_SELECTED, SELECTED or NO_PREDICTION for each cell of the prediction's axis."""
        axis = self.axes[self.prediction]
        assert isinstance(axis, CategoryAxis)  # noqa: S101 - `selects` was asked first
        cells = np.full(axis.size, NOT_SELECTED)
        cells[[axis.values.index(value) for value in self.positive]] = SELECTED
        cells[axis.null] = NO_PREDICTION
        return cells

    def positive_cells(self) -> Cells:
        """0 (negative), 1 (positive) or 2 (no label) for each cell of the label's axis."""
        axis = self.axes[self.label or ""]
        assert isinstance(axis, CategoryAxis)  # noqa: S101 - as above
        cells = np.zeros(axis.size, np.int64)
        cells[[axis.values.index(value) for value in self.label_positive]] = 1
        cells[axis.null] = 2
        return cells

    def class_cell(self, column: str) -> int:
        """The label's cell of the class that a column scores."""
        axis = self.axes[self.label or ""]
        assert isinstance(axis, CategoryAxis)  # noqa: S101 - classes only
        return axis.values.index(next(name for name, scored in self.class_scores.items() if scored == column))

    @property
    def scores_are_probabilities(self) -> bool:
        """Whether calibration makes sense: every reference score lay in [0, 1]."""
        return self.score is not None and isinstance(self.axes[self.score], ProbabilityAxis)

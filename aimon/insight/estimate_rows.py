"""Whole rows of two samples as estimation needs them. In: a grid, two samples. Out: scores and what came true.

Cells are those that the profile counts in, so that a sampled row and a counted row are at the same place.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from aimon.insight.support import Support, support
from aimon.profile.axis import Axis, CategoryAxis, Cells, NumericAxis, ProbabilityAxis
from aimon.profile.blocks import category_cells
from aimon.profile.encode import encode
from aimon.profile.grid import NO_PREDICTION, Grid
from aimon.profile.numbers import read_numbers
from aimon.spec.model import Task

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_CERTAIN = 1e-5


def positions(axis: Axis) -> Floats:
    """Where each cell of a score lies on the scale that calibration bends: its log-odds, or its inverse sinh.

    NaN for cells that hold no score.

    >>> from aimon.profile.axis import ProbabilityAxis
    >>> positions(ProbabilityAxis())[[0, 2048, 4096, 4097]].round(2).tolist()
    [-11.51, 0.0, 11.51, nan]
    """
    found = np.full(axis.size, np.nan)
    if isinstance(axis, CategoryAxis):
        return found
    places = axis.places
    if isinstance(axis, NumericAxis):
        found[: axis.steps] = np.arcsinh((places - axis.center) / axis.scale)
        found[axis.negative_infinity], found[axis.positive_infinity] = found[0], found[axis.steps - 1]
        return found
    places = np.clip(places, _CERTAIN, 1.0 - _CERTAIN)
    found[: axis.steps] = np.log(places / (1.0 - places))
    return found


@dataclass(frozen=True)
class Rows:
    """Some rows of a model, seen through its grid."""

    grid: Grid
    table: pa.Table

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def has(self, *columns: str | None) -> bool:
        """Whether all of these columns are there."""
        return all(column is not None and column in self.table.column_names for column in columns)

    @cached_property
    def scores(self) -> Cells:
        """The fine cell of each row's score."""
        return self._cells(self.grid.score or "")

    @cached_property
    def predictions(self) -> Cells:
        """The fine cell of each row's prediction."""
        return self._cells(self.grid.prediction)

    @cached_property
    def selected(self) -> Floats:
        """1 where the prediction means selected, 0 where not, NaN without a prediction."""
        decided = self.grid.selected_cells()[self.predictions]
        return np.where(decided == NO_PREDICTION, np.nan, decided)

    @cached_property
    def true(self) -> Floats:
        """1 where the label is positive (several classes: where the answer was right), 0 where not, NaN if unknown."""
        label = self._cells(self.grid.label or "")
        if self.grid.task is not Task.MULTICLASS:
            outcome = self.grid.positive_cells()[label]
            return np.where(outcome == 2, np.nan, outcome)
        given, truth = (self.grid.axes[column] for column in (self.grid.prediction, self.grid.label or ""))
        if not isinstance(given, CategoryAxis) or not isinstance(truth, CategoryAxis):
            return np.full(len(self), np.nan)
        same = self.predictions == label
        unknown = (same & (label >= truth.tail_cell)) | (self.predictions == given.null) | (label == truth.null)
        return np.where(unknown, np.nan, same)

    @cached_property
    def residuals(self) -> Floats:
        """Prediction minus label, NaN where either is no finite number."""
        predicted, actual = self.numbers(self.grid.prediction), self.numbers(self.grid.label or "")
        return predicted - actual

    def numbers(self, column: str) -> Floats:
        """The column's finite numbers, NaN elsewhere."""
        read = read_numbers(self._column(column), self.grid.kinds[column])
        return np.where(read.finite(), read.values.astype(np.float64), np.nan)

    def inside(self, segment: str | None) -> Bools:
        """Which rows belong to the segment, such as `channel=web`."""
        if segment is None:
            return np.ones(len(self), np.bool_)
        for column in self.grid.segments:
            labels = self.grid.segment_axis(column).labels
            if segment in labels and self.has(column):
                return np.asarray(self.grid.segment_cells(column)[self._cells(column)] == labels.index(segment))
        return np.zeros(len(self), np.bool_)

    def _cells(self, column: str) -> Cells:
        """Each row's cell of the column's axis; what is no finite number has the cell of null."""
        axis, array = self.grid.axes[column], self._column(column)
        if isinstance(axis, CategoryAxis):
            encoded, known = encode(array), category_cells(axis)
            cells = [axis.null if text is None else known.get(text, axis.unseen) for text in encoded.texts]
            return np.array(cells, np.int64).take(encoded.codes)
        values = self.numbers(column)
        readable = np.isfinite(values)
        if isinstance(axis, ProbabilityAxis):
            readable &= (values >= 0.0) & (values <= 1.0)
        return np.where(readable, axis.cell(np.where(readable, values, 0.0)), axis.null)

    def _column(self, name: str) -> pa.Array:
        column = self.table.column(name)
        combined = column.combine_chunks()
        return combined.chunk(0) if isinstance(combined, pa.ChunkedArray) else combined


@dataclass(frozen=True, slots=True)
class Evidence:
    """Sampled rows of the reference and of the window, and how far they lie in the same region; None: too few rows."""

    reference: Rows
    current: Rows
    support: Support | None


def evidence(grid: Grid, reference: pa.Table, current: pa.Table, *, seed: int = 0) -> Evidence:
    """Compare two samples on what the model reads and on its score."""
    columns = (*grid.features, *((grid.score,) if grid.score is not None else ()))
    kinds = {column: grid.kinds[column] for column in columns if column in grid.kinds}
    found = support(reference, current, columns, kinds=kinds, seed=seed)
    return Evidence(Rows(grid, reference), Rows(grid, current), found)

"""Building a grid. In: what a model declares, and its reference rows. Out: the frozen grid, the same for any row order.

Kinds that nobody declared are inferred from the reference; `infer_kinds` says how and why.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from aimon.profile.axis import Axis, CategoryAxis, NumericAxis
from aimon.profile.blocks import Block
from aimon.profile.canonical import canonical_set, canonical_text
from aimon.profile.freeze import (
    MOST_TAIL,
    MOST_VALUES,
    band_axis,
    category_axis,
    class_axis,
    numeric_axis,
    positives,
    score_axis,
    unit,
)
from aimon.profile.grid import Grid, Units
from aimon.profile.infer import Inferred
from aimon.profile.numbers import Numbers, read_numbers
from aimon.profile.ondisk import most_frequent
from aimon.profile.roles import Roles, inferred_kinds, kinds_of, roles_of
from aimon.profile.rows import Data, Opened, open_rows, paths_of
from aimon.profile.sketch import Sketch
from aimon.profile.survey import NumbersOf, Spread, sketch_columns, spreads
from aimon.spec.model import Kind, ModelSpec, Task

DEFAULT_LATENCY = NumericAxis(center=0.0, scale=1.0)


def build_grid(spec: ModelSpec, reference: Data) -> Grid:
    """The grid of the model, frozen from its reference rows.

    A reference without predictions (a training file) or without labels lends the one's classes or axis to the other.
    """
    with open_rows(_rereadable(reference)) as opened:
        return _Builder.of(spec, opened).grid()


def infer_kinds(spec: ModelSpec, reference: Data) -> dict[str, Inferred]:
    """How each feature and group of the reference rows is counted, and why; no kind where it is left out."""
    with open_rows(_rereadable(reference)) as opened:
        return dict(_Builder.of(spec, opened).inferred)


def _rereadable(data: Data) -> Data:
    """A stream of batches becomes a table, as a grid needs more than one pass."""
    if paths_of(data) is not None or isinstance(data, pa.Table):
        return data
    batches = [data] if isinstance(data, pa.RecordBatch) else list(data)  # type: ignore[arg-type]
    return pa.Table.from_batches(batches) if batches else pa.table({})


@dataclass(frozen=True, slots=True)
class _Builder:
    """What is known of the reference while its grid is made."""

    spec: ModelSpec
    opened: Opened
    roles: Roles
    sketches: Mapping[str, Sketch]
    inferred: Mapping[str, Inferred]
    kinds: Mapping[str, Kind]

    @classmethod
    def of(cls, spec: ModelSpec, opened: Opened) -> "_Builder":
        """Look at the raw values, decide on kinds."""
        names = (name for rows in opened.groups for name in rows.schema.names)
        roles = roles_of(spec, dict.fromkeys(names))
        roles.check()
        declared = {name for name, kind in roles.declared.items() if kind in (Kind.CATEGORICAL, Kind.BOOLEAN)}
        sketches = sketch_columns(opened, roles.sketched(), {*roles.classes, *roles.groups, *declared})
        inferred = inferred_kinds(roles, sketches)
        return cls(spec, opened, roles, sketches, inferred, kinds_of(roles, inferred))

    def grid(self) -> Grid:
        columns = self.spec.columns
        features = tuple(name for name in self.roles.features if name in self.kinds)
        spread = self._spreads()
        class_scores = self._class_scores()
        axes, positive, label_positive = self._classes(class_scores)
        for name in self._axed(features):
            if name not in axes:
                axes[name] = self._axis(name, spread)
        self._lend(axes)
        residual, units = self._residual(axes, spread)
        return Grid(
            task=self.spec.task,
            axes=axes,
            kinds=dict(self.kinds),
            prediction=columns.prediction,
            score=columns.score,
            label=columns.label,
            timestamp=columns.timestamp,
            features=features,
            protected=columns.protected,
            segments=columns.segments,
            latency=columns.latency,
            error=columns.error,
            tokens=columns.tokens,
            cost=columns.cost,
            positive=positive,
            label_positive=label_positive,
            residual=residual,
            bands={name: band_axis(spread[name]) for name in self.roles.groups if name in spread},
            crowded=tuple(name for name in self._axed(features) if self._is_crowded(name, axes)),
            units=units,
            class_scores=class_scores,
            lower=columns.lower if residual else None,
            upper=columns.upper if residual else None,
        )

    def _axed(self, features: tuple[str, ...]) -> list[str]:
        """Every column that gets an axis of its own."""
        columns = self.spec.columns
        answers = (columns.prediction, columns.score, *(columns.class_scores or {}).values(), columns.label)
        several = (*features, *self.roles.groups, *answers, columns.latency)
        return [name for name in dict.fromkeys(several) if name is not None]

    def _is_numeric(self, name: str) -> bool:
        return self.kinds[name] in (Kind.NUMERIC, Kind.DATETIME, Kind.TEXT)

    def _spreads(self) -> dict[str, Spread]:
        """The spread of every column of numbers, and of the residual."""
        columns, present = self.spec.columns, self.roles.present
        names = [name for name in self._axed(self.roles.features) if name in present and name in self.kinds]
        numbers: dict[str, NumbersOf] = {
            name: partial(_read, name, self.kinds[name]) for name in names if self._is_numeric(name)
        }
        needs = {name: [name] for name in numbers}
        if self.spec.task is Task.REGRESSION and columns.label in present and columns.prediction in present:
            label = str(columns.label)
            numbers[_RESIDUAL] = partial(_difference, columns.prediction, label)
            needs[_RESIDUAL] = [columns.prediction, label]
        return spreads(self.opened, numbers, needs)

    def _axis(self, name: str, spread: Mapping[str, Spread]) -> Axis:
        columns = self.spec.columns
        if name == columns.score or name in (columns.class_scores or {}).values():
            return score_axis(spread.get(name, Spread()))
        if not self._is_numeric(name):
            return category_axis(self._rows_of(name))
        if name in spread:
            return numeric_axis(spread[name])
        return DEFAULT_LATENCY

    def _class_scores(self) -> dict[str, str]:
        """The column that scores each class, by the class in the data's own spelling."""
        columns = self.spec.columns
        known = {*self._rows_of(columns.prediction), *self._rows_of(columns.label)}
        declared = columns.class_scores or {}
        return {positives(canonical_set(name), known)[0]: column for name, column in declared.items()}

    def _classes(self, scored: Iterable[str]) -> tuple[dict[str, Axis], tuple[str, ...], tuple[str, ...]]:
        """The shared axis of prediction and label, and which classes are positive."""
        if not self.roles.classes:
            return {}, (), ()
        spec, columns = self.spec, self.spec.columns
        predicted, actual = (self._rows_of(name) for name in (columns.prediction, columns.label))
        declared = canonical_set(spec.positive)
        if spec.task is Task.BINARY:
            positive = positives(declared, predicted or actual)
            alike = not actual or not set(actual).isdisjoint({*predicted, *positive})
            wanted = canonical_set(spec.label_positive) or (positive if alike else ())
            label_positive = positives(wanted, actual)
        else:
            positive = label_positive = positives(declared, predicted or actual) if declared else ()
        axis = class_axis([predicted, actual], always=(*positive, *label_positive, *scored))
        return dict.fromkeys(self.roles.classes, axis), positive, label_positive if columns.label else ()

    def _rows_of(self, name: str | None) -> Mapping[str, int]:
        """The rows of each category of a column, most frequent ones only where there are too many."""
        if name is None or name not in self.sketches:
            return {}
        texts = self.sketches[name].texts
        if texts is not None:
            return texts
        rows: dict[str, int] = {}
        for value, count in most_frequent(self.opened, name, MOST_VALUES + MOST_TAIL):
            text = canonical_text(value)
            if text is not None:
                rows[text] = rows.get(text, 0) + count
        return rows

    def _is_crowded(self, name: str, axes: Mapping[str, Axis]) -> bool:
        axis = axes[name]
        sketch = self.sketches.get(name)
        return isinstance(axis, CategoryAxis) and (bool(axis.tail) or (sketch is not None and sketch.texts is None))

    def _lend(self, axes: dict[str, Axis]) -> None:
        """Without predictions, or without labels, the one's numbers lie on the other's axis."""
        columns, present = self.spec.columns, self.roles.present
        if columns.label is None or self.spec.task not in (Task.REGRESSION, Task.RANKING):
            return
        if columns.label not in present:
            axes[columns.label] = axes[columns.prediction]
        if columns.prediction not in present:
            axes[columns.prediction] = axes[columns.label]

    def _residual(self, axes: Mapping[str, Axis], spread: Mapping[str, Spread]) -> tuple[NumericAxis | None, Units]:
        columns = self.spec.columns
        if self.spec.task is not Task.REGRESSION or columns.label is None:
            return None, Units()
        label, predicted = axes[columns.label], axes[columns.prediction]
        if not isinstance(label, NumericAxis) or not isinstance(predicted, NumericAxis):
            return None, Units()
        known = spread.get(_RESIDUAL)
        if known is None or known.low is None:
            axis = NumericAxis(center=0.0, scale=predicted.scale)
        else:
            axis = numeric_axis(known)
        return axis, Units(residual=unit(axis, 0.0), label=unit(label, label.center))


_RESIDUAL = "\0residual"
"""A series that is no column: no column's name has a null character."""


def _read(name: str, kind: Kind, block: Block) -> Numbers:
    return read_numbers(block.column(name), kind)


def _difference(prediction: str, label: str, block: Block) -> Numbers:
    predicted, actual = _read(prediction, Kind.NUMERIC, block), _read(label, Kind.NUMERIC, block)
    with np.errstate(over="ignore", invalid="ignore"):
        difference: Any = np.subtract(predicted.values, actual.values, dtype=np.float64)
    return Numbers(difference, ~(predicted.finite() & actual.finite() & np.isfinite(difference)))

"""Grids and counts small enough to reason about: each fixture is a builder."""

import numpy as np
import pytest

from aimon.profile.axis import LARGEST, CategoryAxis, NumericAxis
from aimon.profile.canonical import canonical_text
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile, TableKey
from aimon.spec.model import Kind, Task


def axis_of(values):
    """The axis a column would get from these reference values."""
    known = [value for value in values if value is not None]
    if isinstance(known[0], str):
        return CategoryAxis(values=tuple(sorted(set(known), key=lambda value: (-known.count(value), value))))
    numbers = np.array(known, float)
    low, center, high = np.quantile(numbers, [0.25, 0.5, 0.75])
    atoms = np.unique(numbers)
    return NumericAxis(
        center=float(center),
        scale=min(float(high - low) or 1.0, LARGEST),
        low=float(numbers.min()),
        high=float(numbers.max()),
        atoms=tuple(atoms.tolist()) if atoms.size <= 12 else (),
    )


def counted(axis, values):
    """The counts of values on an axis."""
    if isinstance(axis, CategoryAxis):
        places = {value: place for place, value in enumerate(axis.values)}
        cells = [axis.null if v is None else places.get(canonical_text(v), axis.unseen) for v in values]
    else:
        cells = [axis.null if v is None else int(axis.cell(np.array([float(v)]))[0]) for v in values]
    return np.bincount(cells, minlength=axis.size)


@pytest.fixture
def one_column():
    """`one_column(reference, current, kind)` -> grid, baseline, current of a single column `x`."""

    def build(reference, current, kind=None):
        axis = axis_of(reference)
        kind = kind or (Kind.CATEGORICAL if isinstance(axis, CategoryAxis) else Kind.NUMERIC)
        grid = Grid(task=Task.REGRESSION, axes={"x": axis}, kinds={"x": kind}, prediction="x", features=("x",))
        sides = [
            Profile(grid.id, {TableKey("rows"): np.array([len(v)]), TableKey("column:x"): counted(axis, v)})
            for v in (reference, current)
        ]
        return grid, *sides

    return build

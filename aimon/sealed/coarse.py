"""The grid of sealed counts. In: a model's grid. Out: the same with few cells, so that a day fits few ciphertexts.

Its profiles are plain profiles: every metric reads them as it reads fine ones, in coarser steps.
"""

from aimon.profile.axis import Axis, CategoryAxis
from aimon.profile.grid import Grid

MOST_VALUES = 20


def sealed_grid(grid: Grid, most_values: int = MOST_VALUES) -> Grid:
    """Numbers in 33 steps, the 20 most frequent categories; classes of predictions and labels stay as they are.

    Sums of real numbers and estimates of distinct values are left out: their integers are too large for a slot.
    """
    classes = {grid.prediction, grid.label}
    axes = {name: axis if name in classes else coarse(axis, most_values) for name, axis in grid.axes.items()}
    if grid.label is not None and not isinstance(grid.axes[grid.label], CategoryAxis):
        axes |= {name: grid.axes[name].coarse() for name in (grid.prediction, grid.label)}
    residual = grid.residual.coarse() if grid.residual is not None else None
    changes = {"axes": axes, "crowded": (), "tokens": None, "cost": None, "residual": residual}
    return Grid.model_validate(grid.model_dump() | changes)  # a copy would keep the id, once somebody asked for it


def coarse(axis: Axis, most_values: int) -> Axis:
    """The axis with few cells; a value that has no cell of its own any more is of the tail."""
    if not isinstance(axis, CategoryAxis):
        return axis.coarse()
    return CategoryAxis(values=axis.values[:most_values], tail=(*axis.values[most_values:], *axis.tail))

"""The errors to expect of a regression: the reference's errors by prediction, at the window's predictions.

In: sums of the baseline's errors, the window's predictions, sampled reference errors. Out: expected MAE and RMSE.
"""

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from aimon.insight.estimate_expected import Expected
from aimon.insight.estimate_rows import Evidence
from aimon.insight.estimate_verdict import Obstruction
from aimon.metrics.estimate import Obstacle
from aimon.profile.axis import folding
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile
from aimon.profile.sums import Sums

Floats = NDArray[np.float64]

LEAST_LABELLED = 30
MOST_UNKNOWN = 0.05
LEAST_SAMPLED = 100
CAUTION = 1.5


@dataclass(frozen=True, slots=True)
class Errors:
    """By cell of the prediction: rows, mean absolute error and mean squared error."""

    rows: Floats
    absolute: Floats
    square: Floats

    @classmethod
    def of(cls, sums: Sums) -> Self:
        """From the baseline's exact sums."""
        rows = sums.n.astype(float)
        held = np.maximum(rows, 1.0)
        return cls(rows, sums.absolute / held, sums.square / held)


class Sampled(NamedTuple):
    """Labelled reference rows: the cell of their prediction, the size of their error, how dense the window is there."""

    cells: NDArray[np.int64]
    sizes: Floats
    weight: Floats


def errors_of_window(
    grid: Grid, baseline: Profile, current: Profile, evidence: Evidence, segment: str | None
) -> dict[str, Expected] | Obstruction:
    """The expected errors of the window, or of one of its segments."""
    table, counts = (
        baseline.get("residual_by_prediction", segment),
        current.get(f"column:{grid.prediction}", segment),
    )
    unit, support, rows = grid.units.residual, evidence.support, evidence.reference
    if table is None or counts is None or unit is None or support is None:
        return Obstruction(Obstacle.NO_DENOMINATOR, "the baseline has no errors by prediction")
    fold = folding(grid.axes[grid.prediction])
    coarse = counts.astype(np.float64)
    if segment is None:
        coarse = np.asarray(np.bincount(fold, coarse), np.float64)
    none = np.zeros(0)
    sampled = Sampled(np.zeros(0, np.int64), none, none)
    if rows.has(grid.prediction, grid.label):
        kept = rows.inside(segment) & np.isfinite(rows.residuals)
        sampled = Sampled(fold[rows.predictions][kept], np.abs(rows.residuals[kept]), support.ratio[kept])
    return expected_errors(Errors.of(unit.read(table)), coarse, sampled)


def expected_errors(errors: Errors, window: Floats, sampled: Sampled) -> dict[str, Expected] | Obstruction:
    """Direct loss estimation: the reference's mean loss in each cell of the prediction, weighted by the window's rows.

    A factor corrects it: how much larger than the mean of their cell the weighted errors of sampled rows are.
    """
    labelled = float(errors.rows.sum())
    if labelled < LEAST_LABELLED:
        return Obstruction(Obstacle.TOO_FEW_ROWS, f"the reference has {labelled:.0f} labelled rows")
    unknown = 1.0 - float(window[errors.rows > 0].sum() / window.sum())
    if unknown > MOST_UNKNOWN:
        note = f"{unknown:.0%} of the predictions are unlike those of all labelled reference rows"
        return Obstruction(Obstacle.ASSUMPTION, note)
    variance = np.maximum(errors.square - errors.absolute**2, 0.0)
    absolute = _loss(errors.absolute, variance, errors.rows, window, sampled)
    fourth = errors.square**2 * (_kurtosis(sampled.sizes) - 1.0)
    square = _loss(errors.square, fourth, errors.rows, window, sampled._replace(sizes=sampled.sizes**2))
    root = float(np.sqrt(square.value))
    slope = (0.5 / root) ** 2 if root > 0 else 0.0
    return {"mae": absolute, "rmse": Expected(root, square.labels * slope, square.calibration * slope)}


def _loss(mean: Floats, variance: Floats, rows: Floats, window: Floats, sampled: Sampled) -> Expected:
    """The window's expected mean loss, with the variance of its labels' chance and of what was learnt."""
    known = rows > 0
    share = np.where(known, window, 0.0)
    total = share.sum()
    share = share / total
    value = float(share @ mean)
    factor, doubt = _factor(mean, sampled)
    learnt = float((share**2 * variance / np.maximum(rows, 1.0)).sum())
    return Expected(
        value * factor,
        float(share @ variance) / total * factor**2,
        (learnt + value**2 * doubt * CAUTION) * factor**2,
    )


def _factor(mean: Floats, sampled: Sampled) -> tuple[float, float]:
    """How much larger losses are in the window than their cell's mean, and the variance of its logarithm."""
    expected, losses, weight = mean[sampled.cells], sampled.sizes, sampled.weight
    if len(losses) < LEAST_SAMPLED or weight @ expected <= 0 or weight @ losses <= 0:
        return 1.0, 0.0
    factor = float(weight @ losses / (weight @ expected))
    rest = weight * (losses - factor * expected)
    return factor, float(rest @ rest / (weight @ losses) ** 2)


def _kurtosis(sizes: Floats) -> float:
    """The kurtosis of the errors, 3 for a normal law; 9 where too few are known."""
    if len(sizes) < LEAST_SAMPLED:
        return 9.0
    square = float(np.mean(sizes**2))
    return max(float(np.mean(sizes**4)) / square**2, 1.0) if square > 0 else 3.0

"""Calibration: how often rows of a score come true, learnt from labelled rows, with the error of having learnt it.

In: positions of scores, rows and how many of them came true. Out: log-odds at any position and their covariance. A map
is a smooth curve, then any number of stages that tilt and shift it: for a segment, or for rows of another density.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LEAST_OF_EACH = 30
MOST_KNOTS = 8
ROWS_PER_KNOT = 50
_SMOOTH = 0.05
_MOST_STEPS, _CLOSE = 200, 1e-8
_GROUPS = 20
_CHANCE = 0.05


class Fitted(NamedTuple):
    """Coefficients and their covariance."""

    coefficients: Floats
    covariance: Floats


class Tally(NamedTuple):
    """Rows at positions, of which some came true. `weight` is how much each row counts."""

    position: Floats
    rows: Floats
    true: Floats
    weight: Floats | float = 1.0

    def at(self, kept: NDArray[np.bool_]) -> "Tally":
        """Some of the positions."""
        weight = self.weight[kept] if isinstance(self.weight, np.ndarray) else self.weight
        return Tally(self.position[kept], self.rows[kept], self.true[kept], weight)

    @property
    def rarer(self) -> float:
        """How many rows have the rarer outcome."""
        return float(min(self.true.sum(), (self.rows - self.true).sum()))


@dataclass(frozen=True, slots=True)
class Calibration:
    """The log-odds of coming true: a line that bends at the knots, then the stages, each `a + b x` of the last."""

    knots: Floats
    curve: Fitted
    stages: tuple[Fitted, ...] = ()

    def log_odds(self, position: Floats) -> tuple[Floats, Floats]:
        """The log-odds at each position, and their derivatives by every coefficient."""
        columns = _bends(position, self.knots)
        value, slopes = columns @ self.curve.coefficients, columns
        for stage in self.stages:
            own = np.stack([np.ones_like(value), value], axis=1)
            slopes = np.concatenate([slopes * stage.coefficients[1], own], axis=1)
            value = own @ stage.coefficients
        return value, slopes

    @property
    def covariance(self) -> Floats:
        """The covariance of all coefficients; those of different stages are taken as independent."""
        parts = [self.curve.covariance, *(stage.covariance for stage in self.stages)]
        whole = np.zeros((sum(map(len, parts)),) * 2)
        place = 0
        for part in parts:
            whole[place : place + len(part), place : place + len(part)] = part
            place += len(part)
        return whole

    def tilted(self, tally: Tally, *, spread: tuple[float, float], caution: float = 1.0) -> "Calibration":
        """One stage more, fitted to these rows.

        Without rows the stage changes nothing, with the standard deviations `spread` of shift and tilt, by which it
        may; rows decide as they come. `caution` multiplies the covariance. Weighted rows have a sandwich covariance.
        """
        value, _ = self.log_odds(tally.position)
        given = tally._replace(position=value)
        prior = Fitted(np.array([0.0, 1.0]), np.diag([spread[0] ** -2, spread[1] ** -2]))
        stage = _logistic(np.stack([np.ones_like(value), value], axis=1), given, prior)
        return replace(self, stages=(*self.stages, Fitted(stage.coefficients, stage.covariance * caution)))


def calibrate(tally: Tally) -> Calibration | None:
    """The curve through labelled rows; None with fewer than 30 rows of either outcome.

    Logistic regression on the position with up to eight bends, one for each 50 rows of the rarer outcome, at quantiles
    of all rows and of those rows together. Where twenty equal groups of rows scatter more about the curve than chance
    lets them, its covariance grows as much.

    >>> position = np.repeat([-1.0, 0.0, 1.0], 1_000)
    >>> true = np.concatenate([np.arange(1_000) < k for k in (269, 500, 731)]).astype(float)
    >>> curve = calibrate(Tally(position, np.ones(3_000), true))
    >>> (1.0 / (1.0 + np.exp(-curve.log_odds(np.array([-1.0, 0.0, 1.0]))[0]))).round(3).tolist()
    [0.269, 0.5, 0.731]
    """
    tally = tally.at((tally.rows > 0) & np.isfinite(tally.position))
    if tally.rarer < LEAST_OF_EACH:
        return None
    knots = _knots(tally)
    columns = _bends(tally.position, knots)
    prior = np.full(columns.shape[1], _SMOOTH)
    prior[:2] = 1e-6
    curve = _logistic(columns, tally, Fitted(np.eye(len(prior))[1], np.diag(prior)))
    excess = _scatter(tally, columns @ curve.coefficients, columns.shape[1])
    return Calibration(knots, Fitted(curve.coefficients, curve.covariance * excess))


def _knots(tally: Tally) -> Floats:
    """Where the curve may bend: where rows are, and where the rarer outcome is."""
    order = np.argsort(tally.position, kind="stable")
    position, rows, true = tally.position[order], tally.rows[order], tally.true[order]
    rarer = true if true.sum() <= rows.sum() - true.sum() else rows - true
    share = np.cumsum(rows / rows.sum() + rarer / rarer.sum()) / 2.0
    count = int(min(MOST_KNOTS, tally.rarer // ROWS_PER_KNOT))
    places = np.searchsorted(share, np.arange(1, count + 1) / (count + 1))
    knots = np.unique(position[np.minimum(places, len(position) - 1)])
    inner: Floats = knots[(knots > position[0]) & (knots < position[-1])]
    return inner


def _bends(position: Floats, knots: Floats) -> Floats:
    hinges = np.maximum(position[:, None] - knots[None, :], 0.0)
    return np.concatenate([np.ones((len(position), 1)), position[:, None], hinges], axis=1)


def _logistic(columns: Floats, tally: Tally, prior: Fitted) -> Fitted:
    """Weighted logistic regression with a normal prior (mean and precision), by Newton steps.

    A step that would lower the posterior is halved until it does not, so that scores far out, where a first guess is
    certain and wrong, do not throw it off.
    """
    from scipy.special import expit

    weight = tally.weight * np.ones_like(tally.rows)

    def posterior(at: Floats) -> float:
        value, away = columns @ at, at - prior.coefficients
        likelihood = weight @ (tally.true * value - tally.rows * np.logaddexp(0.0, value))
        return float(likelihood - away @ prior.covariance @ away / 2.0)

    coefficients, reached = prior.coefficients, posterior(prior.coefficients)
    for _ in range(_MOST_STEPS):
        p = expit(columns @ coefficients)
        curvature = (columns * (weight * tally.rows * p * (1.0 - p))[:, None]).T @ columns + prior.covariance
        away = coefficients - prior.coefficients
        step = np.linalg.solve(
            curvature, columns.T @ (weight * (tally.true - tally.rows * p)) - prior.covariance @ away
        )
        while (nearer := posterior(coefficients + step)) < reached and np.abs(step).max() > _CLOSE:
            step = step / 2.0
        if np.abs(step).max() <= _CLOSE:
            break
        coefficients, reached = coefficients + step, nearer
    noise = weight**2 * (tally.true * (1.0 - p) ** 2 + (tally.rows - tally.true) * p**2)
    inverse = np.linalg.inv(curvature)
    return Fitted(coefficients, inverse @ ((columns * noise[:, None]).T @ columns + prior.covariance) @ inverse)


def _scatter(tally: Tally, value: Floats, parameters: int) -> float:
    """Pearson's chi-square by degree of freedom over twenty equal groups of rows; 1 where chance explains it."""
    from scipy.special import chdtri, expit

    p = expit(value)
    order = np.argsort(tally.position, kind="stable")
    before = np.cumsum(tally.rows[order])
    group = np.minimum((before - 0.5 * tally.rows[order]) / before[-1] * _GROUPS, _GROUPS - 1).astype(int)
    expected, found, variance = (
        np.bincount(group, each[order], _GROUPS) for each in (tally.rows * p, tally.true, tally.rows * p * (1.0 - p))
    )
    used = variance > 0
    chi2, degrees = float(((found - expected)[used] ** 2 / variance[used]).sum()), int(used.sum()) - parameters
    beyond_chance = degrees > 0 and chi2 > chdtri(degrees, _CHANCE)
    return chi2 / degrees if beyond_chance else 1.0

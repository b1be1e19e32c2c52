"""Change points of a stored daily series: when it changed, how sure the date is, and what changed.

In: a value by day; days may lack. Out: changes of level, slope or spread with a date and its interval. Weekdays,
outliers and autocorrelated noise are no changes. Which series deserve a look is decided elsewhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np

from aimon.insight.changepoints_cost import SHORTEST
from aimon.insight.changepoints_search import Location, Regimes, locate, regimes
from aimon.insight.changepoints_series import Series, prepare

PENALTY = 4.0
FEWEST = 14
CONFIDENCE = 0.95


class Kind(StrEnum):
    """What of the series changed."""

    LEVEL = "level"
    SLOPE = "slope"
    SPREAD = "spread"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePoint:
    """A change. `day` is the first day of the new regime; the true one lies in `earliest` to `latest`.

    `before` and `after` are means for a level, change per day for a slope, standard deviations for a spread, in the
    unit of the series. `gain` is twice the log-likelihood won by the change, in nats.
    """

    day: date
    earliest: date
    latest: date
    kind: Kind
    before: float
    after: float
    gain: float


def change_points(points: Iterable[tuple[date, float | None]], *, penalty: float = PENALTY) -> list[ChangePoint]:
    """The changes of a daily series, in the order of their days; none where fewer than 14 days were observed.

    The series is cut by penalised likelihood: regimes are a level or a line, with noise of order-one autocorrelation
    and, where it pays, a variance of their own; each change costs `penalty` x log(n) of twice the log-likelihood.
    4 is twice the Bayesian price of a change's place and level: about 2 in 100 stable series of 30 to 365 days show a
    change. The interval is the 95 % highest-weight set of places under the profile likelihood, its hull.

    References: Davis, Lee, Rodriguez-Yam (2006), Structural break estimation for nonstationary time series models;
    Zhang and Siegmund (2007), A modified Bayes information criterion.

    >>> from datetime import timedelta
    >>> noise = np.random.default_rng(1).normal(size=60)
    >>> values = np.where(np.arange(60) < 40, 5.0, 8.0) + noise
    >>> start = date(2026, 9, 1)
    >>> found = change_points((start + timedelta(days=i), value) for i, value in enumerate(values))
    >>> [(str(change.day), change.kind.value) for change in found]
    [('2026-10-11', 'level')]
    """
    series = prepare(points)
    if series is None or len(series) < FEWEST:
        return []
    found = regimes(series, penalty)
    located = locate(series, found)
    cuts = [0, *(location.index for location in located), len(series)]
    return [_described(series, found, location, cuts[place], cuts[place + 2]) for place, location in enumerate(located)]


def _described(series: Series, found: Regimes, location: Location, start: int, end: int) -> ChangePoint:
    """The change in the series' own unit."""
    order = np.argsort(-location.weight, kind="stable")
    needed = int(np.searchsorted(np.cumsum(location.weight[order]), CONFIDENCE)) + 1
    likely = location.candidates[order[:needed]]
    kind, before, after = _what_changed(series, found.phi, location, start, end)
    shift = series.center if kind is Kind.LEVEL else 0.0
    return ChangePoint(
        day=_day(series, location.index),
        earliest=_day(series, int(likely.min())),
        latest=_day(series, int(likely.max())),
        kind=kind,
        before=before * series.unit + shift,
        after=after * series.unit + shift,
        gain=location.gain,
    )


def _day(series: Series, index: int) -> date:
    return date.fromordinal(int(series.day[index]))


def _what_changed(series: Series, phi: float, location: Location, start: int, end: int) -> tuple[Kind, float, float]:
    """The kind whose difference between the two sides is largest in its own standard errors."""
    cut = location.index
    left, right = _side(series, phi, start, cut), _side(series, phi, cut, end)
    level = abs(right.mean - left.mean) / np.hypot(left.mean_error, right.mean_error)
    if location.lines:
        level = abs(right.first - left.last) / np.hypot(left.edge_error, right.edge_error)
        bend = abs(right.slope - left.slope) / np.hypot(left.slope_error, right.slope_error)
    else:
        bend = 0.0
    spread = abs(np.log(right.spread / left.spread)) / np.sqrt(0.5 / (cut - start - 2) + 0.5 / (end - cut - 2))
    if spread > max(level, bend):
        return Kind.SPREAD, left.spread, right.spread
    if bend > level:
        return Kind.SLOPE, left.slope, right.slope
    return Kind.LEVEL, left.mean, right.mean


@dataclass(frozen=True, slots=True)
class _Side:
    mean: float
    mean_error: float
    slope: float
    slope_error: float
    first: float
    last: float
    edge_error: float
    spread: float


def _side(series: Series, phi: float, start: int, end: int) -> _Side:
    """A line through one side, with standard errors that know the autocorrelation."""
    day, value = series.day[start:end].astype(float), series.value[start:end]
    time = day - day.mean()
    square = float(time @ time)
    slope = float(time @ value) / square
    mean = float(value.mean())
    rest = value - mean - slope * time
    n = end - start
    spread = max(float(np.sqrt(rest @ rest / max(1, n - 2))), 1e-9)
    error = spread * float(np.sqrt((1.0 + phi) / (1.0 - phi)))
    return _Side(
        mean=mean,
        mean_error=error / float(np.sqrt(n)),
        slope=slope,
        slope_error=error / float(np.sqrt(square)),
        first=mean + slope * time[0],
        last=mean + slope * time[-1],
        edge_error=error * float(np.sqrt(1.0 / n + time[-1] ** 2 / square)),
        spread=spread,
    )


__all__ = ["FEWEST", "PENALTY", "SHORTEST", "ChangePoint", "Kind", "change_points"]

"""What is usual at this weekday and hour, learnt from the model's own past. In: past values, a moment. Out: a band.

A value inside the band is an explained, regular change and raises nothing. The past is taken as it is, without
following its latest level: a slow drift must not make itself usual.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from aimon.clock import day_start
from aimon.verdict.history import Band, SeriesKey

Floats = NDArray[np.float64]

LEAST_VALUES = 14
LEAST_DAYS = 14
DEVIATIONS = 3.0
MANY_TIMES = 1.5
_NORMAL_MAD = 0.6745
_LEAST_HOLIDAYS = 2


class Moment(NamedTuple):
    """A past value of a series, and when it was."""

    at: datetime
    value: float


class Past(Protocol):
    """A stored record."""

    @property
    def day(self) -> date: ...
    @property
    def window(self) -> str: ...
    @property
    def metric(self) -> str: ...
    @property
    def column(self) -> str | tuple[str, ...] | None: ...
    @property
    def segment(self) -> str | None: ...
    @property
    def group(self) -> str | tuple[str, ...] | None: ...
    @property
    def value(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class Usual:
    """What to expect, and between which bounds, from `n` past values; `basis` says what they were.

    `regular` says that the weekday, the hour or the holiday makes this moment differ from others, by more than chance.
    """

    expected: float
    low: float
    high: float
    n: int
    basis: str
    regular: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SeasonalHistory:
    """Past values of some series, and the moment that is judged. Has the bands that verdicts ask for."""

    values: Mapping[SeriesKey, Sequence[Moment]]
    at: datetime
    holidays: Collection[date] = field(default_factory=frozenset)
    deviations: float = DEVIATIONS

    def band(self, key: SeriesKey) -> Band | None:
        """The band of a series at that moment; None where there is too little past."""
        found = usual(self.values.get(key, ()), self.at, self.holidays, self.deviations)
        return None if found is None else Band(found.low, found.high)


def seasonal_history(
    records: Iterable[Past], day: date, window: str, holidays: Collection[date] = (), deviations: float = DEVIATIONS
) -> SeasonalHistory:
    """The history of a window that ends with `day`, from stored records of earlier days."""
    values: dict[SeriesKey, list[Moment]] = {}
    for record in records:
        if record.window == window and record.day < day and record.value is not None:
            key = SeriesKey(record.metric, record.column, record.segment, record.group)
            values.setdefault(key, []).append(Moment(day_start(record.day), record.value))
    return SeasonalHistory(values=values, at=day_start(day), holidays=frozenset(holidays), deviations=deviations)


def usual(
    past: Sequence[Moment], at: datetime, holidays: Collection[date] = (), deviations: float = DEVIATIONS
) -> Usual | None:
    """What the past shows for this weekday and hour; None with fewer than 14 values or two weeks of them.

    A value is the median of all, plus what its weekday and hour add to it. The addition is the median of that weekday
    and hour, drawn towards what weekday and hour add apart, and this towards nothing, as far as chance could have made
    it. Values that are all positive and spread over more than half their size are compared by ratio. The band is as
    many robust standard deviations wide as a value of that law needs to be outside as rarely as a normal one beyond
    `deviations`. Declared holidays are left out of the past; what a holiday is compared with, see `_holiday`.

    >>> from datetime import UTC, timedelta
    >>> start = datetime(2026, 9, 7, tzinfo=UTC)
    >>> past = [Moment(start + timedelta(days=d), (100.0 if d % 7 < 5 else 60.0) + d % 3) for d in range(28)]
    >>> [round(usual(past, start + timedelta(days=d)).expected) for d in (28, 33)]
    [100, 62]
    """
    known = [moment for moment in past if np.isfinite(moment.value) and moment.at < at]
    regular = [moment for moment in known if moment.at.date() not in holidays]
    if len(regular) < LEAST_VALUES or (regular[-1].at - regular[0].at).days + 1 < LEAST_DAYS:
        return None
    values = np.array([moment.value for moment in regular])
    by_ratio = bool(values.min() > 0 and values.max() > MANY_TIMES * values.min())
    season = _Season.of(np.log(values) if by_ratio else values, [moment.at for moment in regular])
    if at.date() in holidays:
        special = [moment for moment in known if moment.at.date() in holidays and (not by_ratio or moment.value > 0)]
        expected, low, high, basis = _holiday(season, special, at, deviations, by_ratio=by_ratio)
        differs = True
    else:
        expected, error = season.expected(at)
        differs = abs(expected - season.level) > season.spread
        half = _width(deviations, season.degrees) * float(np.hypot(season.spread, error))
        low, high, basis = expected - half, expected + half, "the same weekday and hour"
    if by_ratio:
        expected, low, high = (float(np.exp(min(part, 700.0))) for part in (expected, low, high))
    return Usual(expected, low, high, len(regular), basis, differs)


@dataclass(frozen=True, slots=True)
class _Season:
    """A level, what each weekday, hour and cell of both add to it, and what is left to chance."""

    level: float
    weekday: dict[int, float]
    hour: dict[int, float]
    cell: dict[tuple[int, int], float]
    rows: dict[tuple[int, int], int]
    spread: float
    degrees: int

    @classmethod
    def of(cls, values: Floats, moments: Sequence[datetime]) -> "_Season":
        level = float(np.median(values))
        weekdays = np.array([moment.weekday() for moment in moments])
        hours = np.array([moment.hour for moment in moments])
        rest = values - level
        weekday = _effects(rest, weekdays)
        rest = rest - np.array([weekday[day] for day in weekdays.tolist()])
        hour = _effects(rest, hours)
        rest = rest - np.array([hour[each] for each in hours.tolist()])
        cells = weekdays * 24 + hours
        cell = _effects(rest, cells) if len(hour) > 1 else dict.fromkeys(cells.tolist(), 0.0)
        rest = rest - np.array([cell[each] for each in cells.tolist()])
        level += float(np.median(rest))
        used = 1 + sum(len(effect) - 1 for effect in (weekday, hour) if any(effect.values()))
        return cls(
            level,
            weekday,
            hour,
            {divmod(each, 24): effect for each, effect in cell.items()},
            {divmod(each, 24): int((cells == each).sum()) for each in cell},
            _spread(rest, cells if any(cell.values()) else weekdays if any(weekday.values()) else np.zeros_like(cells)),
            max(1, len(values) - used),
        )

    def expected(self, at: datetime) -> tuple[float, float]:
        """The value to expect, and its standard error."""
        place = at.weekday(), at.hour
        additive = self.weekday.get(place[0], 0.0) + self.hour.get(place[1], 0.0)
        rows = max(self.rows.get(place, 0), 1)
        return self.level + additive + self.cell.get(place, 0.0), 1.2533 * self.spread / rows**0.5

    def extremes(self) -> tuple[float, float]:
        """The smallest and the largest value of any weekday and hour."""
        found = [
            self.level + day + self.hour.get(hour, 0.0) + self.cell.get((weekday, hour), 0.0)
            for weekday, day in self.weekday.items()
            for hour in self.hour
        ]
        return min(found), max(found)


def _holiday(
    season: _Season, special: Sequence[Moment], at: datetime, deviations: float, *, by_ratio: bool
) -> tuple[float, float, float, str]:
    """A holiday lies as far from its weekday as earlier holidays did, from the nearest to the farthest.

    With fewer than two, it may be anything from the lowest weekday to the highest, and as far again beyond both.
    """
    half = _width(deviations, season.degrees) * season.spread
    expected, _ = season.expected(at)
    moves = [(np.log(past.value) if by_ratio else past.value) - season.expected(past.at)[0] for past in special]
    if len(moves) >= _LEAST_HOLIDAYS:
        low, high = expected + min(moves) - half, expected + max(moves) + half
        return expected + float(np.median(moves)), low, high, "earlier holidays"
    lowest, highest = season.extremes()
    reach = highest - lowest
    return expected, lowest - reach - half, highest + reach + half, "a holiday without a like"


def _effects(rest: Floats, group: NDArray[np.int64]) -> dict[int, float]:
    """What each group adds: its median, drawn to 0 by the share of it that chance explains."""
    groups = np.unique(group)
    medians = {int(each): float(np.median(rest[group == each])) for each in groups}
    noise = _spread(rest, group) ** 2 * 1.57
    sizes = np.array([(group == each).sum() for each in groups])
    found = np.array([medians[int(each)] for each in groups])
    between = max(0.0, float(np.mean(found**2 - noise / sizes)))
    shrunk = found * between / (between + noise / sizes) if between > 0 else np.zeros(len(found))
    return dict(zip(groups.tolist(), shrunk.tolist(), strict=True))


def _spread(values: Floats, group: NDArray[np.int64]) -> float:
    """A robust standard deviation within groups, from the distances of all pairs of one group.

    Distances of pairs need no middle, which in small groups lies too near to its own values.
    """
    pairs = [np.abs(np.subtract.outer(part, part))[np.triu_indices(len(part), 1)] for part in _parted(values, group)]
    size = np.concatenate(pairs) if pairs else np.zeros(0)
    if not len(size):
        return float(values.std())
    typical = float(np.median(size)) / _NORMAL_MAD
    trimmed = float(np.sqrt(np.mean(np.minimum(size, 3.0 * typical) ** 2))) if typical > 0 else float(size.std())
    return max(typical, trimmed) / float(np.sqrt(2.0))


def _parted(values: Floats, group: NDArray[np.int64]) -> list[Floats]:
    """The values of each group."""
    order = np.argsort(group, kind="stable")
    return np.split(values[order], np.flatnonzero(np.diff(group[order])) + 1)


def _width(deviations: float, degrees: int) -> float:
    """How many standard deviations of few values are as rare as `deviations` of a known law."""
    from scipy.special import ndtr, stdtrit

    return float(stdtrit(degrees, ndtr(deviations)))

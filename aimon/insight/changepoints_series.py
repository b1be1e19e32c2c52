"""A daily series made ready for segmentation. In: days and values. Out: values without weekdays and outliers.

What repeats every week and what lasts a day or two is no change of regime; both are taken out before one is looked for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

NORMAL_MAD = 0.6745
OUTLIER = 4.2
MOST_OUTLIERS = 0.1
WEEKDAY_DAYS = 21
WEEKDAY_F = 4.5
LONGEST = 730


@dataclass(frozen=True, slots=True)
class Series:
    """Observed values in the order of their days; `day` is the ordinal of the date, `unit` the scale taken out.

    `value` is in units of the typical step from one observation to the next, around the median; `weekday` is what was
    subtracted for the day of the week, in the same units.
    """

    day: Integers
    value: Floats
    weekday: Floats
    center: float
    unit: float

    def __len__(self) -> int:
        return len(self.day)


def prepare(points: Iterable[tuple[date, float | None]]) -> Series | None:
    """The last two years of the series, cleaned; None where nothing varies."""
    known = sorted((day.toordinal(), float(value)) for day, value in points if value is not None and np.isfinite(value))
    day = np.array([ordinal for ordinal, _ in known[-LONGEST:]], np.int64)
    value = np.array([number for _, number in known[-LONGEST:]])
    if len(day) < 2 or np.ptp(value) == 0.0:
        return None
    center, unit = float(np.median(value)), _step(value)
    standard = (value - center) / unit
    weekday = weekday_pattern(day, standard)
    inlying = ~outliers(standard - weekday)
    return Series(day[inlying], (standard - weekday)[inlying], weekday[inlying], center, unit)


def weekday_pattern(day: Integers, value: Floats) -> Floats:
    """What each observation owes to its day of the week: 0 everywhere where the week explains too little.

    The median, by weekday, of the distance from the running median of a week, kept where its robust F exceeds 4.5.
    """
    if len(day) < WEEKDAY_DAYS:
        return np.zeros(len(day))
    first, last = np.searchsorted(day, day - 3), np.searchsorted(day, day + 3, side="right")
    rest = value - np.array([np.median(value[start:end]) for start, end in zip(first, last, strict=True)])
    weekday = day % 7
    effect = np.array([np.median(rest[weekday == k]) if (weekday == k).any() else 0.0 for k in range(7)])
    count = np.bincount(weekday, minlength=7)
    effect -= np.average(effect, weights=count)
    spread = float(np.median(np.abs(rest - effect[weekday])) / NORMAL_MAD)
    explained = float((count * effect**2).sum() / 6.0)
    return effect[weekday] if explained > WEEKDAY_F * spread**2 else np.zeros(len(day))


def outliers(value: Floats) -> NDArray[np.bool_]:
    """Observations far from the median of the seven around them; none where more than a tenth would be."""
    padded = np.pad(value, 3, constant_values=np.nan)
    middle = np.nanmedian(np.lib.stride_tricks.sliding_window_view(padded, 7), axis=1)
    far: NDArray[np.bool_] = np.abs(value - middle) > OUTLIER * _step(value) / np.sqrt(2.0)
    return far if far.mean() <= MOST_OUTLIERS else np.zeros(len(value), np.bool_)


def _step(value: Floats) -> float:
    """A robust standard deviation of the steps between neighbours; their mean size where most of them are 0."""
    steps = np.diff(value)
    typical = float(np.median(np.abs(steps - np.median(steps)))) / NORMAL_MAD
    return typical or float(np.abs(steps).mean()) * 1.2533

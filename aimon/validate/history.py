"""What past days lead to expect of a day: how many rows, and how late the last of them. In: past days. Out: bounds.

Days are compared with the same weekday where four of them are known, else with all. Without a week of past there is
nothing to expect.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import exp, expm1, log, log1p, sqrt

import numpy as np
import pyarrow as pa

from aimon.clock import DAY, SLOT_HOURS, SLOTS_PER_DAY, day_end, day_start
from aimon.profile.numbers import read_numbers
from aimon.spec.model import Kind

LEAST_DAYS = 7
LEAST_WEEKDAYS = 4
FACTOR = 2.0
SPREADS = 4.0
SHORTEST_LAG = timedelta(hours=1)
LATE = 0.9
"""The share of past days whose last row came no later than what counts as usual."""


@dataclass(frozen=True, slots=True)
class PastDay:
    """One day before: its rows by 6-hour slot, and the seconds from its last row to its end (None without rows)."""

    day: date
    slots: tuple[int, ...]
    lag: float | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """The fewest and most rows that are nothing unusual, and the number that is usual."""

    least: float
    usual: float
    most: float


def arrival(rows: pa.Table, timestamp: str | None, day: date) -> PastDay:
    """When the day's rows came."""
    if timestamp is None or timestamp not in rows.column_names:
        return PastDay(day, (0,) * SLOTS_PER_DAY)
    read = [read_numbers(chunk, Kind.DATETIME) for chunk in rows.column(timestamp).chunks]
    seconds = np.concatenate([np.empty(0), *(each.values[each.finite()] for each in read)])
    seconds = seconds - day_start(day).timestamp()
    inside = seconds[(seconds >= 0) & (seconds < DAY.total_seconds())]
    slots = np.bincount((inside // (SLOT_HOURS * 3_600)).astype(np.int64), minlength=SLOTS_PER_DAY)
    lag = DAY.total_seconds() - float(inside.max()) if len(inside) else None
    return PastDay(day, tuple(slots.tolist()), lag)


def expected_rows(history: Sequence[PastDay], day: date, elapsed: int) -> Bounds | None:
    """The rows to expect in the day's first `elapsed` slots; None where the past does not tell.

    Half to twice the median, or four robust standard deviations of the logarithms where days differ more than that.

    >>> week = [PastDay(date(2026, 11, number), (250, 250, 250, 250)) for number in range(1, 8)]
    >>> expected_rows(week, date(2026, 11, 8), 4)
    Bounds(least=500.0, usual=1000.0, most=2000.0)
    """
    if elapsed == 0 or len(history) < LEAST_DAYS:
        return None
    all_rows = [sum(past.slots[:elapsed]) for past in history]
    same = [sum(past.slots[:elapsed]) for past in history if past.day.weekday() == day.weekday()]
    if len(same) >= LEAST_WEEKDAYS:
        return _around(same)
    around = _around(all_rows)
    least = min([around.least, *(rows / FACTOR for rows in same)])
    return Bounds(least, around.usual, max([around.most, *(rows * FACTOR for rows in same)]))


def fresh_after(history: Sequence[PastDay], day: date, elapsed: int) -> datetime | None:
    """The instant after which the latest row must be; None where the past does not tell.

    Of a day that is over: twice the lag that nine past days in ten keep within. Of a day under way: the start of the
    last slot that is over, if every past day had rows in it.
    """
    if len(history) < LEAST_DAYS or elapsed == 0:
        return None
    if elapsed < SLOTS_PER_DAY:
        busy = all(past.slots[elapsed - 1] > 0 for past in history)
        return day_start(day) + timedelta(hours=SLOT_HOURS * (elapsed - 1)) if busy else None
    lags = sorted(past.lag for past in history if past.lag is not None)
    if len(lags) < LEAST_DAYS:
        return None
    usual = lags[min(int(LATE * len(lags)), len(lags) - 1)]
    return day_end(day) - max(SHORTEST_LAG, timedelta(seconds=FACTOR * usual))


def _around(rows: Sequence[int]) -> Bounds:
    """Rows vary in proportion, so on the logarithm; and by chance alone as the root of their number."""
    logs = [log1p(count) for count in rows]
    middle = statistics.median(logs)
    usual = expm1(middle)
    spread = 1.4826 * statistics.median([abs(value - middle) for value in logs])
    width = max(log(FACTOR), SPREADS * max(spread, 1.0 / sqrt(max(usual, 1.0))))
    return Bounds(round(usual * exp(-width), 6), round(usual, 6), round(max(usual, 1.0) * exp(width), 6))

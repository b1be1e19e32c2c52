"""When requests arrive: volume by weekday, a daily rhythm, ids, and the days that labels take to come in."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

Rng = np.random.Generator
Floats = NDArray[np.float64]
Stamps = NDArray[np.datetime64]
Bools = NDArray[np.bool_]

# The share of a day's requests in each UTC hour: quiet nights, a rise at noon, a smaller one in the evening.
_RHYTHM = 1.0 + 0.65 * np.sin((np.arange(24) - 7) / 24 * 2 * np.pi) + 0.2 * np.sin((np.arange(24) - 4) / 12 * 2 * np.pi)
HOURS = _RHYTHM / _RHYTHM.sum()


@dataclass(frozen=True, slots=True)
class Traffic:
    """How many requests a model gets on a weekday, and each weekday's weight from Monday to Sunday."""

    weekday: int
    weights: tuple[float, float, float, float, float, float, float]

    def volume(self, rng: Rng, day: date) -> int:
        """The number of requests of one day."""
        return int(rng.poisson(self.weekday * self.weights[day.weekday()]))


def stamps(rng: Rng, day: date, rows: int) -> Stamps:
    """Sorted UTC microseconds of one day's requests."""
    hour = rng.choice(24, size=rows, p=HOURS)
    microseconds = hour * 3_600_000_000 + rng.integers(0, 3_600_000_000, size=rows)
    return np.sort(np.datetime64(day, "us") + microseconds.astype("timedelta64[us]"))


def spread(rng: Rng, first: date, days: int, rows: int) -> Stamps:
    """Sorted stamps of `rows` requests spread over several days."""
    offsets = rng.integers(0, days, size=rows)
    return np.sort(
        np.concatenate([stamps(rng, first + timedelta(int(d)), int((offsets == d).sum())) for d in range(days)])
    )


def ids(prefix: str, moments: Stamps) -> list[str]:
    """One id a request, unique within the model: the day and a running number."""
    day = moments.astype("datetime64[D]").astype(str)
    return [f"{prefix}-{d.replace('-', '')}-{number:06d}" for number, d in enumerate(day.tolist(), 1)]


def arrived(rng: Rng, moments: Stamps, last_day: date, horizon_days: float) -> Bools:
    """Which labels are in by the end of `last_day`, when each takes between no time and the horizon."""
    end = np.datetime64(last_day + timedelta(1), "us")
    age = (end - moments) / np.timedelta64(1, "D")
    return np.asarray(rng.uniform(0, horizon_days, size=moments.size) <= age, dtype=bool)


def pick(rng: Rng, shares: dict[str, float], rows: int) -> NDArray[np.str_]:
    """Categories drawn with the given shares."""
    weights = np.array(list(shares.values()))
    return rng.choice(np.array(list(shares)), size=rows, p=weights / weights.sum())


def sigmoid(x: Floats) -> Floats:
    """The logistic function."""
    return np.asarray(1.0 / (1.0 + np.exp(-x)))

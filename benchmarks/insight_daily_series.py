"""Daily series with known changes of level, slope or spread, and stable ones; with weekdays, memory, gaps and strays.

Sizes are in standard deviations of the noise. Some changes are too small for their place; nobody finds all.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Rng = np.random.Generator

SHORTEST, LONGEST = 30, 365
MARGIN = 5


@dataclass(frozen=True)
class DailySeries:
    """Values by day, NaN where a day is missing, and the first day of each new regime."""

    values: Floats
    changes: tuple[int, ...]


def daily_series(seed: int, changing: int, stable: int) -> list[DailySeries]:
    """So many series with one to three changes, then so many with none."""
    random = np.random.default_rng([seed, 29])
    return [_series(random, changes=place < changing) for place in range(changing + stable)]


def _series(random: Rng, *, changes: bool) -> DailySeries:
    n = int(np.exp(random.uniform(np.log(SHORTEST), np.log(LONGEST + 1))))
    places = _places(random, n) if changes else []
    mean, scale = _regimes(random, n, places)
    values = mean + scale * _noise(random, n)
    if random.random() < 0.5:
        values += (random.normal(size=7) * random.uniform(0.5, 2.0))[(np.arange(n) + random.integers(7)) % 7]
    if random.random() < 0.3:
        strays = random.random(n) < 0.02
        values[strays] += (random.choice([-1.0, 1.0], n) * random.uniform(5.0, 9.0, n))[strays]
    values = (values + 10.0 * random.normal()) * 10.0 ** random.uniform(-3.0, 3.0)
    if random.random() < 0.3:
        values[random.random(n) < random.uniform(0.02, 0.1)] = np.nan
    return DailySeries(values, tuple(places))


def _places(random: Rng, n: int) -> list[int]:
    """Up to three days, a sixth of the series (at least ten days) apart and from both ends."""
    gap = max(10, n // 6)
    count = int(random.integers(1, min(3, (n - 2 * gap) // gap + 1) + 1))
    while True:
        places = np.sort(random.integers(gap, n - gap + 1, count))
        if (np.diff(places) >= gap).all():
            return [int(place) for place in places]


def _regimes(random: Rng, n: int, places: list[int]) -> tuple[Floats, Floats]:
    """The mean and the spread of each day."""
    mean, scale = np.zeros(n), np.ones(n)
    for place, end in pairwise([*places, n]):
        match random.choice(["level", "level", "slope", "spread"]):
            case "level":
                mean[place:] += random.choice([-1.0, 1.0]) * random.uniform(2.0, 5.0)
            case "slope":
                climb = np.clip((np.arange(n) - place + 1) / (end - place), 0.0, 1.0)
                mean += random.choice([-1.0, 1.0]) * random.uniform(4.0, 9.0) * climb
            case "spread":
                scale[place:] = random.choice([1.0 / 3.5, 3.5]) if scale[place] == 1.0 else 1.0
    return mean, scale


def _noise(random: Rng, n: int) -> Floats:
    """Noise of variance 1, with or without memory, normal or heavy-tailed."""
    phi, burn = random.choice([0.0, 0.0, 0.3, 0.6]), 50
    heavy = random.random() < 0.2
    fresh = random.standard_t(5, n + burn) / np.sqrt(5.0 / 3.0) if heavy else random.normal(size=n + burn)
    noise = fresh.copy()
    for day in range(1, n + burn):
        noise[day] = phi * noise[day - 1] + np.sqrt(1.0 - phi * phi) * fresh[day]
    return noise[burn:]


def score(found: list[list[int]], series: list[DailySeries]) -> tuple[int, int, int]:
    """Changes found within five days, found where none is, and missed; each change counts once."""
    hits = wrong = missed = 0
    for days, each in zip(found, series, strict=True):
        left = list(each.changes)
        for day in days:
            near = [change for change in left if abs(change - day) <= MARGIN]
            if near:
                left.remove(min(near, key=lambda change: abs(change - day)))
                hits += 1
            else:
                wrong += 1
        missed += len(left)
    return hits, wrong, missed


def f1(hits: int, wrong: int, missed: int) -> float:
    return 2.0 * hits / max(1, 2 * hits + wrong + missed)

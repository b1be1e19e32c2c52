"""Noise in released counts, carried into intervals. In: estimates, the spread of the noise. Out: wider estimates.

The same noise is added again, many times, and every metric computed from each: what that does to a value is what the
noise in the counts may have done to it already.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from aimon.metrics.estimate import Change, Estimate
from aimon.metrics.proportions import Z95
from aimon.profile.profile import Profile
from aimon.sealed.noise import consistent

REDRAWS = 24
"""How often noise is added again; the spread of a value is then known to about a seventh."""

Key = tuple[object, ...]
Measured = Mapping[Key, Estimate]


@dataclass(frozen=True, slots=True)
class Shaken:
    """What noise does to a value: by how much it shifts, and how far it spreads."""

    shift: float
    spread: float


def redrawn(profile: Profile, sigma: float) -> Iterable[Profile]:
    """The counts with further noise, released as the owner of the key releases them; the same for the same counts."""
    digest = hashlib.sha256(repr(sigma).encode())
    for key, counts in sorted(profile.tables.items(), key=lambda each: (each[0].table, each[0].segment or "")):
        digest.update(f"{key}".encode() + counts.tobytes())
    rng = np.random.default_rng(int.from_bytes(digest.digest()[:8]))
    for _ in range(REDRAWS):
        tables = {
            key: counts + np.rint(rng.normal(0.0, sigma, counts.shape)).astype(np.int64)
            for key, counts in profile.tables.items()
        }
        yield consistent(Profile(profile.grid_id, tables), profile.rows)


def widened(estimates: Mapping[Key, Estimate], again: Sequence[Measured]) -> dict[Key, Estimate]:
    """The estimates with what noise may have done to them in their intervals and chances."""
    return {key: _widened(each, [one[key] for one in again if key in one]) for key, each in estimates.items()}


def _widened(estimate: Estimate, again: Sequence[Estimate]) -> Estimate:
    value = estimate.value
    shaken = None if value is None else _shaken(value, again, lambda each: each.value)
    if value is None or shaken is None:
        return estimate
    low, high = _bounds(value, estimate.low, estimate.high, shaken)
    change = estimate.change
    if change is not None:
        moved = _shaken(change.value, again, lambda each: None if each.change is None else each.change.value)
        change = None if moved is None else _moved(change, moved)
    chance = estimate.p_value
    if chance is not None:
        chance = max(chance, _chance(value - max(shaken.shift, 0.0), (value - low) / Z95))
    # without its bins, an estimate's power is judged by its interval, which knows of the noise
    return replace(estimate, low=low, high=high, change=change, p_value=chance, bins=None)


def _shaken(value: float, again: Sequence[Estimate], read: Callable[[Estimate], float | None]) -> Shaken | None:
    found: NDArray[np.float64] = np.array([each for each in map(read, again) if each is not None], np.float64)
    if len(found) < REDRAWS // 2:
        return None
    return Shaken(float(found.mean()) - value, float(found.std(ddof=1)))


def _bounds(value: float, low: float | None, high: float | None, shaken: Shaken) -> tuple[float, float]:
    """The interval, wider by the spread, and to the side to which noise shifts values."""
    below = np.hypot(value - (value if low is None else low), Z95 * shaken.spread) + max(shaken.shift, 0.0)
    above = np.hypot((value if high is None else high) - value, Z95 * shaken.spread) + max(-shaken.shift, 0.0)
    return float(value - below), float(value + above)


def _moved(change: Change, shaken: Shaken) -> Change:
    low, high = _bounds(change.value, change.low, change.high, shaken)
    return replace(change, low=low, high=high)


def _chance(value: float, error: float) -> float:
    """How likely a value so far above 0 is when the truth is 0."""
    from scipy.special import ndtr

    return float(ndtr(-value / error)) if error > 0 else 0.0

"""Noise alone raises no alarm, a fault still does, and no interval is narrower for it."""

import numpy as np
import pytest

from aimon.profile.count import count_all
from aimon.profile.profile import Profile
from aimon.sealed.layout import Layout
from aimon.sealed.noise import consistent
from aimon.sealed.seal.parameters import CUBE
from aimon.verdict.evaluate import evaluate
from aimon.verdict.record import Record
from tests.sealed.loans import SPEC, loans_grid, rows

GRID = loans_grid()
LAYOUT = Layout(GRID, CUBE)
BASELINE = LAYOUT.kept(count_all(GRID, rows(5_000, 0)))
SIGMA = 40.0


def noised(profile: Profile, seed: int) -> Profile:
    rng = np.random.default_rng(seed)
    tables = {
        key: counts + np.rint(rng.normal(0, SIGMA, counts.shape)).astype(int) for key, counts in profile.tables.items()
    }
    return consistent(Profile(profile.grid_id, tables), profile.rows)


def alarms(records: list[Record]) -> list[Record]:
    return [record for record in records if record.verdict.alarms]


@pytest.fixture(scope="module")
def calm() -> Profile:
    return LAYOUT.kept(count_all(GRID, rows(3_000, 7)))


def test_noise_alone_raises_no_alarm(calm: Profile) -> None:
    assert alarms(evaluate(SPEC, GRID, BASELINE, calm)) == []
    assert all(alarms(evaluate(SPEC, GRID, BASELINE, noised(calm, seed))) for seed in range(2))
    assert [alarms(evaluate(SPEC, GRID, BASELINE, noised(calm, seed), sigma=SIGMA)) for seed in range(2)] == [[], []]


def test_a_fault_is_seen_through_the_noise() -> None:
    shifted = LAYOUT.kept(count_all(GRID, rows(3_000, 8, shift=1.5)))
    found = alarms(evaluate(SPEC, GRID, BASELINE, noised(shifted, 1), sigma=SIGMA))
    assert ("psi", "income") in {(record.metric, record.column) for record in found}


def test_intervals_are_wider_and_values_are_the_same(calm: Profile) -> None:
    counts = noised(calm, 3)
    exact, wide = (evaluate(SPEC, GRID, BASELINE, counts, sigma=sigma) for sigma in (0.0, SIGMA))
    assert [record.value for record in exact] == [record.value for record in wide]
    low = np.array([(a.low, b.low) for a, b in zip(exact, wide, strict=True) if a.low is not None], float)
    high = np.array([(a.high, b.high) for a, b in zip(exact, wide, strict=True) if a.high is not None], float)
    assert len(low) > 50
    assert (low[:, 1] <= low[:, 0] + 1e-12).all()
    assert (high[:, 1] >= high[:, 0] - 1e-12).all()

import numpy as np
import pytest
from scipy import stats  # noqa: TID253 - the oracle of these tests

from aimon.verdict.judge import Badness
from aimon.verdict.multiple import adjusted_by_family, chance_beyond


def _badness(value: float, error: float, limit: float | None = 0.1, critical: float | None = None) -> Badness:
    return Badness(value, value - 1.96 * error, value + 1.96 * error, limit, critical, None)


def test_the_chance_is_that_of_the_normal_law_at_the_first_limit() -> None:
    chances = chance_beyond([_badness(0.2, 0.05), _badness(0.05, 0.05), _badness(0.3, 0.1, None, 0.2)])
    assert chances == pytest.approx(stats.norm.sf([2.0, -1.0, 1.0]), abs=1e-3)


def test_a_value_without_error_is_certain_on_either_side() -> None:
    assert chance_beyond([_badness(0.2, 0.0), _badness(0.05, 0.0)]).tolist() == [0.0, 1.0]


def test_chances_are_adjusted_within_their_family() -> None:
    badness = [_badness(0.1 + 0.05 * z, 0.05) for z in (3.0, 1.0, 0.0, 3.0)]
    adjusted = adjusted_by_family(["a", "a", "a", "b"], badness)
    raw = chance_beyond(badness)
    assert adjusted[:3] == pytest.approx(stats.false_discovery_control(raw[:3]))
    assert adjusted[3] == pytest.approx(raw[3])


def test_many_results_at_their_limit_rarely_alarm(random: np.random.Generator) -> None:
    alarms = []
    for _ in range(200):
        family = [_badness(0.1 + 0.02 * z, 0.02) for z in random.normal(size=100)]
        alarms.append(min(adjusted_by_family(["fairness"] * 100, family)) <= 0.01)
    assert np.mean(alarms) <= 0.03

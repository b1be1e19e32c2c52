import numpy as np
import pytest

from aimon.profile.distinct import RELATIVE_ERROR, distinct_cell, estimate_distinct


def table_of(texts: list[str]) -> np.ndarray:
    counts = np.zeros(1024 * 24, np.int64)
    np.add.at(counts, [distinct_cell(text) for text in texts], 1)
    return counts


@pytest.mark.parametrize("different", [1, 10, 150, 1_000, 20_000, 300_000])
def test_the_estimate_is_a_few_percent_off(different: int) -> None:
    estimate = estimate_distinct(table_of([f"customer {number}" for number in range(different)]))
    assert estimate == pytest.approx(different, rel=0.07, abs=0.6)


def test_on_average_the_estimate_is_two_percent_off() -> None:
    errors = []
    for seed in range(30):
        estimate = estimate_distinct(table_of([f"{seed}/{number}" for number in range(5_000)]))
        errors.append(estimate / 5_000 - 1)
    assert np.sqrt(np.mean(np.square(errors))) < 0.03
    assert abs(np.mean(errors)) < 0.015


def test_repeats_and_addition_change_nothing() -> None:
    left, right = table_of(["a", "b", "c"] * 50), table_of(["b", "c", "d"] * 20)
    assert estimate_distinct(left + right) == estimate_distinct(table_of(["a", "b", "c", "d"]))


def test_nothing_is_estimated_as_nothing() -> None:
    assert estimate_distinct(np.zeros((1024, 24), np.int64)) == 0.0


def test_the_error_of_an_estimate_is_about_two_in_a_hundred() -> None:
    random, shares = np.random.default_rng(8), 2.0 ** -np.minimum(np.arange(1, 25), 23)
    for values in (20_000, 5_000_000):
        drawn = (random.poisson(np.broadcast_to(values * shares / 1024, (1024, 24))) for _ in range(200))
        errors = [estimate_distinct(table) / values - 1 for table in drawn]
        assert np.std(errors) == pytest.approx(RELATIVE_ERROR, rel=0.2)
        assert abs(np.mean(errors)) < 0.006

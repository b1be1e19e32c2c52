import pytest

from aimon.verdict.power import drift_power


@pytest.mark.parametrize("bins", [3, 10, 103])
def test_a_thousand_rows_a_side_are_enough(bins: int) -> None:
    assert drift_power(1000, 1000, bins, 0.1, 0.25) >= 0.8


def test_a_hundred_rows_are_not() -> None:
    assert drift_power(100, 100, 10, 0.1, 0.25) < 0.5
    assert drift_power(1_000_000, 100, 10, 0.1, 0.25) < 0.8


def test_no_rows_have_no_power() -> None:
    assert drift_power(0, 1000, 10, 0.1, 0.25) == 0.0
    assert drift_power(1000, 0, 10, 0.1, 0.25) == 0.0

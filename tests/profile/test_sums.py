import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimon.profile.sums import BOUND, SUM_LABELS, Unit

numbers = st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=50)


@given(numbers, numbers)
def test_sums_of_parts_add_up_to_the_sum_of_all(left: list[float], right: list[float]) -> None:
    unit = Unit(center=3.0, scale=2.0**-3)
    apart = unit.count(np.array(left)) + unit.count(np.array(right))
    assert np.array_equal(apart, unit.count(np.array(left + right)))


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=50))
def test_sums_are_right_to_a_billionth_of_the_unit(values: list[float]) -> None:
    unit = Unit(center=1.5, scale=4.0)
    sums, d = unit.read(unit.count(np.array(values))), np.array(values) - 1.5
    slack = len(values) * 4.0 * 1e-9
    assert float(sums.sum) == pytest.approx(d.sum(), abs=slack)
    assert float(sums.absolute) == pytest.approx(np.abs(d).sum(), abs=slack)
    assert float(sums.square) == pytest.approx((d * d).sum(), abs=slack * 4)
    assert int(sums.n) == len(values)
    assert int(sums.saturated) == 0


def test_a_number_beyond_the_bound_counts_as_the_bound_and_says_so() -> None:
    unit = Unit(center=0.0, scale=1.0)
    sums = unit.read(unit.count(np.array([1e300, -1e300, 1.0])))
    assert float(sums.sum) == 1.0
    assert float(sums.absolute) == 2 * BOUND + 1
    assert int(sums.saturated) == 2


def test_two_billion_rows_at_the_bound_do_not_overflow() -> None:
    unit = Unit(center=0.0, scale=1.0)
    most = unit.count(np.array([BOUND])).astype(object) * 2**31
    assert max(most) < 2**63
    assert len(most) == len(SUM_LABELS)

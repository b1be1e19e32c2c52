import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control  # noqa: TID253 - the oracle of these tests

from aimon.verdict.discoveries import adjust


@given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_the_adjustment_is_that_of_scipy(p_values: list[float]) -> None:
    assert adjust(p_values) == pytest.approx(false_discovery_control(p_values), abs=1e-15)


def test_no_tests_need_no_adjustment() -> None:
    assert adjust([]).tolist() == []


def test_the_adjustment_keeps_the_order_of_the_tests() -> None:
    p = np.array([0.5, 0.001, 0.02])
    assert adjust(p).argsort().tolist() == p.argsort().tolist()

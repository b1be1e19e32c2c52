import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aimon.validate.beyond import Reference


@pytest.mark.parametrize(("reference_rows", "rows"), [(200, 100), (5_000, 500), (5_000, 100_000), (1_000_000, 50)])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.5])
def test_without_a_change_hardly_anything_exceeds_the_limit(reference_rows, rows, share):
    random = np.random.default_rng(7)
    alarms = sum(
        Reference(int(random.binomial(reference_rows, share)), reference_rows, 0.05).exceeded(
            int(random.binomial(rows, share)), rows
        )
        for _ in range(500)
    )
    assert alarms <= 5


@pytest.mark.parametrize("rows", [1, 2, 3, 5, 10])
def test_a_handful_of_rows_with_everyday_nulls_is_no_alarm(rows):
    random = np.random.default_rng(3)
    reference = Reference(200, 10_000, 0.05)
    assert not any(reference.exceeded(int(random.binomial(rows, 0.02)), rows) for _ in range(2_000))
    assert reference.exceeded(rows, rows) == (rows >= 3)


@settings(deadline=None)
@given(st.integers(1, 500), st.integers(0, 500), st.integers(0, 300))
def test_the_test_is_the_exact_binomial_one(rows, failing, known):
    from scipy.stats import binomtest

    reference, failing = Reference(known, 1_000, 0.05), min(failing, rows)
    exact = binomtest(failing, rows, reference.most, alternative="greater").pvalue
    assert reference.exceeded(failing, rows) == (exact < 0.001)


def test_a_change_of_twice_the_limit_is_found():
    assert Reference(failing=100, rows=5_000, limit=0.05).exceeded(120, 1_000)
    assert Reference(100, 5_000, 0.05, rise=False).exceeded(120, 1_000)


def test_a_declared_limit_of_the_share_ignores_the_reference():
    assert not Reference(4_000, 5_000, 0.9, rise=False).exceeded(900, 1_000)
    assert Reference(4_000, 5_000, 0.8, rise=False).exceeded(900, 1_000)


def test_a_small_reference_has_not_seen_everything():
    assert Reference(0, 100, 0.05).exceeded(200, 1_000)
    assert not Reference(0, 100, 0.05, blind=True).exceeded(200, 1_000)
    assert Reference(0, 10_000, 0.05, blind=True).exceeded(200, 1_000)


def test_without_rows_nothing_is_exceeded():
    assert not Reference(0, 0, 0.05).exceeded(10, 10)
    assert not Reference(1, 10, 0.05).exceeded(0, 0)
    assert Reference(0, 0, 0.05).share == 0.0


@settings(deadline=None)
@given(st.integers(1, 10_000), st.integers(1, 10_000), st.data())
def test_more_failing_rows_never_undo_an_alarm(reference_rows, rows, data):
    reference = Reference(data.draw(st.integers(0, reference_rows)), reference_rows, 0.05)
    failing = data.draw(st.integers(0, rows - 1)) if rows > 1 else 0
    if reference.exceeded(failing, rows):
        assert reference.exceeded(failing + 1, rows)
    else:
        assert not reference.exceeded(0, rows)

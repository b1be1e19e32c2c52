import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aimon.profile import quantiles
from aimon.profile.quantiles import Selection, numbers_of, sortable

SHARES = (0.0, 0.01, 0.25, 0.5, 0.75, 0.99, 1.0)
finite = st.floats(allow_nan=False, allow_infinity=False)


def selected(values: np.ndarray, parts: int = 2) -> np.ndarray:
    selection = Selection(SHARES)
    while not selection.done:
        for part in np.array_split(values, parts):
            worker = selection.spare()
            worker.add(part)
            selection.merge(worker)
        selection.finish_pass()
    assert selection.found is not None
    return selection.found


def sorted_away(values: np.ndarray) -> np.ndarray:
    return np.sort(values)[np.floor(np.array(SHARES) * (len(values) - 1)).astype(int)]


@pytest.mark.parametrize("few", [1, 1000, 1 << 20])
@given(values=st.lists(finite, min_size=1, max_size=200))
def test_selected_numbers_are_those_of_the_sorted_list(few: int, values: list[float]) -> None:
    known, quantiles.FEW = quantiles.FEW, few
    try:
        assert np.array_equal(selected(np.array(values)), sorted_away(np.array(values)))
    finally:
        quantiles.FEW = known


@pytest.mark.parametrize("draw", ["normal", "zeros", "far"])
def test_large_columns_agree_with_sorting(draw: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quantiles, "FEW", 5_000)
    random = np.random.default_rng(1)
    values = {
        "normal": random.normal(0, 1, 100_000),
        "zeros": np.where(random.random(100_000) < 0.9, 0.0, random.exponential(1, 100_000)),
        "far": 1e12 + random.normal(0, 1e-3, 100_000),
    }[draw]
    assert np.array_equal(selected(values, parts=7), sorted_away(values))


def test_no_number_has_no_quantile() -> None:
    assert np.isnan(selected(np.zeros(0))).all()


@given(st.lists(finite, min_size=1))
def test_sortable_integers_are_in_the_order_of_the_numbers(values: list[float]) -> None:
    ordered = np.sort(np.array(values) + 0.0)
    keys = sortable(ordered)
    assert (np.diff(keys.astype(object)) >= 0).all()
    assert np.array_equal(numbers_of(keys), ordered)

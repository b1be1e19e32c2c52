import numpy as np
import pytest
from scipy import stats  # noqa: TID253 - the oracle of these tests

from aimon.metrics.estimate import Obstacle
from aimon.metrics.prediction import class_shift, entropy, mean_shift, prediction_shift


def test_the_largest_change_of_a_class_is_over_the_union_of_classes(counted) -> None:
    reference, current = ["a"] * 500 + ["b"] * 500, ["a"] * 300 + ["b"] * 450 + ["c"] * 250
    _, grid, baseline, window = counted({"y": reference}, {"y": current}, task="multiclass", features=())
    (found,) = prediction_shift(grid, baseline, window)
    assert (found.metric, found.column) == ("class_shift", "y")
    assert found.value == pytest.approx(0.25)
    assert found.low < 0.25 < found.high


def test_class_shift_rarely_claims_a_change_where_there_is_none(random) -> None:
    law = np.array([0.5, 0.3, 0.15, 0.05])
    lows = [class_shift("y", random.multinomial(400, law), random.multinomial(300, law)).low for _ in range(400)]
    assert np.mean(np.array(lows) > 0) <= 0.07


def test_no_rows_have_no_shift(counted) -> None:
    _, grid, baseline, window = counted({"y": ["a", "b"], "s": [0.1, 0.9]}, {"y": [], "s": []}, score="s", features=())
    found = prediction_shift(grid, baseline, window)
    assert {e.metric for e in found} == {"class_shift", "confidence_shift", "entropy_shift"}
    assert all(e.value is None and e.obstacle is Obstacle.TOO_FEW_ROWS for e in found)


def test_confidence_and_entropy_shift_are_differences_of_means(counted, random) -> None:
    reference, current = random.beta(2, 3, 4000), random.beta(4, 3, 3000)
    _, grid, baseline, window = counted({"s": reference}, {"s": current}, score="s", features=())
    found = {e.metric: e for e in prediction_shift(grid, baseline, window)}
    confidence = found["confidence_shift"]
    assert confidence.value == pytest.approx(current.mean() - reference.mean(), abs=1e-4)
    oracle = stats.ttest_ind(current, reference, equal_var=False)
    interval = oracle.confidence_interval()
    assert (confidence.low, confidence.high) == pytest.approx((interval.low, interval.high), abs=2e-4)
    assert confidence.note == "the mean went up"
    entropies = [stats.entropy(np.stack([s, 1 - s])).mean() for s in (current, reference)]
    assert found["entropy_shift"].value == pytest.approx(entropies[0] - entropies[1], abs=1e-4)


def test_a_score_that_is_no_probability_has_a_mean_and_no_entropy(counted, random) -> None:
    scores = random.normal(0, 5, 1000)
    _, grid, baseline, window = counted({"s": scores}, {"s": scores}, score="s", features=())
    found = {e.metric: e for e in prediction_shift(grid, baseline, window)}
    assert "entropy_shift" not in found
    assert found["confidence_shift"].described


def test_the_label_is_a_class_too_where_it_is_known(counted) -> None:
    data = {"y": ["0", "1"] * 200, "t": ["0"] * 300 + ["1"] * 100}
    later = {"y": ["0", "1"] * 200, "t": [None] * 200 + ["0"] * 100 + ["1"] * 100}
    _, grid, baseline, window = counted(data, later, label="t", features=())
    found = {e.column: e for e in prediction_shift(grid, baseline, window)}
    assert found["t"].value == pytest.approx(0.25)
    assert found["t"].labels
    assert not found["y"].labels


def test_an_undecided_score_has_the_most_entropy() -> None:
    assert entropy(np.array([0.0, 0.5, 1.0])).tolist() == pytest.approx([0.0, np.log(2), 0.0])


def test_a_mean_that_cannot_vary_is_certain() -> None:
    shift = mean_shift("confidence_shift", "s", np.array([100]), np.array([200]), np.array([0.5]))
    assert (shift.value, shift.low, shift.high, shift.p_value) == (0.0, 0.0, 0.0, 1.0)

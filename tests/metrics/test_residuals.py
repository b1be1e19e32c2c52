import numpy as np
import pytest
from sklearn import metrics as sk  # noqa: TID253 - the oracle of these tests

from aimon.metrics.estimate import Obstacle
from aimon.metrics.performance import performance
from aimon.metrics.residuals import interval_coverage, mape, median_absolute, r2, residuals
from aimon.profile.axis import LARGEST, NumericAxis
from aimon.profile.sums import RELATIVE, Unit


@pytest.fixture(params=["plain", "heavy tails", "large numbers"])
def predicted(request: pytest.FixtureRequest, random) -> tuple[np.ndarray, np.ndarray]:
    label = random.normal(50, 10, 5000)
    error = random.normal(0.5, 3, 5000) if request.param != "heavy tails" else random.standard_t(3, 5000)
    scale = 1e8 if request.param == "large numbers" else 1.0
    return (label + error) * scale, label * scale


def test_errors_are_those_of_scikit_learn(predicted, counted) -> None:
    prediction, label = predicted
    data = {"y": prediction, "t": label, "x": label}
    _, grid, baseline, window = counted(data, data, task="regression", label="t", features=("x",))
    found = {e.metric: e for e in performance(grid, baseline, window)}
    assert found["mae"].value == pytest.approx(sk.mean_absolute_error(label, prediction), rel=1e-6)
    assert found["rmse"].value == pytest.approx(sk.root_mean_squared_error(label, prediction), rel=1e-6)
    assert found["r2"].value == pytest.approx(sk.r2_score(label, prediction), rel=1e-6)
    assert found["mape"].value == pytest.approx(sk.mean_absolute_percentage_error(label, prediction), rel=1e-6)
    assert found["bias"].value == pytest.approx((prediction - label).mean(), rel=1e-6)
    assert found["median_absolute_error"].value == pytest.approx(sk.median_absolute_error(label, prediction), rel=0.01)
    for estimate in found.values():
        assert estimate.low <= estimate.value <= estimate.high
        assert estimate.change is None or estimate.change.value == 0.0


def _measured(errors: np.ndarray) -> dict:
    unit, axis = Unit(center=0.0, scale=1.0), NumericAxis(center=0.0, scale=1.0)
    steps = np.bincount(axis.cell(errors), minlength=axis.size)
    return residuals(unit.count(errors)[None, :], steps, axis, unit)


@pytest.mark.parametrize(
    ("name", "truth"), [("mae", 0.7979), ("rmse", 1.0), ("bias", 0.0), ("median_absolute_error", 0.6745)]
)
def test_intervals_hold_the_true_error(name: str, truth: float, random) -> None:
    found = [_measured(random.normal(size=400))[name] for _ in range(300)]
    assert np.mean([m.low <= truth <= m.high for m in found]) == pytest.approx(0.95, abs=0.035)


def test_a_constant_label_has_no_variance_to_explain() -> None:
    unit = Unit(center=0.0, scale=1.0)
    measure = r2(unit.count(np.array([0.1, -0.1]))[None, :], unit.count(np.array([5.0, 5.0])), unit, unit)
    assert measure.value is None
    assert measure.obstacle is Obstacle.NO_DENOMINATOR
    assert measure.note == "every label is the same, so there is no variance to explain"


def test_no_rows_have_no_error() -> None:
    assert all(measure.value is None for measure in _measured(np.zeros(0)).values())
    unit = Unit(center=0.0, scale=1.0)
    assert r2(unit.count(np.zeros(0))[None, :], unit.count(np.zeros(0)), unit, unit).value is None
    assert median_absolute(np.zeros(3), np.zeros(3)).value is None


def test_perfect_predictions_have_no_error() -> None:
    measures = _measured(np.zeros(100))
    assert [measures[name].value for name in ("mae", "rmse", "bias", "median_absolute_error")] == [0, 0, 0, 0]


def test_errors_beyond_the_bound_of_the_sums_are_unsupported() -> None:
    measures = _measured(np.array([1.0, 1e9]))
    assert {m.obstacle for m in measures.values()} == {Obstacle.ASSUMPTION}


def test_the_interval_of_r2_holds_the_truth(random) -> None:
    unit, held = Unit(center=0.0, scale=1.0), []
    for _ in range(300):
        label = random.normal(0, 2, 400)
        measure = r2(unit.count(random.normal(0, 1, 400))[None, :], unit.count(label), unit, unit)
        held.append(measure.low <= 0.75 <= measure.high)
    assert np.mean(held) >= 0.9


@pytest.mark.parametrize("scale", [2.0**-700, 1.0, 2.0**700, 2.0**900])
def test_errors_of_any_size_are_measured_in_their_unit(scale: float) -> None:
    errors = np.array([1.0, -1.0, 3.0, 2.0] * 10)
    unit, axis = Unit(center=0, scale=scale), NumericAxis(center=0, scale=min(scale, LARGEST))
    steps = np.bincount(axis.cell(errors * scale), minlength=axis.size)
    found = residuals(unit.count(errors * scale)[None, :], steps, axis, unit)
    assert found["mae"].value == pytest.approx(1.75 * scale)
    assert found["rmse"].value == pytest.approx(np.sqrt(3.75) * scale)
    assert found["rmse"].low is not None
    assert 0 < found["rmse"].low < found["rmse"].value


def test_errors_beyond_the_largest_number_have_no_value() -> None:
    unit = Unit(center=0, scale=2.0**1020)
    axis = NumericAxis(center=0, scale=LARGEST)
    counts = unit.count(np.full(40, 2.0**1022)) * 2**20
    counts[0] = 40
    found = residuals(counts[None, :], np.bincount([0], minlength=axis.size), axis, unit)
    assert found["mae"].value is None
    assert found["mae"].note == "the errors are larger than a number can be"


def test_a_label_that_varies_by_nothing_beside_the_errors_has_no_r2() -> None:
    wide, narrow = Unit(center=0, scale=2.0**900), Unit(center=0, scale=2.0**-900)
    errors, labels = np.array([1.0, -1.0]) * 2.0**900, np.array([1.0, 2.0]) * 2.0**-900
    found = r2(wide.count(errors)[None, :], narrow.count(labels), wide, narrow)
    assert (found.value, found.obstacle) == (None, Obstacle.NO_DENOMINATOR)


def _regression(counted, label: np.ndarray, prediction: np.ndarray, **columns: np.ndarray) -> dict:
    data = {"y": prediction, "t": label, "x": label, **columns}
    roles = {name: name for name in columns}
    _, grid, baseline, window = counted(data, data, task="regression", label="t", features=("x",), **roles)
    return {estimate.metric: estimate for estimate in performance(grid, baseline, window)}


def test_labels_of_0_leave_a_percentage_error_of_the_others_that_is_unsupported(counted, random) -> None:
    label = np.where(random.random(1000) < 0.1, 0.0, random.normal(50, 10, 1000))
    prediction = label + random.normal(0, 3, 1000)
    found, others = _regression(counted, label, prediction)["mape"], label != 0
    expected = sk.mean_absolute_percentage_error(label[others], prediction[others])
    assert found.value == pytest.approx(expected, rel=1e-6)
    assert found.obstacle is Obstacle.ASSUMPTION
    assert found.note == f"{(~others).sum()} labels are 0; they are left out, as no error is a share of 0"
    assert mape(RELATIVE.count(np.full(40, 0.5)), 41).note == (
        "1 label is 0; it is left out, as no error is a share of 0"
    )


def test_a_percentage_error_needs_a_label_other_than_0(counted) -> None:
    found = _regression(counted, np.zeros(50), np.ones(50))["mape"]
    assert (found.value, found.note) == (None, "no label is other than 0, and no error is a share of 0")
    assert mape(RELATIVE.count(np.zeros(0)), 0).note == "no row has both a prediction and a label that are numbers"


def test_percentage_errors_beyond_the_bound_of_the_sums_are_unsupported() -> None:
    measure = mape(RELATIVE.count(np.array([0.1, 1e9])), 2)
    assert (measure.obstacle, measure.note) == (
        Obstacle.ASSUMPTION,
        "errors too large for the sums were counted at their bound",
    )


def test_the_interval_of_the_percentage_error_holds_the_truth(random) -> None:
    found = [mape(RELATIVE.count(random.exponential(0.2, 400)), 400) for _ in range(300)]
    assert np.mean([m.low <= 0.2 <= m.high for m in found]) == pytest.approx(0.95, abs=0.035)


def test_coverage_is_the_share_of_labels_between_both_ends(counted, random) -> None:
    label = random.normal(50, 10, 2000)
    lower, upper = label - random.exponential(3, 2000) + 0.3, label + random.exponential(3, 2000) - 0.2
    lower[:10], upper[10:20], upper[20:30] = np.nan, np.inf, -np.inf
    found = _regression(counted, label, label, lower=lower, upper=upper)["interval_coverage"]
    known = ~np.isnan(lower)
    assert found.value == pytest.approx(((lower <= label) & (label <= upper))[known].mean(), abs=1e-12)
    assert (found.n_current, found.low < found.value < found.high) == (1990, True)
    assert interval_coverage(np.zeros(3, np.int64)).note == "no row has a label and both ends of an interval"


def test_a_label_on_the_end_of_its_interval_is_inside(counted) -> None:
    label = np.arange(1.0, 41.0)
    found = _regression(counted, label, label, lower=label, upper=label)["interval_coverage"]
    assert found.value == 1.0

from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from aimon.insight.estimate import PerformanceEstimator
from aimon.insight.estimate_rows import Rows, evidence, positions
from aimon.insight.trackrecord import BackTest, TrackRecord
from aimon.metrics.estimate import Obstacle
from aimon.metrics.metric import Family
from aimon.metrics.performance import performance
from aimon.metrics.registry import METRICS
from aimon.profile.axis import CategoryAxis, NumericAxis
from aimon.profile.build import build_grid
from aimon.profile.count import count_all
from aimon.spec.model import Columns, ModelSpec, Threshold
from aimon.verdict.evaluate import Found, evaluate
from aimon.verdict.record import Verdict
from benchmarks.insight_worlds import BREAKS, SHIFTS, SPEC, world

BINARY = ("accuracy", "precision", "recall", "f1", "roc_auc")


@pytest.fixture(scope="module")
def linear():
    """A world whose model cannot see bends and interactions, so that its calibration moves with the rows."""
    return world(5, linear=True, reference_rows=8_000)


def estimator(made, table, **more):
    return PerformanceEstimator(
        made.grid, made.baseline, made.count(table), evidence(made.grid, made.reference, table), **more
    )


def by_metric(estimates):
    return {each.metric: each for each in estimates if each.metric != "estimate_coverage"}


def realised(made, table, segment=None):
    found = performance(made.grid, made.baseline, made.count(table), segment)
    return {each.metric: each for each in found if each.group is None}


def test_the_realised_values_of_shifted_windows_lie_in_the_intervals(linear):
    held = []
    for number, shift in enumerate([None, *SHIFTS, *SHIFTS]):
        table = linear.window(5_000, np.random.default_rng(number), shift)
        found, real = by_metric(estimator(linear, table).estimates()), realised(linear, table)
        assert found["support_share"].value > 0.95
        for name in BINARY:
            each = found[f"estimated_{name}"]
            held.append(each.low <= real[name].value <= each.high)
    assert np.mean(held) >= 0.85


def test_intervals_are_as_narrow_as_the_chance_of_the_labels_allows(linear):
    table = linear.window(5_000, np.random.default_rng(5))
    found = by_metric(estimator(linear, table).estimates())["estimated_accuracy"]
    chance = 1.96 * (found.value * (1.0 - found.value) / 5_000) ** 0.5
    assert chance < found.high - found.value < 2.0 * chance


def test_an_estimate_moves_with_the_rows(linear):
    rows = linear.pool
    unsure = np.abs(linear.model.predict_proba(rows)[:, 1] - linear.threshold) < 0.15
    chosen = np.random.default_rng(6).choice(np.flatnonzero(unsure), 3_000, replace=False)
    sub = replace(linear, pool=rows[chosen], labels=linear.labels[chosen])
    table = sub.window(3_000, np.random.default_rng(6))
    found, real = by_metric(estimator(linear, table).estimates())["estimated_accuracy"], realised(linear, table)
    assert found.change.value < -0.1
    assert found.value == pytest.approx(real["accuracy"].value, abs=0.04)


@pytest.mark.parametrize("kind", BREAKS)
def test_rows_beyond_the_reference_forbid_every_estimate(linear, kind):
    found = by_metric(estimator(linear, linear.broken(3_000, np.random.default_rng(7), kind, 0.2)).estimates())
    assert found["support_share"].value == pytest.approx(0.8, abs=0.03)
    for name in BINARY:
        each = found[f"estimated_{name}"]
        assert each.obstacle is Obstacle.ASSUMPTION
        assert each.value is None
        assert "of the rows lie where the reference has next to none" in each.note


def test_segments_have_estimates_of_their_own(linear):
    table = linear.window(8_000, np.random.default_rng(8), "one column moves")
    made = estimator(linear, table)
    for segment in ("channel=web", "channel=branch"):
        found, real = by_metric(made.estimates(segment)), realised(linear, table, segment)
        each = found["estimated_accuracy"]
        assert each.low <= real["accuracy"].value <= each.high
        assert each.n_current == real["accuracy"].n_current
        assert each.change.baseline != by_metric(made.estimates())["estimated_accuracy"].change.baseline


def test_without_samples_nothing_is_claimed(linear):
    table = linear.window(2_000, np.random.default_rng(9))
    found = PerformanceEstimator(linear.grid, linear.baseline, linear.count(table), None).estimates()
    assert {each.obstacle for each in found} == {Obstacle.ASSUMPTION}
    assert {each.value for each in found} == {None}


def test_small_samples_are_too_few_to_tell(linear):
    table = linear.window(200, np.random.default_rng(10))
    found = estimator(linear, table).estimates()
    assert {each.obstacle for each in found} == {Obstacle.TOO_FEW_ROWS}
    assert "300 current ones" in found[0].note


def test_a_column_that_vanished_forbids_estimates(linear):
    table = linear.window(1_000, np.random.default_rng(11)).drop_columns(["x5"])
    found = by_metric(estimator(linear, table).estimates())
    assert found["estimated_accuracy"].note == "the window lacks the columns x5"


def test_rows_without_a_score_forbid_estimates(linear):
    table = linear.window(1_000, np.random.default_rng(12))
    scores = table["score"].to_pylist()
    scores[:200] = [None] * 200
    emptied = table.set_column(table.column_names.index("score"), "score", pa.array(scores))
    full = evidence(linear.grid, linear.reference, table)
    found = PerformanceEstimator(linear.grid, linear.baseline, linear.count(emptied), full).estimates()
    assert by_metric(found)["estimated_accuracy"].note == "20% of the rows have no score"


def test_scores_beyond_all_labelled_ones_forbid_estimates(linear):
    """Labels of the selected rows only say nothing of the others."""
    scores = np.array(linear.reference["score"])
    labels = [
        int(label) if score > 0.3 else None
        for label, score in zip(linear.reference["label"].to_numpy(), scores, strict=True)
    ]
    reference = linear.reference.set_column(
        linear.reference.column_names.index("label"), "label", pa.array(labels, pa.int64())
    )
    table = linear.window(2_000, np.random.default_rng(13))
    made = PerformanceEstimator(
        linear.grid,
        count_all(linear.grid, reference),
        linear.count(table),
        evidence(linear.grid, reference, table),
    )
    each = by_metric(made.estimates())["estimated_accuracy"]
    assert each.obstacle is Obstacle.ASSUMPTION
    assert "of the scores lie beyond all labelled reference rows" in each.note


def test_failed_estimates_of_the_past_forbid_the_next_one_and_good_ones_are_shown_beside_it(linear):
    table = linear.window(2_000, np.random.default_rng(14))
    test = BackTest(day=date(2026, 9, 1), metric="accuracy", segment=None, value=0.9, low=0.88, high=0.92, realised=0.9)
    good, bad = TrackRecord((test,) * 12), TrackRecord((replace(test, realised=0.7),) * 12)
    trusted = estimator(linear, table, track={("accuracy", None): good}).estimates()
    found = by_metric(trusted)["estimated_accuracy"]
    assert found.value is not None
    assert found.note == "of the last 12 estimates 12 held; on average they were 0 below what came"
    assert [each.column for each in trusted if each.metric == "estimate_coverage"] == ["estimated_accuracy"]
    failed = by_metric(estimator(linear, table, track={("accuracy", None): bad}).estimates())
    assert failed["estimated_accuracy"].obstacle is Obstacle.ASSUMPTION
    assert failed["estimated_accuracy"].note.startswith("earlier estimates failed: of the last 12 estimates 0 held")
    assert failed["estimated_roc_auc"].value is not None


def test_every_estimate_is_in_the_registry(linear):
    table = linear.window(1_000, np.random.default_rng(15))
    assert {each.metric for each in estimator(linear, table).estimates()} <= set(METRICS)


def test_the_same_rows_give_the_same_estimates(linear):
    table = linear.window(1_000, np.random.default_rng(16))
    assert estimator(linear, table).estimates() == estimator(linear, table).estimates()


def several(task, columns, **more):
    return ModelSpec(model="m", task=task, columns=Columns(prediction="p", label="y", **columns), **more)


def judged(spec, reference, table):
    grid = build_grid(spec, reference)
    baseline, current = count_all(grid, reference), count_all(grid, table)
    found = PerformanceEstimator(grid, baseline, current, evidence(grid, reference, table)).estimates()
    real = {each.metric: each.value for each in performance(grid, baseline, current) if each.group is None}
    return by_metric(found), real


def classes(random, rows, lift):
    x = random.normal(size=rows) + lift
    confidence = 0.4 + 0.55 / (1.0 + np.exp(-x))
    right = random.random(rows) < confidence
    truth = random.choice(["a", "b", "c"], rows)
    other = np.array([{"a": "b", "b": "c", "c": "a"}[each] for each in truth])
    return pa.table({"x": x, "s": confidence, "y": truth, "p": np.where(right, truth, other)})


def test_several_classes_are_as_right_as_their_confidence_was():
    random = np.random.default_rng(17)
    spec = several("multiclass", {"score": "s", "features": ("x",)})
    found, real = judged(spec, classes(random, 6_000, 0.0), classes(random, 6_000, 0.8))
    each = found["estimated_accuracy"]
    assert set(found) == {"support_share", "estimated_accuracy"}
    assert each.low <= real["accuracy"] <= each.high
    assert each.change.value > 0.03


def regression(random, rows, lift):
    x = random.normal(size=rows) + lift
    y = 2.0 * x + random.normal(size=rows) * np.exp(0.4 * x)
    return pa.table({"x": x, "y": y, "p": 2.0 * x + 0.3 * np.sin(3 * x)})


def test_a_regression_is_as_wrong_as_it_was_at_such_predictions():
    random = np.random.default_rng(18)
    spec = several("regression", {"features": ("x",)})
    found, real = judged(spec, regression(random, 8_000, 0.0), regression(random, 5_000, 0.7))
    for name in ("mae", "rmse"):
        each = found[f"estimated_{name}"]
        assert each.low <= real[name] <= each.high
        assert each.change.value > 0.15


def test_a_regression_far_from_its_reference_is_unsupported():
    random = np.random.default_rng(19)
    spec = several("regression", {"features": ("x",)})
    found, _ = judged(spec, regression(random, 4_000, 0.0), regression(random, 2_000, 5.0))
    assert found["estimated_mae"].obstacle is Obstacle.ASSUMPTION


def test_a_baseline_without_labels_has_no_estimates():
    random = np.random.default_rng(20)
    spec = ModelSpec(model="m", task="regression", columns=Columns(prediction="p", features=("x",)))
    found, _ = judged(spec, regression(random, 2_000, 0.0), regression(random, 1_000, 0.0))
    assert found == {}


def test_few_labels_of_one_outcome_are_too_few():
    random = np.random.default_rng(21)
    rows = 2_000
    x = random.normal(size=rows)
    table = pa.table(
        {"x": x, "s": 1.0 / (1.0 + np.exp(5.0 - x)), "p": (x > 3).astype(int), "y": (np.arange(rows) < 12).astype(int)}
    )
    spec = several("binary", {"score": "s", "features": ("x",)}, positive=1)
    found, _ = judged(spec, table, table)
    assert found["estimated_roc_auc"].obstacle is Obstacle.TOO_FEW_ROWS
    assert "fewer than 30 labelled rows of either outcome" in found["estimated_roc_auc"].note


def test_rows_are_in_the_cells_they_are_counted_in(linear):
    table = linear.window(2_000, np.random.default_rng(22))
    rows, counts = Rows(linear.grid, table), linear.count(table)
    assert np.array_equal(
        np.bincount(rows.scores, minlength=linear.grid.axes["score"].size), counts.get("column:score")
    )
    assert rows.inside("channel=web").sum() == counts.get("rows", "channel=web").sum()
    assert not rows.inside("channel=carrier pigeon").any()


def test_positions_follow_the_axis_of_the_score():
    axis = NumericAxis(center=5.0, scale=2.0)
    found = positions(axis)
    assert found[axis.cell(np.array([5.0]))[0]] == pytest.approx(0.0, abs=0.01)
    assert found[axis.cell(np.array([9.0]))[0]] == pytest.approx(np.arcsinh(2.0), rel=0.01)
    assert found[axis.positive_infinity] == found[: axis.steps].max()
    assert np.isnan(found[[axis.null, axis.nan, axis.unreadable]]).all()
    assert np.isnan(positions(CategoryAxis(values=("a",)))).all()


def test_estimates_are_judged_with_all_other_metrics(linear):
    table = linear.window(3_000, np.random.default_rng(23))
    found = [
        Found(METRICS[each.metric].family, segment, each)
        for segment in (None, "channel=web")
        for each in estimator(linear, table).estimates(segment)
    ]
    records = evaluate(SPEC, linear.grid, linear.baseline, linear.count(table), more=found)
    estimated = [record for record in records if record.family is Family.ESTIMATE]
    assert {(record.segment, record.metric) for record in estimated} == {
        (segment, metric) for segment in (None, "channel=web") for metric in by_metric(each.estimate for each in found)
    }
    assert not any(record.verdict.alarms for record in estimated)


def test_refused_estimates_are_unsupported_and_never_alarm(linear):
    table = linear.broken(3_000, np.random.default_rng(24), "values go missing", 0.4)
    limited = SPEC.model_copy(update={"thresholds": {"estimated_accuracy": Threshold(warning=0.999)}})
    found = [Found(Family.ESTIMATE, None, each) for each in estimator(linear, table).estimates()]
    records = evaluate(limited, linear.grid, linear.baseline, linear.count(table), more=found)
    (accuracy,) = (record for record in records if record.metric == "estimated_accuracy")
    assert accuracy.verdict is Verdict.UNSUPPORTED
    assert accuracy.reason.startswith("4")

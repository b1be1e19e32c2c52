import pytest

from aimon.metrics.estimate import Change, Estimate, Obstacle
from aimon.metrics.registry import METRICS
from aimon.spec.model import Columns, ModelSpec, Threshold
from aimon.verdict.history import Band
from aimon.verdict.judge import Judgement, judge
from aimon.verdict.limits import limits_of
from aimon.verdict.record import Verdict


def _judge(
    metric: str, value, low=None, high=None, *, limits=None, change=None, band=None, p=None, provisional=False, **more
) -> Judgement:
    thresholds = {} if limits is None else {metric: Threshold(**limits)}
    spec = ModelSpec(model="m", task="binary", columns=Columns(prediction="y"), thresholds=thresholds)
    estimate = Estimate(metric=metric, value=value, low=low, high=high, change=change, **more)
    bounds = limits_of(spec, METRICS[metric], estimate, None)
    return judge(estimate, bounds, band=band, p_adjusted=p, provisional=provisional)


PSI = {"bins": 10, "n_reference": 5000, "n_current": 5000}
SMALL = {"bins": 10, "n_reference": 100, "n_current": 100}


@pytest.mark.parametrize(
    ("value", "low", "high", "p", "sizes", "verdict", "threshold"),
    [
        (0.31, 0.27, 0.36, 1e-9, PSI, "critical", 0.25),
        (0.31, 0.2, 0.36, 1e-9, PSI, "warning", 0.1),
        (0.31, 0.2, 0.36, 0.2, PSI, "watch", 0.25),
        (0.12, 0.05, 0.2, 1e-9, PSI, "watch", 0.1),
        (0.05, 0.0, 0.08, 0.5, PSI, "ok", 0.1),
        (0.18, 0.0, 0.3, 0.5, SMALL, "insufficient", 0.1),
        (0.02, 0.0, 0.2, 0.5, SMALL, "insufficient", 0.1),
        (2.0, 1.0, 3.0, 1e-9, SMALL, "critical", 0.25),
    ],
)
def test_drift_is_judged_by_its_lower_bound_its_significance_and_its_power(
    value, low, high, p, sizes, verdict, threshold
) -> None:
    judged = _judge("psi", value, low, high, p=p, **sizes)
    assert judged.verdict == verdict
    assert judged.threshold == threshold
    assert judged.low_power == (sizes is SMALL)


@pytest.mark.parametrize(
    ("value", "low", "high", "verdict"),
    [
        (0.6, 0.5, 0.7, "critical"),
        (0.7, 0.6, 0.85, "watch"),
        (0.95, 0.85, 1.0, "ok"),
        (0.85, 0.55, 1.0, "insufficient"),
    ],
)
def test_a_ratio_is_worse_the_lower_it_is(value, low, high, verdict) -> None:
    assert _judge("disparate_impact", value, low, high).verdict == verdict


@pytest.mark.parametrize(
    ("value", "low", "high", "verdict"),
    [
        (-0.2, -0.25, -0.15, "warning"),
        (0.2, 0.15, 0.25, "warning"),
        (-0.12, -0.2, -0.05, "watch"),
        (0.02, -0.03, 0.07, "ok"),
    ],
)
def test_a_shift_is_worse_either_way(value, low, high, verdict) -> None:
    assert _judge("confidence_shift", value, low, high).verdict == verdict


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ((-0.15, -0.18, -0.12), "critical"),
        ((-0.08, -0.1, -0.06), "warning"),
        ((-0.06, -0.1, -0.02), "watch"),
        ((0.05, 0.02, 0.08), "ok"),
        ((-0.02, -0.3, 0.3), "insufficient"),
    ],
)
def test_performance_is_judged_by_its_fall_below_the_baseline(change, verdict) -> None:
    value, low, high = change
    moved = Change(baseline=0.9, value=value, low=low, high=high)
    judged = _judge("accuracy", 0.9 + value, 0.9 + low, 0.9 + high, change=moved)
    assert judged.verdict == verdict
    assert judged.threshold == pytest.approx(0.8 if verdict == "critical" else 0.85)


def test_an_error_is_judged_by_its_growth() -> None:
    judged = _judge("mae", 15.0, 14.0, 16.0, change=Change(baseline=10.0, value=0.5, low=0.4, high=0.6))
    assert judged.verdict is Verdict.CRITICAL
    assert judged.threshold == pytest.approx(12.5)
    assert (
        judged.reason
        == "15 is +50% against the baseline's 10, beyond the limit 0.25 with its whole interval (0.4 to 0.6)"
    )


def test_without_a_baseline_value_performance_is_not_judged() -> None:
    judged = _judge("accuracy", 0.5, 0.4, 0.6)
    assert judged.verdict is Verdict.OK
    assert judged.threshold is None
    assert judged.reason == "the baseline has no value, or too few rows, to compare with"


def test_a_declared_floor_judges_the_value_itself() -> None:
    floor = {"warning": 0.9, "critical": 0.8}
    assert _judge("accuracy", 0.7, 0.65, 0.75, limits=floor).verdict is Verdict.CRITICAL
    assert _judge("accuracy", 0.95, 0.93, 0.97, limits=floor).verdict is Verdict.OK


def test_a_value_that_cannot_be_had_says_why() -> None:
    judged = _judge("tpr", None, obstacle=Obstacle.NO_DENOMINATOR, note="no row has a positive label")
    assert judged == Judgement(Verdict.NOT_ESTIMABLE, None, False, "no row has a positive label")
    assert _judge("psi", None, obstacle=Obstacle.TOO_FEW_ROWS, note="there are no rows to compare").low_power


def test_a_gap_between_tiny_groups_is_not_estimable_unless_its_interval_is_beyond_the_limit() -> None:
    tiny = {"obstacle": Obstacle.NO_DENOMINATOR, "note": "too few rows to compare: d 3"}
    assert _judge("demographic_parity_difference", 0.5, 0.0, 0.9, **tiny).verdict is Verdict.NOT_ESTIMABLE
    assert _judge("demographic_parity_difference", 0.5, 0.3, 0.9, **tiny).verdict is Verdict.CRITICAL


def test_labels_that_still_arrive_raise_no_alarm() -> None:
    change = Change(baseline=0.9, value=-0.2, low=-0.25, high=-0.15)
    judged = _judge("accuracy", 0.7, change=change, labels=True, provisional=True)
    assert judged.verdict is Verdict.WATCH
    assert judged.reason.endswith("labels are still arriving, so no alarm is raised")
    assert _judge("psi", 0.3, 0.27, 0.4, p=1e-9, provisional=True, **PSI).verdict is Verdict.CRITICAL


def test_a_value_that_the_models_own_past_knows_raises_no_alarm() -> None:
    judged = _judge("psi", 0.3, 0.27, 0.4, p=1e-9, band=Band(0.0, 0.5), **PSI)
    assert judged.verdict is Verdict.WATCH
    assert "past windows lie between 0 and 0.5" in judged.reason
    assert _judge("psi", 0.6, 0.5, 0.7, p=1e-9, band=Band(0.0, 0.5), **PSI).verdict is Verdict.CRITICAL


def test_a_metric_without_a_limit_is_judged_by_its_past_where_that_is_known() -> None:
    assert _judge("volume", 900.0, 900.0, 900.0).verdict is Verdict.OK
    assert _judge("volume", 900.0, 900.0, 900.0, band=Band(800.0, 1200.0)).verdict is Verdict.OK
    judged = _judge("volume", 300.0, 300.0, 300.0, band=Band(800.0, 1200.0))
    assert (judged.verdict, judged.threshold) == (Verdict.WARNING, 800.0)
    assert judged.reason == "300 lies outside what the model's own past windows show, 800 to 1,200"
    assert _judge("entropy_shift", 0.2, 0.05, 0.3, band=Band(-0.1, 0.1)).verdict is Verdict.WATCH


def test_a_metric_without_an_interval_is_judged_by_its_value() -> None:
    assert _judge("drift_score", 40.0, limits={"warning": 30.0}).verdict is Verdict.WARNING


def test_an_interval_beyond_its_limit_is_watched_where_chance_explains_it_among_all_results() -> None:
    estimate = Estimate(metric="error_rate", value=0.04, low=0.02, high=0.06)
    spec = ModelSpec(model="m", task="binary", columns=Columns(prediction="y"))
    bounds = limits_of(spec, METRICS["error_rate"], estimate, None)
    assert judge(estimate, bounds, p_beyond=0.001).verdict is Verdict.WARNING
    judged = judge(estimate, bounds, p_beyond=0.03)
    assert judged.verdict is Verdict.WATCH
    assert judged.reason.endswith("but among all results of the window chance explains it with 0.03")


def test_reasons_name_value_limit_and_interval() -> None:
    watch = _judge("psi", 0.12, 0.05, 0.2, p=1e-9, **PSI)
    assert (
        watch.reason
        == "0.12, beyond the limit 0.1; its interval (0.05 to 0.2) is not, and chance alone gives about 0.0036"
    )
    weak = _judge("psi", 0.02, 0.0, 0.2, p=0.5, **SMALL)
    assert weak.reason == "100 rows against 100 would show a change of 0.25 with a probability of 29% only"
    wide = _judge("error_rate", 0.0, 0.0, 0.28, n_current=10)
    assert (
        wide.reason
        == "10 rows leave an interval (0 to 0.28) that reaches 0.05, so a material change cannot be excluded"
    )

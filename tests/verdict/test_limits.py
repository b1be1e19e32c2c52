import pytest

from aimon.metrics.estimate import Change, Estimate
from aimon.metrics.metric import Basis, Direction
from aimon.metrics.registry import METRICS
from aimon.spec.model import Columns, ModelSpec, Threshold
from aimon.verdict.limits import limits_of


def _spec(**thresholds: dict) -> ModelSpec:
    declared = {name: Threshold(**threshold) for name, threshold in thresholds.items()}
    return ModelSpec(model="m", task="binary", columns=Columns(prediction="y"), thresholds=declared)


def _limits(spec: ModelSpec, metric: str, segment: str | None = None, **estimate):
    return limits_of(spec, METRICS[metric], Estimate(metric=metric, **estimate), segment)


def test_without_a_declaration_the_default_holds() -> None:
    limits = _limits(_spec(), "psi", column="income")
    assert (limits.warning, limits.critical, limits.declared) == (0.1, 0.25, False)


def test_a_declared_limit_replaces_both_defaults() -> None:
    limits = _limits(_spec(psi={"warning": 0.3}), "psi", column="income")
    assert (limits.warning, limits.critical) == (0.3, None)


@pytest.mark.parametrize(
    ("column", "segment", "warning"),
    [("income", None, 0.2), ("age", None, 0.3), ("age", "channel=web", 0.4), ("income", "channel=web", 0.4)],
)
def test_an_exception_for_the_segment_comes_before_one_for_the_column(column, segment, warning) -> None:
    spec = _spec(
        psi={"warning": 0.3, "columns": {"income": {"warning": 0.2}}, "segments": {"channel=web": {"warning": 0.4}}}
    )
    assert _limits(spec, "psi", segment, column=column).warning == warning


def test_exceptions_alone_leave_the_default_for_the_rest() -> None:
    spec = _spec(psi={"columns": {"income": {"warning": 0.2}}})
    assert _limits(spec, "psi", column="age").critical == 0.25


def test_an_intersection_is_named_with_a_star() -> None:
    spec = _spec(disparate_impact={"columns": {"sex*race": {"critical": 0.7}}})
    assert _limits(spec, "disparate_impact", column=("sex", "race")).critical == 0.7
    assert _limits(spec, "disparate_impact", column="sex").critical == 0.8


def test_a_metric_without_any_limit_describes() -> None:
    assert _limits(_spec(), "kl", column="income") is None
    assert _limits(_spec(), "psi", column="signed_at", described=True) is None
    assert _limits(_spec(psi={"warning": 0.1}), "psi", column="signed_at", described=True).warning == 0.1


def test_performance_is_bounded_by_its_change_and_a_declared_limit_by_its_value() -> None:
    assert _limits(_spec(), "accuracy").basis is Basis.DROP
    assert _limits(_spec(accuracy={"warning": 0.9, "critical": 0.8}), "accuracy").basis is Basis.VALUE


def test_an_operational_limit_that_the_baseline_was_beyond_bounds_the_rise() -> None:
    beyond = Change(baseline=0.03, value=0.0, low=-0.01, high=0.01)
    assert _limits(_spec(), "error_rate", change=beyond).basis is Basis.RISE
    within = Change(baseline=0.005, value=0.0, low=-0.01, high=0.01)
    assert _limits(_spec(), "error_rate", change=within).basis is Basis.VALUE
    assert _limits(_spec(error_rate={"warning": 0.01}), "error_rate", change=beyond).basis is Basis.VALUE


def test_the_order_of_two_limits_tells_which_way_a_describing_metric_is_worse() -> None:
    assert (
        _limits(_spec(selection_rate={"warning": 0.3, "critical": 0.2}), "selection_rate").direction is Direction.LOWER
    )
    assert (
        _limits(_spec(selection_rate={"warning": 0.3, "critical": 0.4}), "selection_rate").direction is Direction.HIGHER
    )
    assert _limits(_spec(selection_rate={"warning": 0.3}), "selection_rate").direction is Direction.HIGHER


def test_what_must_not_go_unnoticed_is_the_last_limit_or_twice_the_only_one() -> None:
    assert _limits(_spec(), "psi").material == 0.25
    assert _limits(_spec(), "disparate_impact").material == pytest.approx(0.6)
    assert _limits(_spec(), "class_shift").material == pytest.approx(0.4)
    assert _limits(_spec(volume={"warning": 100}), "volume").material is None

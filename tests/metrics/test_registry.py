from pathlib import Path

import pytest

from aimon.metrics.metric import Direction, Family
from aimon.metrics.reference import page
from aimon.metrics.registry import METRICS

FIXED = [
    "psi",
    "kl",
    "js",
    "hellinger",
    "wasserstein",
    "ks",
    "chi2",
    "total_variation",
    "missing_shift",
    "unseen_share",
    "out_of_range",
    "class_shift",
    "confidence_shift",
    "entropy_shift",
    "drift_score",
    "count",
    "tn",
    "fp",
    "fn",
    "tp",
    "selection_rate",
    "tpr",
    "fpr",
    "fnr",
    "tnr",
    "ppv",
    "npv",
    "base_rate",
    "demographic_parity_difference",
    "disparate_impact",
    "equal_opportunity_difference",
    "equalized_odds_difference",
    "predictive_parity_difference",
    "accuracy",
    "balanced_accuracy",
    "precision",
    "recall",
    "f1",
    "mcc",
    "roc_auc",
    "average_precision",
    "log_loss",
    "brier",
    "ece",
    "mae",
    "rmse",
    "r2",
    "bias",
    "volume",
    "error_rate",
    "low_confidence_rate",
    "latency_p50",
    "latency_p95",
    "latency_p99",
    "tokens",
    "cost_usd",
]

LIMITS = {
    "psi": (0.1, 0.25),
    "demographic_parity_difference": (0.05, 0.1),
    "disparate_impact": (None, 0.8),
    "equal_opportunity_difference": (0.1, None),
    "confidence_shift": (0.1, None),
    "class_shift": (0.2, None),
    "latency_p95": (1.0, None),
    "error_rate": (0.01, 0.05),
    "low_confidence_rate": (0.15, 0.2),
}


def test_every_promised_name_is_declared() -> None:
    assert set(FIXED) <= set(METRICS)
    assert all(name == metric.name for name, metric in METRICS.items())


@pytest.mark.parametrize("name", LIMITS)
def test_default_limits_are_the_promised_ones(name: str) -> None:
    limit = METRICS[name].limit
    assert (limit.warning, limit.critical) == LIMITS[name]


def test_one_test_a_column_raises_the_drift_alarm() -> None:
    of_columns = [m.name for m in METRICS.values() if m.primary and "the model" not in {s.value for s in m.scopes}]
    assert of_columns == ["psi", "symmetric_chi2"], "the second where a sealed model gives scores only"


def test_every_limit_has_a_reason_and_a_direction() -> None:
    for metric in METRICS.values():
        if metric.limited:
            assert metric.direction is not Direction.NEITHER, metric.name
            assert not metric.why.startswith("No default limit"), metric.name
        both = (metric.limit.warning, metric.limit.critical)
        if None not in both:
            assert both[0] < both[1], metric.name
        assert metric.formula
        assert metric.unit
        assert metric.family in Family


def test_the_reference_page_is_current() -> None:
    written = Path(__file__).parents[2] / "docs" / "reference" / "metrics.md"
    assert written.read_text() == page(), "run: python -m aimon.metrics.reference > docs/reference/metrics.md"

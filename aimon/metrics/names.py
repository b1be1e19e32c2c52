"""What people call metrics, groups and columns, and how a metric's value is written in its unit."""

from aimon.metrics.numerals import count, measure, percent
from aimon.metrics.registry import METRICS

NAMES = {
    "psi": "PSI", "kl": "KL divergence", "js": "Jensen-Shannon distance", "ks": "KS distance", "chi2": "Cramér's V",
    "symmetric_chi2": "symmetric chi-square", "psi_forecast": "PSI a week ahead",
    "brier": "Brier score", "mape": "MAPE",
    "roc_auc": "ROC AUC", "mcc": "MCC", "ece": "ECE", "mae": "MAE", "rmse": "RMSE", "r2": "R²", "f1": "F1",
    "wasserstein": "Wasserstein distance", "hellinger": "Hellinger distance", "l_infinity": "largest share change",
    "latency_p50": "median latency", "latency_p95": "p95 latency", "latency_p99": "p99 latency", "cost_usd": "cost",
    "tpr": "TPR", "fpr": "FPR", "fnr": "FNR", "tnr": "TNR", "ppv": "PPV", "npv": "NPV",
    "fpr_difference": "FPR difference", "domain_auc": "all columns together",
    "ndcg": "NDCG", "mrr": "MRR", "map": "MAP",
    "estimated_roc_auc": "estimated ROC AUC", "estimated_f1": "estimated F1", "estimated_mae": "estimated MAE",
    "estimated_rmse": "estimated RMSE",
    "tp": "true positives", "fp": "false positives", "tn": "true negatives", "fn": "false negatives", "count": "rows",
}  # fmt: skip


def metric_name(metric: str) -> str:
    """A metric as people write it.

    >>> metric_name("roc_auc"), metric_name("demographic_parity_difference")
    ('ROC AUC', 'demographic parity difference')
    """
    return NAMES.get(metric, metric.replace("_", " "))


def figure(metric: str, value: float | None) -> str:
    """A metric's value in its unit."""
    if value is None:
        return "\u2013"
    unit = METRICS[metric].unit if metric in METRICS else ""
    if unit.startswith(("share of", "difference of shares")):
        return percent(value)
    if unit in {"rows", "tokens", "values"}:
        return count(round(value))
    if unit == "seconds":
        return f"{measure(value)} s"
    return f"${value:,.2f}" if unit == "US dollars" else measure(value)


def group_name(group: str | tuple[str, ...] | None) -> str:
    """A group as people say it: `female`, or `female / Black`."""
    return "" if group is None else group if isinstance(group, str) else " / ".join(group)


def column_name(column: str | tuple[str, ...] | None) -> str:
    """A column as it is named in sentences, or an intersection of columns."""
    return "" if column is None else column if isinstance(column, str) else "\u00d7".join(column)

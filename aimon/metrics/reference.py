"""The reference page of the metrics, written from the registry. In: the registry. Out: Markdown."""

from collections.abc import Iterator

from aimon.metrics.metric import Basis, Family, Metric
from aimon.metrics.registry import METRICS

HEAD = """# Metrics

Written by `python -m aimon.metrics.reference` from the registry in `aimon/metrics/registry.py`; do not edit it by hand.

Every metric is a function of counts on the model's grid. p is the reference's share of a bin, q the current one; n and
m are reference and current rows; tn, fp, fn and tp are the confusion counts, selected against positive.
[Verdicts](verdicts.md) says how a value, its interval and its limit become a verdict, and how to declare limits.
"""

TITLES = {
    Family.DRIFT: "Drift",
    Family.QUALITY: "Quality",
    Family.FAIRNESS: "Fairness",
    Family.PERFORMANCE: "Performance",
    Family.ESTIMATE: "Estimates without labels",
    Family.OPERATIONS: "Operations",
    Family.PRIVACY: "Privacy",
}

TAIL = """
## What counts cannot tell

MAPE and interval coverage need more of a row than the grid counts, so they are not computed. Estimates,
the measures of rankings and those of generated answers are made of sampled or whole rows, not of counts alone. ROC AUC,
average precision, log loss and the Brier score of a model of several classes would need a score for each class; such a
model has the calibration of its answers' confidence instead.
"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(_family(family) for family in Family) + TAIL


def _family(family: Family) -> str:
    metrics = [metric for metric in METRICS.values() if metric.family is family]
    if not metrics:
        return ""
    return f"\n## {TITLES[family]}\n" + "".join("\n" + "\n".join(_lines(metric)) + "\n" for metric in metrics)


def _lines(metric: Metric) -> Iterator[str]:
    yield f"### `{metric.name}`"
    yield ""
    yield f"- formula: {metric.formula}"
    yield f"- of {', '.join(scope.value for scope in metric.scopes)}; {metric.direction.value}"
    yield f"- unit: {metric.unit}; interval: {metric.interval}"
    if metric.primary:
        yield "- the primary test: it enters Benjamini-Hochberg and may raise the drift alarm"
    if metric.needs_labels:
        yield "- needs labels"
    yield f"- default limit: {limit(metric)} {metric.why if metric.limited else ''}".rstrip()
    if metric.reference:
        yield f"- reference: {metric.reference}"


def limit(metric: Metric) -> str:
    """The default limit in words.

    >>> limit(METRICS["psi"]), limit(METRICS["accuracy"]), limit(METRICS["kl"])
    ('warning 0.1, critical 0.25.', "warning 0.05, critical 0.1, of the fall below the baseline's value.", 'none.')
    """
    if not metric.limited:
        return "none."
    bounds = (("warning", metric.limit.warning), ("critical", metric.limit.critical))
    said = ", ".join(f"{name} {bound:g}" for name, bound in bounds if bound is not None)
    return f"{said}." if metric.basis is Basis.VALUE else f"{said}, of {metric.basis.value}."


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201 - this is what it is for

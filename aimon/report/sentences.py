"""One record as a sentence: what was measured, its interval, its limit. In: records. Out: plain English."""

from collections.abc import Iterable, Sequence

from aimon.metrics.estimate import Group
from aimon.metrics.names import figure, group_name, metric_name
from aimon.metrics.registry import METRICS
from aimon.verdict.record import Record, Verdict

TOTALS = {"volume", "tokens", "cost_usd", "tp", "fp", "tn", "fn", "labelled_share"}
VERDICTS = {
    Verdict.OK: "ok",
    Verdict.WATCH: "watch",
    Verdict.WARNING: "warning",
    Verdict.CRITICAL: "critical",
    Verdict.INSUFFICIENT: "too few rows",
    Verdict.NOT_ESTIMABLE: "not estimable",
    Verdict.UNSUPPORTED: "unsupported",
}


def interval(record: Record) -> str:
    """The interval around the value, where there is one."""
    if record.low is None or record.high is None or record.low == record.high == record.value:
        return ""
    return f"{figure(record.metric, record.low)} to {figure(record.metric, record.high)}"


def measured(record: Record) -> str:
    """What a record is about, when it stands alone: the metric, and of what."""
    name = metric_name(record.metric)
    if record.column is not None and record.group is not None:
        return f"{name} of {group_name(record.group)}"
    if record.column is not None:
        return f"{name} of {group_name(record.column)}"
    return f"{name} of {group_name(record.group)}" if record.group is not None else name


def metric_sentence(record: Record, *, named: bool = True) -> str:
    """The metric with its value, interval and limit; or why there is none."""
    if record.value is None:
        return record.reason or f"{metric_name(record.metric)} cannot be computed from these rows"
    parts = []
    if interval(record):
        words = (
            METRICS[record.metric].bounds if record.metric in METRICS else "worst cases"
        )  # a metric of the user's own
        parts.append(f"{words} {interval(record)}")
    if record.threshold is not None:
        parts.append(f"limit {figure(record.metric, record.threshold)}")
    tail = f" ({', '.join(parts)})" if parts else ""
    name = f"{metric_name(record.metric)} " if named else ""
    return f"{name}{figure(record.metric, record.value)}{tail}"


def change_sentence(record: Record, before: float | None) -> str:
    """A metric of the whole model, with the reference's value where the two can be compared."""
    if record.value is None or before is None or record.metric in TOTALS or record.value == before:
        return metric_sentence(record, named=False)
    way = "rose" if record.value > before else "fell"
    return f"{way} from {figure(record.metric, before)} to {metric_sentence(record, named=False)}"


def fairness_sentence(worst: Record, records: Iterable[Record]) -> str:
    """Who is treated how differently from whom, from the record that decides and the groups' rates."""
    if worst.value is None or worst.groups is None:
        return metric_sentence(worst)
    pair = _decisive(worst, worst.groups, records)
    if pair is None:
        return f"{metric_sentence(worst)} between {group_name(worst.groups[0])} and {group_name(worst.groups[1])}"
    low, high = sorted(pair, key=lambda record: record.value or 0.0)
    sentence = (
        f"{group_name(low.group)} {_VERB[low.metric]} {figure('selection_rate', low.value)} of the time, "
        f"{group_name(high.group)} {figure('selection_rate', high.value)}"
    )
    if worst.metric == "disparate_impact":
        return f"{sentence}: {worst.value:.2f} times as often"
    points = f"{abs(worst.value) * 100:.0f}"
    return f"{sentence}: {points} {'point' if points == '1' else 'points'} apart"


def _decisive(worst: Record, groups: Sequence[Group], records: Iterable[Record]) -> tuple[Record, Record] | None:
    """The two groups' rates that make the difference: of several rates the one that is furthest apart."""
    same = [each for each in records if each.column == worst.column and each.segment == worst.segment]
    pairs = []
    for rate in _RATES.get(worst.metric, ()):
        found = {each.group: each for each in same if each.metric == rate and each.value is not None}
        if groups[0] in found and groups[1] in found:
            pairs.append((found[groups[0]], found[groups[1]]))
    return max(pairs, key=lambda pair: abs((pair[0].value or 0.0) - (pair[1].value or 0.0)), default=None)


_RATES = {
    "demographic_parity_difference": ("selection_rate",),
    "disparate_impact": ("selection_rate",),
    "equal_opportunity_difference": ("tpr",),
    "fpr_difference": ("fpr",),
    "equalized_odds_difference": ("tpr", "fpr"),
    "predictive_parity_difference": ("ppv",),
}
_VERB = {
    "selection_rate": "selected",
    "tpr": "selected when deserving",
    "fpr": "selected when not deserving",
    "ppv": "right when selected",
}

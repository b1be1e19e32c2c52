"""What happened, in sentences: the worst finding with its value, limit, interval and sizes, and where to look next."""

import unicodedata
from collections.abc import Callable, Sequence
from datetime import date

from aimon.incident.cause import Cause, Kind
from aimon.metrics.names import column_name, figure, group_name, metric_name
from aimon.store.columns import Label
from aimon.store.findings import Finding

ALSO_SHOWN = 4
NAMES_SHOWN = 4
LONGEST_NAME = 100
_SPANS = {"1d": "", "24h": " over the last 24 hours", "7d": " over the last 7 days", "30d": " over the last 30 days"}
_HAPPENED = {
    **dict.fromkeys(
        ("psi", "kl", "js", "hellinger", "wasserstein", "ks", "chi2", "symmetric_chi2"), "{column} drifted"
    ),
    "missing_shift": "{column} is missing more often",
    "empty_shift": "{column} is empty more often",
    "unseen_share": "{column} has values that the baseline has not",
    "out_of_range": "{column} leaves the baseline's range",
    "infinite_share": "{column} has infinite values",
    "unreadable_share": "{column} has values that cannot be read",
}
"""What a value beyond its limit means, where the metric's name alone would not tell."""
_COMPARED = {
    "demographic_parity_difference": "{low} is selected less often than {high}",
    "disparate_impact": "{low} is selected less often than {high}",
    "equal_opportunity_difference": "{low} is selected when deserving less often than {high}",
    "fpr_difference": "{low} is selected when not deserving less often than {high}",
    "predictive_parity_difference": "{low} is right when selected less often than {high}",
}
"""The same of two groups, the one with the lower rate first."""
_NEXT = {
    "valid": "look at the source of that day, and at the failed expectations in the check's table.",
    "quality": "look at the rows that arrived on that day and at what changed in their source.",
    "drift": "compare the column's distribution of that day with the baseline's, and ask what changed upstream.",
    "fairness": "compare the groups' selection rates and sizes of that day with those of the baseline.",
    "performance": "look at the confusion counts of that day, and whether its labels are complete.",
    "operations": "look at volume, errors, latency and cost of that day, and at what was deployed before it.",
}
_BREAKS = "\n\t"
_NO_TEXT = frozenset({"Cc", "Cs"})
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_NEXT_OF_KIND = {
    Kind.FAILURE: "read the log of the run, mend the cause and run the day again.",
    Kind.SILENCE: "see whether the Dagster daemon runs, its schedules are on, and the run queue moves.",
}


def title(cause: Cause, worst: Finding) -> str:
    """The one line of the incident."""
    match cause.kind:
        case Kind.FAILURE:
            line = f"{cause.model}: {cause.subject} failed"
        case Kind.SILENCE:
            line = f"{cause.model}: analysis of {worst.day} is missing"
        case _:
            line = f"{cause.model}: {described(worst)}"
    return plain(line)


def body(
    cause: Cause, found: Sequence[Finding], days: tuple[date, date], run_id: str | None, root: str | None = None
) -> str:
    """The paragraph of a notice. `found` starts with the worst; `days` are the incident's first and last."""
    worst = found[0]
    lines = [_opening(cause, found)]
    if worst.note is None:
        lines.append(f"Worst: {described(worst)}{_interval(worst)}{_sizes(worst)}.")
    if len(found) > 1:
        shown = "; ".join(described(finding) for finding in found[1 : 1 + ALSO_SHOWN])
        more = len(found) - 1 - ALSO_SHOWN
        lines.append(f"Also: {shown}{f'; and {more} more' if more > 0 else ''}.")
    if days[0] < days[1]:
        lines.append(f"The incident spans {days[0]} to {days[1]}.")
    if root is not None:
        lines.append(f"Likely root: {root}")
    lines.append(f"Next: {_next(cause)}{f' (run {run_id})' if run_id else ''}")
    return plain("\n".join(lines))


def described(finding: Finding) -> str:
    """One finding in a clause.

    >>> told = Finding(fingerprint="", window="7d", day=date(2026, 11, 19), model="m", version="1", family="drift",
    ...     metric="psi", verdict="critical", column="income", segment="channel=web", value=0.3125, threshold=0.25)
    >>> described(told)
    'income drifted where channel=web over the last 7 days (PSI 0.312, limit 0.25)'
    """
    if finding.note is not None:
        return finding.note.rstrip(".")
    happened = _happened(finding)
    span = _SPANS.get(finding.window, "")
    name, value = metric_name(finding.metric), _figure(finding, finding.value)
    limit = _figure(finding, finding.threshold)
    if happened is not None:
        return f"{happened}{_where(finding)}{span} ({name} {value}, limit {limit})"
    said = f"{name}{_place(finding)} is {value}{span}"
    if finding.value is None or finding.threshold is None:
        return said
    side = "below" if finding.value < finding.threshold else "above"
    whose = "its limit of" if finding.rule is None else f"what the rule {finding.rule} allows,"
    return f"{said}, {side} {whose} {limit}"


def plain(text: str) -> str:
    r"""The text without what is not text: control characters but line breaks, and marks that turn the reading order.

    Names come from data. They must not move a terminal's cursor, nor let a reader see another order than what is there.

    >>> plain("red\x1b[31m, \u202etxt.exe\nnext")
    'red[31m, txt.exe\nnext'
    """
    return "".join(each for each in text if each in _BREAKS or not _is_mark(each))


def _is_mark(character: str) -> bool:
    return unicodedata.category(character) in _NO_TEXT or character in _TURNS


def _happened(finding: Finding) -> str | None:
    """The plain words of a limit that was passed; a rule of the user's own may ask for the opposite."""
    if finding.value is None or finding.threshold is None or finding.rule is not None or finding.group is not None:
        return None
    if finding.groups is not None:
        low, high = (_named(group_name, group) for group in finding.groups)
        words = _COMPARED.get(finding.metric)
        return None if words is None else words.format(low=low, high=high)
    words = _HAPPENED.get(finding.metric)
    return None if words is None or finding.column is None else words.format(column=_named(column_name, finding.column))


def _figure(finding: Finding, value: float | None) -> str:
    return "not computable" if value is None else figure(finding.metric, value)


def _opening(cause: Cause, found: Sequence[Finding]) -> str:
    worst = found[0]
    match cause.kind:
        case Kind.FAILURE:
            return f"The step {cause.subject} of {cause.model} failed. {worst.note}"
        case Kind.SILENCE:
            return f"{cause.model} was not analysed in time. {worst.note}"
    if worst.note is not None:
        return f"The {cause.check} check of {cause.model} failed on {worst.day}. {worst.note}"
    critical = sum(finding.verdict == "critical" for finding in found)
    values = "1 value" if len(found) == 1 else f"{len(found)} values"
    return (
        f"On {worst.day} the {cause.check} check of {cause.model} (version {worst.version}) found "
        f"{values} beyond the limits, {critical or 'none'} critical."
    )


def _place(finding: Finding) -> str:
    """Which column, group and segment."""
    parts = [f" of {_named(column_name, finding.column)}" if finding.column is not None else ""]
    if finding.group is not None:
        parts.append(f" for {_named(group_name, finding.group)}")
    if finding.groups is not None:
        parts.append(f" between {' and '.join(_named(group_name, group) for group in finding.groups)}")
    return "".join([*parts, _where(finding)])


def _where(finding: Finding) -> str:
    return "" if finding.segment is None else f" where {_short(finding.segment)}"


def _named(name: Callable[[Label], str], label: Label) -> str:
    """Names of columns or groups, as many and as much of each as a sentence bears.

    >>> _named(column_name, ("income", "age", "region", "amount", "rate"))
    'income\u00d7age\u00d7region\u00d7amount and 1 more'
    """
    if isinstance(label, str):
        return _short(label)
    more = len(label) - NAMES_SHOWN
    return name(tuple(map(_short, label[:NAMES_SHOWN]))) + (f" and {more} more" if more > 0 else "")


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def _interval(finding: Finding) -> str:
    if finding.low is None or finding.high is None:
        return ""
    return f"; interval {_figure(finding, finding.low)} to {_figure(finding, finding.high)}"


def _sizes(finding: Finding) -> str:
    if finding.n_current is None:
        return ""
    against = "" if finding.n_reference is None else f" against {finding.n_reference:,} of the baseline"
    return f"; {finding.n_current:,} rows{against}"


def _next(cause: Cause) -> str:
    if cause.kind in _NEXT_OF_KIND:
        return _NEXT_OF_KIND[cause.kind]
    return _NEXT.get(cause.check, "look at the records of that day.")

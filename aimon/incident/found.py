"""Findings made from what went wrong: a record that alarms, a check without records, a failed step, a missing day."""

from collections.abc import Iterable
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from aimon.incident.cause import is_historic
from aimon.incident.evaluation import Evaluation
from aimon.incident.words import plain
from aimon.metrics.registry import METRICS
from aimon.store.columns import dump_json
from aimon.store.findings import Finding
from aimon.store.records import StoredRecord
from aimon.verdict.record import Verdict

RUN = "run"
SILENCE = "silence"
NOTE_LENGTH = 2_000
PART_LEADS = 1.5


def fingerprint(
    model: str,
    version: str,
    family: str,
    metric: str,
    column: Any = None,
    segment: Any = None,
    group: Any = None,
    rule: str | None = None,
) -> str:
    """The short hash of what a finding is about, whatever its day, window and numbers."""
    about = [model, version, family, metric, column, segment, group]
    identity = dump_json(about if rule is None else [*about, rule])
    return sha256(identity.encode()).hexdigest()[:32]


def of_record(record: StoredRecord) -> Finding:
    """The finding that an alarming record is."""
    about = (record.family, record.metric, record.column, record.segment, record.group)
    return Finding(
        fingerprint=fingerprint(record.model, record.version, *about, rule=record.rule),
        window=record.window,
        day=record.day,
        model=record.model,
        version=record.version,
        family=record.family,
        metric=record.metric,
        verdict=record.verdict,
        column=record.column,
        segment=record.segment,
        group=record.group,
        groups=record.groups,
        value=record.value,
        low=record.low,
        high=record.high,
        threshold=record.threshold,
        n_reference=record.n_reference,
        n_current=record.n_current,
        rule=record.rule,
    )


def of_check(evaluation: Evaluation) -> Finding:
    """The finding of a check that failed without any alarming record, such as data that cannot be used."""
    verdict = Verdict.WARNING if evaluation.severity == "WARN" else Verdict.CRITICAL
    note = str(evaluation.metadata.get("description") or "The check failed and said no more.")
    return _noted(evaluation.model, evaluation.check, evaluation.asset, evaluation.day, verdict, note)


def of_failure(model: str, step: str, day: date, message: str) -> Finding:
    """The finding of a step that ended in an error."""
    return _noted(model, RUN, step, day, Verdict.WARNING, message)


def of_silence(model: str, step: str, day: date, note: str) -> Finding:
    """The finding of a step that should have been done by now."""
    return _noted(model, SILENCE, step, day, Verdict.CRITICAL, note)


def window_length(window: str) -> timedelta:
    """How many days a window spans.

    >>> window_length("7d").days, window_length("24h").days
    (7, 1)
    """
    return timedelta(days=int(window[:-1]) if window.endswith("d") else 1)


def needs_labels(finding: Finding) -> bool:
    """Whether it could be known only once labels had arrived."""
    return finding.metric in METRICS and METRICS[finding.metric].needs_labels


def are_past(findings: Iterable[Finding], label_horizon: timedelta) -> bool:
    """Whether all of them could be known too long ago to be news; what needs labels is known once those had time."""
    return all(
        is_historic(finding.day, label_horizon if needs_labels(finding) else timedelta(0)) for finding in findings
    )


def severity_of(findings: Iterable[Finding]) -> str:
    """The severest verdict among them."""
    verdicts = {finding.verdict for finding in findings}
    return Verdict.CRITICAL.value if Verdict.CRITICAL in verdicts else Verdict.WARNING.value


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Critical ones first, then by how far the value is beyond its limit; equal ones in a fixed order.

    A part of the rows leads before their whole only where it is half as much again beyond its limit.
    """
    return sorted(
        findings,
        key=lambda finding: (
            finding.verdict != Verdict.CRITICAL,
            -excess(finding) / PART_LEADS ** _narrowness(finding),
            finding.metric,
            str(finding.column),
            str(finding.segment),
            str(finding.group),
            finding.window,
        ),
    )


def excess(finding: Finding) -> float:
    """How far beyond the limit, in limits."""
    if finding.value is None or finding.threshold is None:
        return 0.0
    return abs(finding.value - finding.threshold) / max(abs(finding.threshold), 1e-9)


def _narrowness(finding: Finding) -> int:
    """How many choices lead from all rows to those the finding is about."""
    crossed = len(finding.column) - 1 if isinstance(finding.column, tuple) else 0
    return crossed + (finding.segment is not None)


def _noted(model: str, family: str, metric: str, day: date, verdict: Verdict, note: str) -> Finding:
    return Finding(
        fingerprint=fingerprint(model, "", family, metric),
        window="1d",
        day=day,
        model=model,
        version="",
        family=family,
        metric=metric,
        verdict=verdict.value,
        note=plain(note).strip()[:NOTE_LENGTH],
    )

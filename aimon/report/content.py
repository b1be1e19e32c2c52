"""What a report shows, whatever its form: findings, cards, tables, sentences. In: records, both sides' counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aimon.clock import iso
from aimon.metrics.numerals import count, listing, several
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile
from aimon.report.cards import attribute_cards, calibration_card, column_cards, confusion_card, sections
from aimon.report.findings import SEVERITY, Findings, findings, verdict_counts
from aimon.report.reference import reference_values
from aimon.report.why import searched, why
from aimon.spec.model import ModelSpec
from aimon.verdict.record import Record, Verdict

MARKS = {
    Verdict.CRITICAL: "critical",
    Verdict.WARNING: "warning",
    Verdict.WATCH: "watch",
    Verdict.OK: "ok",
    Verdict.INSUFFICIENT: "none",
    Verdict.NOT_ESTIMABLE: "none",
    Verdict.UNSUPPORTED: "none",
}
MOST_FINDINGS = 40
MOST_RECORDS = 2_000
MOST_CARDS = 120
MOST_LONGER = 20
SPANS = {"24h": "the last 24 hours", "7d": "the last 7 days", "30d": "the last 30 days"}


@dataclass(frozen=True, slots=True)
class Longer:
    """What alarms over a longer window, the worst first; `more` is how many are not shown."""

    words: str
    records: tuple[Record, ...]
    more: int


def content(
    title: str,
    spec: ModelSpec,
    records: Sequence[Record],
    baseline: Profile,
    current: Profile,
    grid: Grid,
    *,
    as_of: datetime,
    facts: Sequence[str] = (),
    notes: Sequence[str] = (),
    longer: Mapping[str, Sequence[Record]] | None = None,
) -> dict[str, Any]:
    """Everything by name, as the templates take it.

    `facts` stand under the title; `notes` tell at the end how the columns were understood; `longer` are the results
    over longer windows that end with the same day.
    """
    found = findings(grid, records, baseline, current)
    page = _page(title, spec, records, baseline, current, grid, found)
    return page | {
        "facts": [*_facts(baseline, current), *facts],
        "notes": notes,
        "longer": _longer(longer or {}),
        "why": why(records),
        "searched": searched(records),
        "as_of": iso(as_of),
    }


def _page(
    title: str,
    spec: ModelSpec,
    records: Sequence[Record],
    baseline: Profile,
    current: Profile,
    grid: Grid,
    found: Findings,
) -> dict[str, Any]:
    cards = column_cards(grid, found, baseline, current, most=MOST_CARDS)
    attributes = attribute_cards(grid, found, records, baseline)
    anchors = {card.finding.subject: card.anchor for card in cards} | {card.name: card.anchor for card in attributes}
    noteworthy = found.noteworthy
    shown_records = [record for record in records if record.segment is None or record.verdict is not Verdict.OK]
    unchanged = [card for card in cards if not _stands_out(card.finding.verdict)]
    calm = [finding.name for finding in found.of_columns if not _stands_out(finding.verdict)]
    return {
        "title": title,
        "headline": found.headline,
        "worst": MARKS[found.worst],
        "tally": verdict_counts(records),
        "noteworthy": [(finding, anchors.get(finding.subject)) for finding in noteworthy[:MOST_FINDINGS]],
        "unlisted": _unlisted(len(noteworthy)),
        "changed": [card for card in cards if _stands_out(card.finding.verdict)],
        "unchanged": unchanged,
        "unchanged_words": f"{several(len(calm), 'column')} without a change worth a note: {listing(calm, 6)}",
        "undrawn": max(0, len(found.of_columns) - len(cards)),
        "drift_score": _drift_score(records),
        "attributes": attributes,
        "sections": sections(records, reference_values(grid, baseline), horizon=spec.label_horizon),
        "calibration": calibration_card(grid, baseline, current),
        "confusion": confusion_card(grid, baseline, current),
        "records": shown_records[:MOST_RECORDS],
        "records_words": _records_words(len(shown_records), len(records)),
    }


def _drift_score(records: Sequence[Record]) -> str:
    whole = (r for r in records if r.metric == "drift_score" and r.segment is None and r.value is not None)
    return "".join(f"drift score {record.value or 0.0:.0f} of 100" for record in whole)


def _stands_out(verdict: Verdict) -> bool:
    return verdict.alarms or verdict is Verdict.WATCH


def _facts(baseline: Profile, current: Profile) -> list[str]:
    rows = [profile.get("rows") for profile in (baseline, current)]
    before, after = (0 if counts is None else int(counts.sum()) for counts in rows)
    return [f"{count(before)} reference rows", f"{count(after)} current rows"]


def _unlisted(found: int) -> str:
    return f"{count(found - MOST_FINDINGS)} more are in the table below." if found > MOST_FINDINGS else ""


def _records_words(shown: int, every: int) -> str:
    words = several(min(shown, MOST_RECORDS), "result")
    left = every - min(shown, MOST_RECORDS)
    return f"{words}; {several(left, 'other')} of segments are in the JSON" if left else f"All {words}"


def _longer(windows: Mapping[str, Sequence[Record]]) -> list[Longer]:
    """The windows in which anything alarms."""
    shown = []
    for window, records in windows.items():
        alarming = sorted((record for record in records if record.verdict.alarms), key=_severity)
        if alarming:
            kept = tuple(alarming[:MOST_LONGER])
            shown.append(Longer(SPANS.get(window, window), kept, len(alarming) - len(kept)))
    return shown


def _severity(record: Record) -> tuple[int, bool]:
    return SEVERITY[record.verdict], record.segment is not None

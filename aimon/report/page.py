"""The self-contained HTML page of a comparison or of a model's day. In: records, both sides' counts. Out: HTML text."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from aimon.clock import iso
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile
from aimon.report.cards import attribute_cards, calibration_card, column_cards, confusion_card, sections
from aimon.report.fairness import column_name, group_name
from aimon.report.findings import Findings, findings, verdict_counts
from aimon.report.numerals import count, listing, measure, percent, several
from aimon.report.reference import reference_values
from aimon.report.sentences import VERDICTS, figure, interval, metric_name
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
LONGEST_NAME = 40
MOST_FINDINGS = 40
MOST_RECORDS = 2_000
MOST_CARDS = 120


def render_report(
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
) -> str:
    """The whole page; the same arguments give the same bytes.

    `facts` stand under the title; `notes` tell at the end how the columns were understood.
    """
    found = findings(grid, records, baseline, current)
    page = _page(title, spec, records, baseline, current, grid, found)
    page |= {"facts": [*_facts(baseline, current), *facts], "notes": notes, "as_of": iso(as_of)}
    template = _environment().get_template("report.html")
    return template.render(page=page, marks=MARKS)


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


def _about(record: Record) -> str:
    parts = [column_name(record.column), group_name(record.group)]
    if record.groups is not None:
        parts.append(" against ".join(group_name(group) for group in record.groups))
    return ": ".join(part for part in parts if part)


def _shorten(text: str) -> str:
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1]}…"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("aimon.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(_FILTERS)
    return environment


_FILTERS: Mapping[str, Any] = {
    "percent": percent,
    "share": lambda value: "\u2013" if value is None else percent(value),
    "count": count,
    "shorten": _shorten,
    "verdict": lambda verdict: VERDICTS[verdict],
    "metric": lambda record: metric_name(record.metric),
    "value": lambda record: figure(record.metric, record.value),
    "interval": interval,
    "limit": lambda record: "" if record.threshold is None else figure(record.metric, record.threshold),
    "adjusted": lambda record: "" if record.p_adjusted is None else measure(record.p_adjusted),
    "about": _about,
}

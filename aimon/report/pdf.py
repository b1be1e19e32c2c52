"""The report as PDF, typeset by Typst from one wheel: no browser, no system library, no network. In: records. Out: PDF.

The template lays out; this module hands it every word and number as JSON, which Typst never reads as markup.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any

from aimon.metrics.names import figure, metric_name
from aimon.metrics.numerals import count, percent
from aimon.report.cards import AttributeCard, CalibrationCard, ColumnCard, ConfusionCard, Section
from aimon.report.charts import Curve, Histogram
from aimon.report.content import MARKS, Longer, content
from aimon.report.distribution import Part
from aimon.report.fairness import Group, about
from aimon.report.findings import Finding
from aimon.report.sentences import VERDICTS, interval
from aimon.verdict.record import Record, Verdict

TEMPLATE = Path(__file__).parent / "templates" / "report.typ"
FONT = "Libertinus Serif"
REFERENCE, CURRENT = "#c4cad3", "#0b5cad"
AXIS = 'stroke="#7d8794" stroke-width="0.8"'
NO_VALUE = "\u2013"


def render_pdf(*, as_of: datetime, **told: Any) -> bytes:
    """The whole report; the same arguments, which are those of the page, give the same bytes."""
    import typst

    shown = content(as_of=as_of, **told)
    return typst.compile(
        str(TEMPLATE),
        root=str(TEMPLATE.parent),
        format="pdf",
        sys_inputs={"report": json.dumps(sheet(shown))},
        timestamp=int(as_of.timestamp()),
    )


def sheet(page: Mapping[str, Any]) -> dict[str, Any]:
    """The page in the words, numbers and drawings that the template places."""
    return {
        **{name: page[name] for name in ("title", "headline", "worst", "as_of", "unlisted", "drift_score")},
        "facts": list(page["facts"]),
        "notes": list(page["notes"]),
        "tally": [_badge(verdict, f"{count(number)} {VERDICTS[verdict]}") for verdict, number in page["tally"].items()],
        "findings": [_finding(finding) for finding, _ in page["noteworthy"]],
        "why": [{"title": each.title, "sentences": each.sentences} for each in page["why"]],
        "searched": page["searched"],
        "longer": [_longer(window) for window in page["longer"]],
        "attributes": [_attribute(card) for card in page["attributes"]],
        "changed": [_column(card) for card in page["changed"]],
        "unchanged": [_column(card) for card in page["unchanged"]],
        "unchanged_words": page["unchanged_words"],
        "undrawn": page["undrawn"],
        "sections": [_section(section) for section in page["sections"]],
        "calibration": None if page["calibration"] is None else _calibration(page["calibration"]),
        "confusion": None if page["confusion"] is None else _confusion(page["confusion"]),
    }


def _badge(verdict: Verdict, words: str | None = None) -> dict[str, str]:
    return {"mark": MARKS[verdict], "words": VERDICTS[verdict] if words is None else words}


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "badge": _badge(finding.verdict),
        "title": finding.title,
        "sentence": f"{finding.joint}{finding.sentence}",
        "background": finding.background,
    }


def _longer(window: Longer) -> dict[str, Any]:
    more = f"; {count(window.more)} more are in the JSON" if window.more else ""
    return {"words": f"Beyond its limit over {window.words}{more}", "rows": [_record(each) for each in window.records]}


def _record(record: Record) -> dict[str, Any]:
    return {
        "metric": metric_name(record.metric),
        "about": about(record),
        "segment": record.segment or "",
        "value": figure(record.metric, record.value),
        "interval": interval(record),
        "limit": "" if record.threshold is None else figure(record.metric, record.threshold),
        "badge": _badge(record.verdict),
    }


def _column(card: ColumnCard) -> dict[str, Any]:
    drawn = card.histogram is None
    return {
        "name": card.name,
        "kind": card.kind,
        "badge": _badge(card.finding.verdict),
        "sentence": card.finding.sentence,
        "alt": card.alt,
        "histogram": None if card.histogram is None else _histogram(card.histogram),
        "parts": [_part(part, card.largest) for part in card.rows] if drawn else [],
        "special": [] if drawn else [f"{p.label}: {percent(p.reference)} → {percent(p.current)}" for p in card.special],
    }


def _part(part: Part, largest: float) -> dict[str, Any]:
    return {
        "label": part.label,
        "reference": percent(part.reference),
        "current": percent(part.current),
        "bars": [part.reference / largest, part.current / largest],
    }


def _attribute(card: AttributeCard) -> dict[str, Any]:
    line = card.view.line
    return {
        "name": card.name,
        "badge": _badge(card.finding.verdict),
        "sentence": card.finding.sentence,
        "groups": [_group(card, group) for group in card.view.groups],
        "line": None if line is None else card.x(line) / 100,
    }


def _group(card: AttributeCard, group: Group) -> dict[str, Any]:
    ends = None if group.low is None or group.high is None else [card.x(group.low) / 100, card.x(group.high) / 100]
    within = "" if group.low is None or group.high is None else f"{percent(group.low)} to {percent(group.high)}"
    return {
        "name": group.name,
        "selected": NO_VALUE if group.rate is None else percent(group.rate),
        "interval": within or VERDICTS[group.verdict],
        "reference": NO_VALUE if group.reference is None else percent(group.reference),
        "rows": count(group.rows),
        "bar": None if group.rate is None else card.x(group.rate) / 100,
        "tick": None if group.reference is None else card.x(group.reference) / 100,
        "ends": ends,
    }


def _section(section: Section) -> dict[str, Any]:
    rows = [
        [row.name, row.reference, row.current, row.interval, row.limit, _badge(row.verdict)]
        for row in (*section.rows, *section.by_class)
    ]
    return {"title": section.title, "words": section.words, "rows": rows, "anchor": section.anchor}


def _confusion(card: ConfusionCard) -> dict[str, Any]:
    rows = [
        {
            "name": name,
            "cells": [
                {
                    "count": count(cell.count),
                    "share": percent(cell.share) + ("" if cell.reference is None else f" ({percent(cell.reference)})"),
                    "shade": cell.shade,
                }
                for cell in cells
            ],
        }
        for name, cells in card.rows
    ]
    return {"actual": list(card.actual), "rows": rows}


def _calibration(card: CalibrationCard) -> dict[str, str]:
    grid = [
        f'<line {AXIS} stroke-opacity="0.4" x1="{x}" x2="{x}" y1="10" y2="246"/>'
        f'<line {AXIS} stroke-opacity="0.4" x1="34" x2="270" y1="{y}" y2="{y}"/>'
        f"{_text(x, 260, 'middle', label)}{_text(29, y + 4, 'end', label)}"
        for x, y, label in card.ticks
    ]
    diagonal = f'<line {AXIS} stroke-dasharray="4 4" x1="34" y1="246" x2="270" y2="10"/>'
    curves = _curve(card.reference, "#7d8794") + _curve(card.current, CURRENT)
    title = _text(152, 276, "middle", "mean score")
    return {"words": card.words, "drawing": _svg(280, 280, "".join(grid), diagonal, curves, title)}


def _curve(drawn: Curve, colour: str) -> str:
    line = f'<path d="{drawn.line}" fill="none" stroke="{colour}" stroke-width="2"/>' if drawn.line else ""
    return line + "".join(f'<circle cx="{dot.x}" cy="{dot.y}" r="{dot.radius}" fill="{colour}"/>' for dot in drawn.dots)


def _histogram(drawn: Histogram) -> str:
    shapes = (
        f'<path d="{drawn.reference}" fill="{REFERENCE}"/>'
        f'<path d="{drawn.current}" fill="{CURRENT}" fill-opacity="0.15"/>'
        f'<path d="{drawn.current_line}" fill="none" stroke="{CURRENT}" stroke-width="1.6"/>'
        f'<line {AXIS} x1="6" x2="394" y1="108" y2="108"/>'
    )
    ticks = "".join(
        f'<line {AXIS} x1="{tick.at}" x2="{tick.at}" y1="108" y2="112"/>'
        f"{_text(tick.at, 126, _anchor(tick.at), tick.label)}"
        for tick in drawn.ticks
    )
    return _svg(400, 132, shapes, ticks)


def _anchor(at: float) -> str:
    return "start" if at < 20 else "end" if at > 380 else "middle"


def _text(x: float, y: float, anchor: str, words: str) -> str:
    font = f'font-family="{FONT}" font-size="14" fill="#59636e"'
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" {font}>{escape(words)}</text>'


def _svg(width: int, height: int, *parts: Sequence[str] | str) -> str:
    inside = "".join("".join(part) for part in parts)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{inside}</svg>'

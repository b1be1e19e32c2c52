"""A model's judged day in the forms that say the same: a page, JSON, CSV, PDF. In: what was judged. Out: bytes.

The same day as of the same instant gives the same bytes in every form.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from aimon.clock import iso
from aimon.lake.reports import Form
from aimon.metrics.names import column_name, group_name
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile
from aimon.report.document import document, finite
from aimon.report.findings import findings
from aimon.report.page import render_report
from aimon.report.pdf import render_pdf
from aimon.spec.model import ModelSpec
from aimon.spreadsheet import as_csv
from aimon.verdict.record import Record

OWN = "1d"
"""The window that the words and drawings are about; the tables hold every window."""

RECORD_COLUMNS = tuple(field.name for field in fields(Record))
COLUMNS = ("model", "version", "day", "window", *RECORD_COLUMNS, "baseline_id", "grid_id", "as_of")


@dataclass(frozen=True, slots=True)
class JudgedDay:
    """A day with everything that was judged of it, by window."""

    spec: ModelSpec
    day: date
    as_of: datetime
    baseline_id: str
    grid: Grid
    baseline: Profile
    current: Profile
    windows: Mapping[str, tuple[Record, ...]]
    facts: tuple[str, ...] = ()

    @property
    def own(self) -> tuple[Record, ...]:
        """The results of the day's own window."""
        return self.windows.get(OWN, ())

    @property
    def title(self) -> str:
        return f"{self.spec.name} {self.spec.version}, {self.day.isoformat()}"

    @property
    def content(self) -> dict[str, Any]:
        """What the forms for reading are made of, as the arguments of their renderers."""
        return {
            "title": self.title,
            "spec": self.spec,
            "records": self.own,
            "baseline": self.baseline,
            "current": self.current,
            "grid": self.grid,
            "as_of": self.as_of,
            "facts": (f"baseline {self.baseline_id}", *self.facts),
            "longer": {name: records for name, records in self.windows.items() if name != OWN},
        }


def html(judged: JudgedDay) -> bytes:
    """One page that stands alone."""
    return render_report(**judged.content).encode()


def as_json(judged: JudgedDay) -> bytes:
    """The document of a comparison, with the window in each result and the findings in words."""
    found = findings(judged.grid, judged.own, judged.baseline, judged.current)
    told = document(
        judged.spec,
        (),
        reference_rows=judged.baseline.rows,
        current_rows=judged.current.rows,
        as_of=judged.as_of,
    ) | {
        "day": judged.day.isoformat(),
        "baseline_id": judged.baseline_id,
        "grid_id": judged.grid.id,
        "headline": found.headline,
        "findings": [
            {
                "family": finding.family,
                "subject": finding.subject,
                "segment": finding.segment,
                "verdict": finding.verdict,
                "sentence": finding.sentence,
                "evidence": finding.background,
            }
            for finding in found.noteworthy
        ],
        "metrics": [
            {"window": window, **finite(record.as_json())}
            for window, records in judged.windows.items()
            for record in records
        ],
    }
    return (json.dumps(told, ensure_ascii=False, allow_nan=False) + "\n").encode()


def csv(judged: JudgedDay) -> bytes:
    """A line for each result of each window."""
    return as_csv(COLUMNS, _rows(judged)).encode()


def _rows(judged: JudgedDay) -> Iterator[dict[str, Any]]:
    shared = {
        "model": judged.spec.model,
        "version": judged.spec.version,
        "day": judged.day.isoformat(),
        "baseline_id": judged.baseline_id,
        "grid_id": judged.grid.id,
        "as_of": iso(judged.as_of),
    }
    for window, records in judged.windows.items():
        for record in records:
            compared = " against ".join(map(group_name, record.groups)) if record.groups is not None else None
            labels = {"column": column_name(record.column), "group": group_name(record.group), "groups": compared}
            yield shared | {"window": window} | finite(record.as_json()) | labels


def pdf(judged: JudgedDay) -> bytes:
    """The page on paper."""
    return render_pdf(**judged.content)


RENDERERS: Mapping[Form, Callable[[JudgedDay], bytes]] = {
    Form.HTML: html,
    Form.JSON: as_json,
    Form.CSV: csv,
    Form.PDF: pdf,
}
"""How each form is made of a judged day."""

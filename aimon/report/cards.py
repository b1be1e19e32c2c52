"""The page's cards: each column, attribute, table of metrics and curve with everything its template prints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from aimon.metrics.names import figure
from aimon.metrics.numerals import day_of, measure, percent
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile
from aimon.report.charts import Curve, Histogram, curve, end_of_scale, histogram, square_ticks
from aimon.report.distribution import Distribution, Part, distribution
from aimon.report.fairness import Attribute, attributes
from aimon.report.findings import Finding, Findings
from aimon.report.outcomes import CurvePoint, calibration, confusion
from aimon.report.reference import Place, place_of
from aimon.report.sentences import interval, measured
from aimon.report.why import estimate_words, explains
from aimon.spec.duration import format_duration
from aimon.spec.model import Kind
from aimon.verdict.record import Family, Maturity, Record, Verdict

SECTIONS = (
    (Family.PERFORMANCE, "Performance"),
    (Family.ESTIMATE, "Estimated without labels"),
    (Family.OPERATIONS, "Operations"),
    (Family.PRIVACY, "Privacy"),
)


@dataclass(frozen=True, slots=True)
class ColumnCard:
    """A column's finding and drawing."""

    name: str
    anchor: str
    kind: str
    finding: Finding
    histogram: Histogram | None
    parts: tuple[Part, ...]
    special: tuple[Part, ...]
    bins: tuple[tuple[str, str, float, float], ...]

    @property
    def largest(self) -> float:
        """The share that the longest bar stands for."""
        return max((max(part.reference, part.current) for part in self.rows), default=0.0) or 1.0

    @property
    def rows(self) -> tuple[Part, ...]:
        """The rows of a column drawn by its parts: the parts, then missing and unseen rows."""
        return (*self.parts, *self.special)

    @property
    def alt(self) -> str:
        return f"Distribution of {self.name} in the reference and now: {self.finding.sentence}"


@dataclass(frozen=True, slots=True)
class AttributeCard:
    """A protected attribute's finding and bars."""

    name: str
    anchor: str
    finding: Finding
    view: Attribute

    def x(self, rate: float) -> float:
        """Where a rate lies on the drawing, of 100."""
        return round(min(rate / self.view.limit, 1.0) * 100, 2)


@dataclass(frozen=True, slots=True)
class CalibrationCard:
    """Scores against what came true, on both sides."""

    words: str
    reference: Curve
    current: Curve
    ticks: tuple[tuple[float, float, str], ...]
    points: tuple[tuple[str, tuple[CurvePoint, ...]], ...]


@dataclass(frozen=True, slots=True)
class ConfusionCell:
    """Rows of one prediction and one label; `shade` is how strongly the cell is coloured, in percent."""

    count: int
    share: float
    reference: float | None
    shade: int


@dataclass(frozen=True, slots=True)
class ConfusionCard:
    """Predictions against labels."""

    actual: tuple[str, ...]
    rows: tuple[tuple[str, tuple[ConfusionCell, ...]], ...]


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One metric of the whole model, beside the reference's."""

    name: str
    reference: str
    current: str
    interval: str
    limit: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Section:
    """A family's table of metrics."""

    title: str
    anchor: str
    words: str
    rows: tuple[MetricRow, ...]
    by_class: tuple[MetricRow, ...]


def column_cards(grid: Grid, found: Findings, baseline: Profile, current: Profile, *, most: int) -> list[ColumnCard]:
    """A card for each judged column in the findings' order, worst first; at most so many."""
    cards = []
    for number, finding in enumerate(found.of_columns[:most]):
        drawn = distribution(grid, finding.subject, baseline, current)
        cards.append(_column_card(grid, finding, drawn, number))
    return cards


def _column_card(grid: Grid, finding: Finding, drawn: Distribution | None, number: int) -> ColumnCard:
    kind = grid.kinds.get(finding.subject)
    dates = kind is Kind.DATETIME
    shape = drawn.shape if drawn is not None else None
    write = day_of if dates else measure
    bins = (
        tuple(
            (write(low), write(high), float(before), float(after))
            for (low, high), before, after in zip(
                pairwise(shape.edges.tolist()), shape.reference, shape.current, strict=True
            )
        )
        if shape is not None
        else ()
    )
    return ColumnCard(
        name=finding.name,
        anchor=f"column-{number}",
        kind="length of text" if kind is Kind.TEXT else str(kind or "share of rows"),
        finding=finding,
        histogram=histogram(shape, dates=dates) if shape is not None else None,
        parts=drawn.parts if drawn is not None else (),
        special=drawn.special if drawn is not None else (),
        bins=bins,
    )


def attribute_cards(grid: Grid, found: Findings, records: Sequence[Record], baseline: Profile) -> list[AttributeCard]:
    """A card for every attribute with groups to draw, worst first."""
    views = {view.name: view for view in attributes(grid, records, baseline) if view.groups}
    fair = [finding for finding in found.of(Family.FAIRNESS) if finding.subject in views]
    return [
        AttributeCard(finding.subject, f"attribute-{number}", finding, views[finding.subject])
        for number, finding in enumerate(fair)
    ]


def sections(records: Sequence[Record], before: Mapping[Place, float], *, horizon: timedelta) -> list[Section]:
    """The tables of metrics that belong to no column, family by family."""
    found = []
    for family, title in SECTIONS:
        mine = [r for r in records if r.family is family and r.segment is None and not explains(r)]
        if mine:
            whole, by_class = (
                tuple(
                    _metric_row(record, before.get(place_of(record)))
                    for record in mine
                    if bool(record.group) is grouped
                )
                for grouped in (False, True)
            )
            provisional = any(record.maturity is Maturity.PROVISIONAL for record in mine)
            words = (
                f"Provisional: labels may still arrive for {format_duration(horizon)} after a prediction."
                if provisional
                else ""
            )
            if family is Family.ESTIMATE:
                words = " ".join(filter(None, [words, estimate_words(mine)]))
            found.append(Section(title, str(family), words, whole, by_class))
    return found


def _metric_row(record: Record, before: float | None) -> MetricRow:
    return MetricRow(
        name=measured(record),
        reference=figure(record.metric, before),
        current=figure(record.metric, record.value),
        interval=interval(record),
        limit="" if record.threshold is None else figure(record.metric, record.threshold),
        verdict=record.verdict,
    )


def calibration_card(grid: Grid, baseline: Profile, current: Profile) -> CalibrationCard | None:
    """Both calibration curves; None where neither side has labels for its scores."""
    sides = (("reference", calibration(grid, baseline)), ("current", calibration(grid, current)))
    if not any(points for _, points in sides):
        return None
    end = end_of_scale(sides[0][1], sides[1][1])
    curves = curve(sides[0][1], end), curve(sides[1][1], end)
    return CalibrationCard(_calibration_words(sides[1][1]), *curves, square_ticks(end), sides)


def _calibration_words(points: Sequence[CurvePoint]) -> str:
    if not points:
        return "No labels now: the curve is the reference's."
    worst = max(points, key=lambda point: abs(point.observed - point.score))
    return (
        "On the diagonal a score of 70% comes true 70% of the time. "
        f"Farthest from it: of rows scored about {percent(worst.score)}, {percent(worst.observed)} came true."
    )


def confusion_card(grid: Grid, baseline: Profile, current: Profile) -> ConfusionCard | None:
    """The confusion table now, with the reference's shares where it has the same classes."""
    now, then = confusion(grid, current), confusion(grid, baseline)
    if now is None:
        return None
    alike = then is not None and (then.predicted, then.actual) == (now.predicted, now.actual)
    most = max(max(row) for row in now.counts) or 1
    rows = []
    for i, name in enumerate(now.predicted):
        cells = [
            ConfusionCell(
                count=now.counts[i][j],
                share=now.counts[i][j] / now.total,
                reference=then.counts[i][j] / then.total if alike and then is not None else None,
                shade=round(now.counts[i][j] / most * 45),
            )
            for j in range(len(now.actual))
        ]
        rows.append((name, tuple(cells)))
    return ConfusionCard(now.actual, tuple(rows))

"""A model's week on one page: what was wrong on which day, where its numbers went, which incidents there were.

In: the week's verdicts, headline numbers, longer results and incidents. Out: HTML text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from aimon.clock import iso
from aimon.metrics.names import figure, metric_name
from aimon.metrics.numerals import listing, several
from aimon.report.content import MARKS
from aimon.report.findings import SEVERITY
from aimon.report.page import environment
from aimon.verdict.record import Family, Record, Verdict

WIDTH, HEIGHT, MARGIN = 120.0, 26.0, 3.0
MOST_ALARMS = 40
SILENT = (Verdict.INSUFFICIENT, Verdict.NOT_ESTIMABLE, Verdict.UNSUPPORTED)


@dataclass(frozen=True, slots=True)
class Happened:
    """An incident that touches the week, as its page's table shows it."""

    number: int
    severity: str
    status: str
    days: str
    title: str


@dataclass(frozen=True, slots=True)
class Week:
    """What is known of seven days of a model. A day without a verdict was not judged."""

    model: str
    version: str
    days: Sequence[date]
    as_of: datetime
    verdicts: Mapping[Family, Mapping[date, Verdict]]
    numbers: Mapping[tuple[str, str], Sequence[float | None]]
    alarms: Sequence[Record]
    incidents: Sequence[Happened]

    @property
    def worst(self) -> Mapping[date, Verdict]:
        """The worst verdict of each judged day."""
        judged = {day for by_day in self.verdicts.values() for day in by_day}
        return {day: worst_of([by_day[day] for by_day in self.verdicts.values() if day in by_day]) for day in judged}


@dataclass(frozen=True, slots=True)
class Line:
    """One number over the days: its name, its values in words, its line."""

    name: str
    values: tuple[str, ...]
    path: str


def worst_of(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict that a day is shown with; one that could not tell does not outweigh one that could.

    >>> worst_of([Verdict.OK, Verdict.INSUFFICIENT, Verdict.WATCH])
    <Verdict.WATCH: 'watch'>
    """
    told = [verdict for verdict in verdicts if verdict not in SILENT] or list(verdicts)
    return min(told, key=SEVERITY.__getitem__)


def headline(week: Week) -> str:
    """The week in a sentence or two."""
    worst = week.worst
    troubled = [day for day in week.days if day in worst and worst[day].alarms]
    families = [
        str(family) for family in Family if any(verdict.alarms for verdict in week.verdicts.get(family, {}).values())
    ]
    missing = len(week.days) - len(worst)
    parts = [
        f"{several(len(troubled), 'day')} of {len(worst)} beyond a limit: {listing(families)}"
        if troubled
        else f"Nothing beyond its limit on {several(len(worst), 'judged day')}"
    ]
    if missing:
        parts.append(f"{several(missing, 'day')} not judged")
    standing = sum(each.status != "resolved" for each in week.incidents)
    if week.incidents:
        parts.append(f"{several(len(week.incidents), 'incident')}, {standing or 'none'} of them not resolved")
    return f"{'; '.join(parts)}."


def line(metric: str, column: str, values: Sequence[float | None]) -> Line:
    """A headline number as words and as a line through the days that have it."""
    known = [value for value in values if value is not None]
    low, span = (min(known), (max(known) - min(known)) or 1.0) if known else (0.0, 1.0)
    step = (WIDTH - 2 * MARGIN) / max(len(values) - 1, 1)
    points = [
        f"{MARGIN + number * step:.1f},{HEIGHT - MARGIN - (value - low) / span * (HEIGHT - 2 * MARGIN):.1f}"
        for number, value in enumerate(values)
        if value is not None
    ]
    name = f"{metric_name(metric)} of {column}" if column else metric_name(metric)
    return Line(name, tuple(figure(metric, value) for value in values), " ".join(points))


def render_week(week: Week) -> str:
    """The page; the same week gives the same bytes."""
    worst = week.worst
    page = {
        "title": f"{week.model} {week.version}, {week.days[0]} to {week.days[-1]}",
        "headline": headline(week),
        "worst": MARKS[worst_of(list(worst.values()))] if worst else "none",
        "days": week.days,
        "calendar": [(family, [by_day.get(day) for day in week.days]) for family, by_day in week.verdicts.items()],
        "lines": [line(metric, column, values) for (metric, column), values in week.numbers.items()],
        "alarms": sorted(week.alarms, key=lambda record: SEVERITY[record.verdict])[:MOST_ALARMS],
        "more": max(0, len(week.alarms) - MOST_ALARMS),
        "incidents": week.incidents,
        "as_of": iso(week.as_of),
    }
    return environment().get_template("week.html").render(page=page, marks=MARKS)

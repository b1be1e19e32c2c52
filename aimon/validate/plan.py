"""Which expectations a model has. In: its declaration, grid and baseline. Out: plain data that a suite is built from.

A value that depends on the day stands here as the name of a parameter, so that a model has one suite for all days.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from aimon.metrics.bins import expected_unseen, occupied
from aimon.metrics.estimate import Estimate
from aimon.metrics.metric import Basis
from aimon.metrics.panel import LABEL, missing_cells
from aimon.metrics.registry import METRICS
from aimon.profile.axis import Axis, CategoryAxis, NumericAxis, ProbabilityAxis
from aimon.profile.grid import Grid
from aimon.profile.profile import Counts, Profile
from aimon.spec.model import Kind, ModelSpec
from aimon.validate.beyond import Reference
from aimon.validate.finding import Severity
from aimon.validate.reading import Reading
from aimon.verdict.limits import limits_of

FEW = 0.01
"""The share of repeated or unusable rows from which on a day is odd: retries and stray rows are everyday."""
MOST = 0.5
"""The share of unusable rows from which on the rest says nothing about the day."""
METRIC = {
    Reading.MISSING: "missing_shift",
    Reading.UNREADABLE: "unreadable_share",
    Reading.OUTSIDE: "out_of_range",
    Reading.UNSEEN: "unseen_share",
}
EXPECTATION = {
    Reading.MISSING: ("nulls", "ExpectColumnToBeFilledAsInReference"),
    Reading.UNREADABLE: ("type", "ExpectColumnToReadAsInReference"),
    Reading.OUTSIDE: ("range", "ExpectColumnToStayInReferenceRange"),
    Reading.UNSEEN: ("categories", "ExpectColumnToHaveReferenceCategories"),
}


@dataclass(frozen=True, slots=True)
class Planned:
    """One expectation: its name among our findings, and its class and arguments in Great Expectations."""

    name: str
    expectation: str
    severity: Severity = Severity.WARNS
    column: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    reference: Reference | None = None


def parameter(name: str) -> dict[str, str]:
    """A value that is given when the suite runs."""
    return {"$PARAMETER": name}


def plan(spec: ModelSpec, grid: Grid, baseline: Profile) -> list[Planned]:
    """Every expectation of the model."""
    return [*_of_table(spec, grid), *_of_rows(spec, grid), *_of_columns(spec, grid, baseline)]


def needed_columns(spec: ModelSpec) -> list[str]:
    """The columns without which a day says nothing."""
    columns = (spec.columns.prediction, spec.columns.timestamp)
    return [name for name in columns if name is not None]


def _of_table(spec: ModelSpec, grid: Grid) -> Iterator[Planned]:
    needed = needed_columns(spec)
    late = (spec.columns.label,)
    others = [name for name in dict.fromkeys((spec.columns.id, *grid.kinds)) if name and name not in (*needed, *late)]
    for names, severity in ((needed, Severity.BLOCKS), (others, Severity.WARNS)):
        if names:
            arguments = {"column_set": names, "exact_match": False}
            yield Planned("columns", "ExpectTableColumnsToMatchSet", severity, arguments=arguments)
    rows = "ExpectTableRowCountToBeBetween"
    yield Planned("rows", rows, Severity.BLOCKS, arguments={"min_value": parameter("needed_rows")})
    volume = {"min_value": parameter("least_rows"), "max_value": parameter("most_rows")}
    yield Planned("volume", rows, arguments=volume)
    for limit, severity in ((MOST, Severity.BLOCKS), (FEW, Severity.WARNS)):
        arguments = {"quarantined": parameter("quarantined"), "limit": limit}
        yield Planned("quarantine", "ExpectRowsToBeUsable", severity, arguments=arguments)


def _of_rows(spec: ModelSpec, grid: Grid) -> Iterator[Planned]:
    columns = spec.columns
    prediction = {"grid": grid.id}
    yield Planned("prediction", "ExpectColumnToHoldValues", Severity.BLOCKS, columns.prediction, prediction)
    if columns.id is not None:
        repeats = {"dropped": parameter("duplicates"), "limit": FEW}
        yield Planned("duplicate_ids", "ExpectIdsToBeDistinct", column=columns.id, arguments=repeats)
    if columns.timestamp is not None:
        day = {"first_instant": parameter("first_instant"), "last_instant": parameter("last_instant")}
        yield Planned("clock_skew", "ExpectInstantsInsideDay", column=columns.timestamp, arguments=day)
        fresh = {**day, "after": parameter("fresh_after")}
        yield Planned("freshness", "ExpectLatestInstantAfter", column=columns.timestamp, arguments=fresh)


def _of_columns(spec: ModelSpec, grid: Grid, baseline: Profile) -> Iterator[Planned]:
    for column, reading, failing, rows in _counted(grid, baseline):
        reference = reference_of(spec, column, reading, failing, rows)
        if reference is not None:
            yield _planned(grid, column, reading, reference)


def _counted(grid: Grid, baseline: Profile) -> Iterator[tuple[str, Reading, int, int]]:
    """Each column and reading with the reference's failing rows and all its rows."""
    for column in grid.columns:
        counts = baseline.get(f"column:{column}")
        if counts is not None:
            for reading, failing in failing_rows(grid.axes[column], grid.kinds[column], counts).items():
                yield column, reading, failing, int(counts.sum())
    label = baseline.get(LABEL)
    if grid.label is not None and label is not None:
        for reading, failing in failing_rows(grid.axes[grid.label], grid.kinds[grid.label], label).items():
            if reading is not Reading.MISSING:  # labels are missing until they are known
                yield grid.label, reading, failing, int(label.sum())
    for uncounted in (grid.lower, grid.upper, grid.latency, grid.tokens, grid.cost):
        if uncounted is not None:
            yield uncounted, Reading.UNREADABLE, 0, baseline.rows


def failing_rows(axis: Axis, kind: Kind, counts: Counts) -> dict[Reading, int]:
    """What the column can be checked for, and how many rows of the reference would fail."""
    missing = int(counts[missing_cells(axis)].sum())
    if isinstance(axis, CategoryAxis):
        return {
            Reading.MISSING: missing,
            Reading.UNSEEN: round(expected_unseen(axis, counts) * int(counts.sum())),
        }
    found = {Reading.MISSING: missing, Reading.UNREADABLE: int(counts[axis.unreadable])}
    if isinstance(axis, ProbabilityAxis):
        return found | {Reading.OUTSIDE: int(counts[axis.outside])}
    if kind is Kind.NUMERIC and axis.low is not None:
        found[Reading.OUTSIDE] = _beyond(axis, counts)
    return found


def _beyond(axis: NumericAxis, counts: Counts) -> int:
    first, last = occupied(axis)
    infinite = counts[axis.negative_infinity] + counts[axis.positive_infinity]
    return int(counts[:first].sum() + counts[last + 1 : axis.steps].sum() + infinite)


def reference_of(spec: ModelSpec, column: str, reading: Reading, failing: int, rows: int) -> Reference | None:
    """The reference's failing rows with the limit that data quality has for the column; None where it has none."""
    metric = METRICS[METRIC[reading]]
    limits = limits_of(spec, metric, Estimate(metric=metric.name, column=column), None)
    if limits is None or limits.first is None:
        return None
    rise = limits.basis is Basis.RISE or reading is Reading.MISSING
    return Reference(failing, rows, limits.first, rise, blind=reading in (Reading.OUTSIDE, Reading.UNSEEN))


def _planned(grid: Grid, column: str, reading: Reading, reference: Reference) -> Planned:
    name, expectation = EXPECTATION[reading]
    arguments = {
        "grid": grid.id,
        "reference_failing": reference.failing,
        "reference_rows": reference.rows,
        "limit": reference.limit,
        "rise": reference.rise,
        "blind": reference.blind,
    }
    return Planned(name, expectation, column=column, arguments=arguments, reference=reference)

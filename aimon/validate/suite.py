"""A model's suite: built once from its declaration, grid and baseline, run by Great Expectations on each day."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from aimon.profile.grid import Grid
from aimon.profile.profile import Profile
from aimon.spec.model import ModelSpec
from aimon.validate.facts import Expected, Facts
from aimon.validate.finding import Finding, Validation
from aimon.validate.frame import checked_columns, frame_of
from aimon.validate.history import arrival
from aimon.validate.plan import Planned, plan
from aimon.validate.reading import GridReader
from aimon.validate.sentences import Outcome, sentence

if TYPE_CHECKING:
    from aimon.validate.gx import BatchDefinition, Expectation, ExpectationSuite

KEYS_SHOWN = 5
PLACE = "planned"
"""The key of an expectation's metadata: its place in the plan."""


class Suite:
    """The expectations of one model on one baseline."""

    def __init__(self, spec: ModelSpec, grid: Grid, baseline: Profile) -> None:
        self._spec = spec
        self._grid = grid
        self._reader = GridReader(grid)
        self._plan = plan(spec, grid, baseline)
        self._suite = _suite(f"{spec.model}-{grid.id}", self._plan)

    @property
    def columns(self) -> list[str]:
        """The columns that `run` looks at."""
        return checked_columns(self._grid, self._spec.columns)

    @property
    def expectations(self) -> "ExpectationSuite":
        """The suite as Great Expectations knows it."""
        return self._suite

    def run(self, rows: pa.Table, day: date, facts: Facts) -> Validation:
        """Hold the day's rows against every expectation."""
        day_rows = rows.num_rows if facts.rows is None else facts.rows
        expected = Expected.of(day, facts)
        part = rows.num_rows / day_rows if rows.num_rows and day_rows else 1.0
        arrived = arrival(rows, self._spec.columns.timestamp, day)
        findings: list[Finding] = []
        for planned, given in self._results(rows, expected.parameters(facts, part)):
            findings += self._findings(planned, given, rows, day_rows, facts, expected)
        return Validation(
            model=self._spec.model,
            day=day,
            rows=day_rows,
            looked_at=rows.num_rows,
            duplicates=facts.duplicates,
            quarantined=dict(facts.quarantined),
            slots=tuple(round(count / part) for count in arrived.slots),
            lag=arrived.lag,
            findings=tuple(findings),
        )

    def _results(self, rows: pa.Table, parameters: dict[str, float]) -> Iterator[tuple[Planned, Any]]:
        """What Great Expectations found, by the order of the plan."""
        from aimon.validate.gx import Validator
        from aimon.validate.measures import GRIDS

        GRIDS[self._reader.id] = self._reader
        frame = frame_of(rows, self._grid, self._spec.columns)
        validator = Validator(batches(), result_format="BASIC", batch_parameters={"dataframe": frame})
        found = validator.validate_expectation_suite(self._suite, parameters)
        placed = {_place(each.expectation_config): each for each in found.results}
        for place, planned in enumerate(self._plan):
            given = placed[place]
            _raise_again(planned, given.exception_info)
            yield planned, given

    def _findings(
        self, planned: Planned, given: Any, rows: pa.Table, day_rows: int, facts: Facts, expected: Expected
    ) -> Iterator[Finding]:
        """The findings of one result: one, or one for each missing column, or none of a column that is not there."""
        passed, details = bool(given.success), given.result.get("details", {})
        if details.get("absent"):
            return
        if planned.name == "columns":
            yield from _columns(planned, details.get("mismatched", {}).get("missing", []), rows.num_rows)
            return
        failing = int(given.result.get("unexpected_count", 0 if passed else day_rows))
        total = int(given.result.get("element_count", day_rows))
        outcome = Outcome(planned, failing, total, passed, day_rows, facts, expected)
        yield Finding(
            name=planned.name,
            column=planned.column,
            severity=planned.severity,
            passed=passed,
            failing=failing,
            rows=total,
            sentence=f"{sentence(outcome)}.",
            keys=() if passed else self._keys(rows, details.get("first", [])),
        )

    def _keys(self, rows: pa.Table, places: list[int]) -> tuple[str, ...]:
        """The ids of some rows; their numbers where the model has no ids."""
        id_column, few = self._spec.columns.id, places[:KEYS_SHOWN]
        if id_column is None or id_column not in rows.column_names:
            return tuple(f"row {place + 1}" for place in few)
        return tuple(str(value) for value in rows.column(id_column).take(pa.array(few, pa.int64())).to_pylist())


def _columns(planned: Planned, missing: list[str], rows: int) -> Iterator[Finding]:
    """One finding for each missing column, or one that there is none."""

    def found(column: str | None, failing: int, told: str) -> Finding:
        return Finding(
            name=planned.name,
            column=column,
            severity=planned.severity,
            passed=column is None,
            failing=failing,
            rows=rows,
            sentence=told,
        )

    if not missing:
        yield found(None, 0, "every declared column is there.")
    for column in missing:
        yield found(column, rows, f"the column {column} is missing.")


def _suite(name: str, planned: list[Planned]) -> "ExpectationSuite":
    from aimon.validate.gx import ExpectationSuite

    return ExpectationSuite(name, expectations=[_expectation(each, place) for place, each in enumerate(planned)])


def _expectation(planned: Planned, place: int) -> "Expectation":
    """The planned expectation, one of ours or one of Great Expectations' own."""
    from aimon.validate import expectations, gx

    made: Any = getattr(expectations, planned.expectation, None) or getattr(gx, planned.expectation)
    column = {} if planned.column is None else {"column": planned.column}
    severity = "critical" if planned.severity.value == "blocks" else "warning"
    expectation: Expectation = made(**column, **planned.arguments, severity=severity, meta={PLACE: place})
    return expectation


@cache
def batches() -> "BatchDefinition[Any]":
    """Where frames are handed in: a context in memory, without progress bars and without documents."""
    from aimon.validate.gx import ProgressBarsConfig, get_context

    context = get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    asset = context.data_sources.add_pandas("days").add_dataframe_asset("day")
    return asset.add_batch_definition_whole_dataframe("whole")


def _place(configuration: Any) -> int:
    place: int = configuration.meta[PLACE]
    return place


def _raise_again(planned: Planned, info: Any) -> None:
    """Raise what Great Expectations caught: a check that broke says nothing of the data."""
    for each in [info] if "raised_exception" in info else info.values():
        if each["raised_exception"]:
            what = f"the expectation {planned.name} of {planned.column or 'the table'} broke"
            error = RuntimeError(f"{what}: {each['exception_message']}")
            error.add_note(str(each["exception_traceback"]))
            raise error

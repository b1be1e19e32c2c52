"""The expectations of ours that a suite holds beside Great Expectations' own, each on one measure of a column."""

from typing import Any, ClassVar

from aimon.validate.beyond import Reference
from aimon.validate.gx import BatchExpectation, ExpectationConfiguration, PrivateAttr
from aimon.validate.measures import Found
from aimon.validate.reading import Reading

Number = float | dict[str, str]
Count = int | dict[str, str]
"""A value, or the name of the parameter that gives it."""


class _ColumnExpectation(BatchExpectation):
    """An expectation of one column. It names no more keys than its measure needs: each is looked up many times."""

    column: str

    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id", "column")


class _ReadingExpectation(_ColumnExpectation):
    """An expectation of a column's readings; most of a suite are such.

    Great Expectations asks for the configuration a dozen times a run and writes parameters into it. There are none
    here, so it is made once.
    """

    grid: str
    _told: ExpectationConfiguration | None = PrivateAttr(None)

    metric_dependencies: ClassVar[tuple[str, ...]] = ("column.readings",)
    success_keys: ClassVar[tuple[str, ...]] = ("grid",)

    @property
    def configuration(self) -> ExpectationConfiguration:
        if self._told is None:
            self._told = super().configuration
        return self._told


class _ExpectShare(_ReadingExpectation):
    """Rows of one reading are no more than the reference explains."""

    reference_failing: int
    reference_rows: int
    limit: float
    rise: bool = True
    blind: bool = False

    reading: ClassVar[Reading]

    def _validate(self, metrics: Found, runtime_configuration: Any = None, execution_engine: Any = None) -> Found:  # noqa: ARG002
        found = metrics["column.readings"]
        if found is None:
            return ABSENT
        failing = found["counts"][self.reading]
        reference = Reference(self.reference_failing, self.reference_rows, self.limit, self.rise, self.blind)
        exceeded = reference.exceeded(failing, found["rows"])
        return result(found["rows"], failing, found["first"].get(int(self.reading), []), success=not exceeded)


class ExpectColumnToBeFilledAsInReference(_ExpectShare):
    """Values are missing no more often than in the reference."""

    reading = Reading.MISSING


class ExpectColumnToReadAsInReference(_ExpectShare):
    """Values are of the reference's kind: numbers read as numbers, times as times, text is text."""

    reading = Reading.UNREADABLE


class ExpectColumnToStayInReferenceRange(_ExpectShare):
    """Numbers lie between the reference's smallest and largest, scores in [0, 1]."""

    reading = Reading.OUTSIDE


class ExpectColumnToHaveReferenceCategories(_ExpectShare):
    """Categories are ones that the reference had."""

    reading = Reading.UNSEEN


class ExpectColumnToHoldValues(_ReadingExpectation):
    """Not every row is without a value."""

    def _validate(self, metrics: Found, runtime_configuration: Any = None, execution_engine: Any = None) -> Found:  # noqa: ARG002
        found = metrics["column.readings"]
        if found is None:
            return ABSENT
        empty = found["counts"][Reading.MISSING]
        return result(
            found["rows"], empty, found["first"].get(int(Reading.MISSING), []), success=empty < max(found["rows"], 1)
        )


class ExpectIdsToBeDistinct(_ColumnExpectation):
    """Few rows repeat an id, those counted that were left out when the day was written."""

    dropped: Count
    limit: float

    metric_dependencies: ClassVar[tuple[str, ...]] = ("column.repeats",)

    def _validate(self, metrics: Found, runtime_configuration: Any = None, execution_engine: Any = None) -> Found:  # noqa: ARG002
        found = metrics["column.repeats"]
        if found is None:
            return ABSENT
        dropped = self.dropped if isinstance(self.dropped, int) else 0
        rows, failing = found["rows"] + dropped, found["failing"] + dropped
        return result(rows, failing, found["first"], success=failing <= self.limit * rows)


class ExpectInstantsInsideDay(_ColumnExpectation):
    """No row is stamped before the day, after it, or in the future."""

    first_instant: Number
    last_instant: Number

    metric_dependencies: ClassVar[tuple[str, ...]] = ("column.instants",)
    success_keys: ClassVar[tuple[str, ...]] = ("first_instant", "last_instant")

    def _validate(self, metrics: Found, runtime_configuration: Any = None, execution_engine: Any = None) -> Found:  # noqa: ARG002
        found = metrics["column.instants"]
        if found is None:
            return ABSENT
        return result(found["rows"], found["failing"], found["first"], success=found["failing"] == 0)


class ExpectLatestInstantAfter(_ColumnExpectation):
    """The last row is not too old; there is nothing to expect of a day without rows."""

    first_instant: Number
    last_instant: Number
    after: Number

    metric_dependencies: ClassVar[tuple[str, ...]] = ("column.instants",)
    success_keys: ClassVar[tuple[str, ...]] = ("first_instant", "last_instant")

    def _validate(self, metrics: Found, runtime_configuration: Any = None, execution_engine: Any = None) -> Found:  # noqa: ARG002
        found = metrics["column.instants"]
        if found is None:
            return ABSENT
        latest = found["latest"]
        fresh = latest is None or not isinstance(self.after, float) or latest >= self.after
        return result(found["rows"], 0 if fresh else found["rows"], [], success=fresh)


class ExpectRowsToBeUsable(BatchExpectation):
    """Few rows were kept apart because they cannot be used."""

    quarantined: Count
    limit: float

    metric_dependencies: ClassVar[tuple[str, ...]] = ("table.row_count",)

    def _validate(self, metrics: Found, runtime_configuration: Any = None, execution_engine: Any = None) -> Found:  # noqa: ARG002
        apart = self.quarantined if isinstance(self.quarantined, int) else 0
        rows = int(metrics["table.row_count"]) + apart
        return result(rows, apart, [], success=apart <= self.limit * rows)


ABSENT: Found = {"success": True, "result": {"details": {"absent": True}}}
"""What an expectation says of a column that is not there; that it is missing is another one's finding."""


def result(rows: int, failing: int, first: list[int], *, success: bool) -> Found:
    """What an expectation gives back, under the names that Great Expectations uses."""
    return {
        "success": bool(success),
        "result": {"element_count": int(rows), "unexpected_count": int(failing), "details": {"first": first}},
    }

"""What Great Expectations measures of a column: its readings, repetitions and instants. In: a frame. Out: counts.

Each measure also tells the first failing rows by number, never by value.
"""

from typing import Any
from weakref import WeakValueDictionary

import numpy as np

from aimon.profile.numbers import read_numbers
from aimon.spec.model import Kind
from aimon.validate.frame import column_of
from aimon.validate.gx import MetricDomainTypes, MetricProvider, PandasExecutionEngine, metric_value
from aimon.validate.reading import GridReader, Reading

SAMPLE = 10
GRIDS: WeakValueDictionary[str, GridReader] = WeakValueDictionary()
"""Readers by the id of their grid. Great Expectations copies an expectation's arguments a dozen times a run, so the
arguments name a grid instead of holding its thousands of categories."""
DOMAIN = ("batch_id", "column")

Found = dict[str, Any]


class ColumnReadings(MetricProvider):
    """How the values of a column read against the reference; None where there is no such column."""

    metric_name = "column.readings"
    domain_keys = DOMAIN
    value_keys = ("grid",)

    @metric_value(engine=PandasExecutionEngine)
    def _pandas(cls, execution_engine: PandasExecutionEngine, **kwargs: Any) -> Found | None:  # noqa: N805
        array = _column(execution_engine, kwargs)
        if array is None:
            return None
        reader = GRIDS[kwargs["metric_value_kwargs"]["grid"]].column(kwargs["metric_domain_kwargs"]["column"])
        found = reader.read(array)
        return {
            "rows": len(found),
            "counts": np.bincount(found, minlength=len(Reading)).tolist(),
            "first": {int(reading): first_rows(found == reading) for reading in np.unique(found) if reading},
        }


class ColumnRepeats(MetricProvider):
    """The rows of a column that repeat the value of an earlier row."""

    metric_name = "column.repeats"
    domain_keys = DOMAIN
    value_keys = ()

    @metric_value(engine=PandasExecutionEngine)
    def _pandas(cls, execution_engine: PandasExecutionEngine, **kwargs: Any) -> Found | None:  # noqa: N805
        array = _column(execution_engine, kwargs)
        if array is None:
            return None
        places = np.flatnonzero(array.is_valid().to_numpy(zero_copy_only=False))
        values = array.drop_null().to_numpy(zero_copy_only=False)
        order = np.argsort(values, kind="stable")
        again = np.zeros(len(array), np.bool_)
        again[places[order[1:]]] = values[order[1:]] == values[order[:-1]]
        return {"rows": len(array), "failing": int(again.sum()), "first": first_rows(again)}


class ColumnInstants(MetricProvider):
    """The latest instant of a column, in seconds since 1970, and the rows outside a range of instants."""

    metric_name = "column.instants"
    domain_keys = DOMAIN
    value_keys = ("first_instant", "last_instant")

    @metric_value(engine=PandasExecutionEngine)
    def _pandas(cls, execution_engine: PandasExecutionEngine, **kwargs: Any) -> Found | None:  # noqa: N805
        array = _column(execution_engine, kwargs)
        if array is None:
            return None
        numbers, bounds = read_numbers(array, Kind.DATETIME), kwargs["metric_value_kwargs"]
        there = numbers.finite()
        outside = there & ((numbers.values < bounds["first_instant"]) | (numbers.values >= bounds["last_instant"]))
        latest = float(numbers.values[there].max()) if there.any() else None
        return {"rows": len(array), "failing": int(outside.sum()), "first": first_rows(outside), "latest": latest}


def first_rows(failing: Any) -> list[int]:
    """The numbers of the first failing rows."""
    found: list[int] = np.flatnonzero(failing)[:SAMPLE].tolist()
    return found


def _column(execution_engine: PandasExecutionEngine, kwargs: Found) -> Any:
    """The metric's column as Arrow, or None."""
    frame, _, _ = execution_engine.get_compute_domain({"batch_id": None}, domain_type=MetricDomainTypes.TABLE)
    name = kwargs["metric_domain_kwargs"]["column"]
    return column_of(frame, name) if name in frame.columns else None

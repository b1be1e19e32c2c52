"""Values as a database's driver gives them, as Arrow columns. Nothing is refused: at worst it is text."""

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from aimon.intake.align import UTC_MICROS

_TYPES: dict[type, pa.DataType] = {
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    str: pa.string(),
    bytes: pa.binary(),
    date: pa.date32(),
    time: pa.time64("us"),
    timedelta: pa.duration("us"),
}
_SIMPLE = {*_TYPES, datetime, Decimal, type(None)}
_NUMBERS = {bool, int, float, Decimal}


def batch_of(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> pa.RecordBatch:
    """Rows as one batch, each column with the type that its values show."""
    columns = zip(*rows, strict=True) if rows else [() for _ in names]
    return pa.RecordBatch.from_arrays([column_of(values) for values in columns], list(names))


def column_of(values: Iterable[Any]) -> pa.Array:
    """One column: of a type that holds all its values, else of text.

    >>> column_of([1, None, 2.5]).type, column_of(["a", 1]).to_pylist(), column_of([{"b": 1}]).to_pylist()
    (DataType(double), ['a', '1'], ['{"b": 1}'])
    """
    simple = list(values)
    kinds = set(map(type, simple))
    if not kinds <= _SIMPLE:
        simple = [_simple(value) for value in simple]
        kinds = set(map(type, simple))
    try:
        return _typed(simple, kinds - {type(None)})
    except (pa.ArrowException, OverflowError, ValueError):  # a number or a year beyond the type: what it says is kept
        return pa.array([None if value is None else str(value) for value in simple], pa.string())


def _typed(values: list[Any], kinds: set[type]) -> pa.Array:
    if kinds == {datetime}:
        zones = {value.tzinfo is None for value in values if value is not None}
        return pa.array(values, pa.timestamp("us") if zones == {True} else UTC_MICROS)
    if len(kinds) <= 1 and kinds <= _TYPES.keys():
        return pa.array(values, _TYPES[kinds.pop()] if kinds else pa.null())
    if kinds <= {bool, int}:
        return pa.array([None if value is None else int(value) for value in values], pa.int64())
    if kinds <= {Decimal, int} and all(value is None or Decimal(value).is_finite() for value in values):
        return pa.array([None if value is None else Decimal(value) for value in values])
    if kinds <= _NUMBERS:
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    return pa.array([None if value is None else str(value) for value in values], pa.string())


def _simple(value: Any) -> Any:
    if type(value) in _SIMPLE:
        return value
    if isinstance(value, memoryview | bytearray):
        return bytes(value)
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
    return value.item() if hasattr(value, "item") else str(value)


def type_of(declared: Any) -> pa.DataType:
    """The Arrow type of values of a declared SQL type; the null type where that says little."""
    try:
        kind = declared.python_type
    except NotImplementedError:
        return pa.null()
    if kind is datetime:
        return UTC_MICROS if getattr(declared, "timezone", False) else pa.timestamp("us")
    return pa.float64() if kind is Decimal else _TYPES.get(kind, pa.null())

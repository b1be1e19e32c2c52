"""Types for columns that came as text. In: the texts of one day's rows. Out: the narrowest type that holds them all.

true/false are booleans; numbers are numbers, unless leading zeros or more than 15 digits show that they are names; ISO
dates and times are those; everything else stays text. An empty field is null.
"""

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from aimon.intake.align import UTC_MICROS, common
from aimon.intake.moment import UnreadableError, is_aware, is_iso, to_utc

NO_VALUE = ("", "NA", "N/A", "n/a", "#N/A", "<NA>", "null", "NULL", "Null", "None", "NaT")
"""Words for "no value" in a column of anything but text. In a text column they are text: NA may be Namibia."""
_NOT_A_NUMBER = ("nan", "NaN", "NAN", "-nan")
_BOOLEANS = ("true", "false", "True", "False", "TRUE", "FALSE")
_NAIVE_MICROS = pa.timestamp("us")
_NAMES = r"^-?0\d|^-?\d{16,}$|^\+"


class TextTypes:
    """Learns the type of each column of texts from batch after batch; a column of anything else keeps its type."""

    def __init__(self) -> None:
        self._kinds: dict[str, pa.DataType] = {}

    def learn(self, batch: pa.RecordBatch) -> None:
        """Widen the types until they hold this batch too."""
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            kind = self._kinds.get(name, pa.null())
            if not types.is_string(column.type):
                self._kinds[name] = column.type
            elif not types.is_string(kind):
                self._kinds[name] = _met(kind, _kind_of(column, kind))

    def schema(self, names: Iterable[str]) -> pa.Schema:
        """The types learnt so far; a column without any value has the null type."""
        return pa.schema([(name, self._kinds.get(name, pa.null())) for name in names])


def typed(batch: pa.RecordBatch, schema: pa.Schema, timezone: str) -> pa.RecordBatch:
    """The batch of texts with the columns and types of the schema; a column it does not have is null."""
    have = set(batch.schema.names)
    columns = [
        _typed(batch.column(field.name), field.type, timezone)
        if field.name in have
        else pa.nulls(batch.num_rows, field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _met(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    """As `common`, but that yes and no do not meet numbers: as texts they have nothing in common."""
    booleans = types.is_boolean(one) + types.is_boolean(other)
    if booleans == 1 and not (types.is_null(one) or types.is_null(other)):
        return pa.string()
    return common(one, other)


def _kind_of(column: pa.Array, expected: pa.DataType) -> pa.DataType:
    values = _without(column, NO_VALUE).drop_null()
    if not len(values):
        return pa.null()
    if _is_boolean(values):
        return pa.bool_()
    number = _number_kind(values, expected)
    return number if number is not None else _time_kind(values)


def _is_boolean(values: pa.Array) -> bool:
    if values[0].as_py() not in _BOOLEANS + _NOT_A_NUMBER:
        return False
    known = pc.is_in(values, value_set=pa.array(_BOOLEANS + _NOT_A_NUMBER))
    return bool(pc.all(known).as_py()) and bool(pc.any(pc.is_in(values, value_set=pa.array(_BOOLEANS))).as_py())


def _number_kind(values: pa.Array, expected: pa.DataType) -> pa.DataType | None:
    kinds = [pa.float64()] if types.is_floating(expected) else [pa.int64(), pa.float64()]
    for kind in kinds:
        try:
            _cast_number(values, kind)
        except pa.ArrowInvalid:
            continue
        return None if _are_names(values) else kind
    return None


def _are_names(values: pa.Array) -> bool:
    """Whether digits stand for something that is not counted: 007, a card number, 0x1F, +49."""
    return bool(pc.any(pc.match_substring_regex(values, _NAMES + "|[xX]")).as_py())


def _time_kind(values: pa.Array) -> pa.DataType:
    if not is_iso(values.slice(0, 1)) or not is_iso(values):
        return pa.string()
    try:
        to_utc(values, "UTC")
    except UnreadableError:  # a 30 February is a text like any other
        return pa.string()
    if is_aware(values):
        return UTC_MICROS
    dates = pc.equal(pc.utf8_length(pc.utf8_trim_whitespace(values)), 10)
    return pa.date32() if pc.all(dates).as_py() else _NAIVE_MICROS


def _typed(column: pa.Array, kind: pa.DataType, timezone: str) -> pa.Array:
    if types.is_string(kind) or not types.is_string(column.type):
        return column
    if types.is_null(kind):
        return pa.nulls(len(column))
    column = _without(column, NO_VALUE)
    if types.is_integer(kind) or types.is_floating(kind):
        return _cast_number(column, kind)
    if types.is_boolean(kind):
        return _without(column, _NOT_A_NUMBER).cast(kind)
    moments = to_utc(column, timezone if kind == UTC_MICROS else "UTC")
    return moments if kind == UTC_MICROS else moments.cast(_NAIVE_MICROS).cast(kind)


def _cast_number(column: pa.Array, kind: pa.DataType) -> pa.Array:
    try:
        return column.cast(kind)
    except pa.ArrowInvalid:
        return pc.utf8_trim_whitespace(column).cast(kind)


def _without(column: pa.Array, words: tuple[str, ...]) -> pa.Array:
    found = pc.is_in(column, value_set=pa.array(words))
    return pc.if_else(found, None, column) if pc.any(found).as_py() else column

"""Tables that do not agree made to agree: one schema for files whose columns or types differ.

Columns are united by name. Types meet in the smallest type that holds both; where there is none, both become text.
Nothing here fails on a value: whatever a column turned into overnight, its rows can be read.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

UTC_MICROS = pa.timestamp("us", tz="UTC")
_SIMPLER = (
    (types.is_large_string, pa.string()),
    (types.is_string_view, pa.string()),
    (types.is_large_binary, pa.binary()),
    (types.is_binary_view, pa.binary()),
    (types.is_fixed_size_binary, pa.binary()),
    (types.is_float16, pa.float32()),
    (types.is_date64, pa.date32()),
    (types.is_interval, pa.string()),
)


def plain(kind: pa.DataType) -> pa.DataType:
    """The type as the lake keeps it: no dictionaries, no variants that differ only in their layout.

    >>> plain(pa.dictionary(pa.int8(), pa.large_string()))
    DataType(string)
    """
    if types.is_dictionary(kind) or types.is_run_end_encoded(kind):
        return plain(kind.value_type)
    if isinstance(kind, pa.BaseExtensionType):
        return plain(kind.storage_type)
    if types.is_timestamp(kind):
        return pa.timestamp(kind.unit, tz=None if kind.tz is None else "UTC")
    if types.is_decimal(kind):
        return pa.decimal128(kind.precision, kind.scale) if kind.precision <= 38 else pa.float64()
    if types.is_nested(kind) and not _is_plain_nested(kind):
        return pa.string()
    return next((simple for test, simple in _SIMPLER if test(kind)), kind)


def _is_plain_nested(kind: pa.DataType) -> bool:
    """Whether Parquet can hold the lists and structures as they are; otherwise they are kept as JSON text."""
    if types.is_list(kind) or types.is_large_list(kind):
        inner = [kind.value_type]
    elif types.is_struct(kind):
        inner = [field.type for field in kind]
    else:
        return False
    return bool(inner) and all(one == plain(one) for one in inner)


def common(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    """The type that both become where they meet in one column.

    >>> common(pa.int8(), pa.int32()), common(pa.int64(), pa.float32()), common(pa.int64(), pa.string())
    (DataType(int32), DataType(double), DataType(string))
    """
    one, other = plain(one), plain(other)
    if one == other or types.is_null(other):
        return one
    if types.is_null(one):
        return other
    if _is_number(one) and _is_number(other):
        return _common_number(one, other)
    if _is_moment(one) and _is_moment(other):
        return UTC_MICROS if "UTC" in (getattr(one, "tz", None), getattr(other, "tz", None)) else pa.timestamp("us")
    return pa.string()


def united(schemas: Iterable[pa.Schema]) -> pa.Schema:
    """The columns of all, each once, in the order they first appear, with the type that holds them all."""
    fields: dict[str, pa.DataType] = {}
    for schema in schemas:
        for field in schema:
            seen = fields.get(field.name)
            fields[field.name] = plain(field.type) if seen is None else common(seen, field.type)
    return pa.schema(fields.items())


def fitted(batch: pa.RecordBatch, schema: pa.Schema, timezone: str = "UTC") -> pa.RecordBatch:
    """The batch with exactly the schema's columns and types; a column it does not have is null.

    A naive time that meets aware ones is read in `timezone`.
    """
    if batch.schema.equals(schema, check_metadata=True):
        return batch
    have = {name: position for position, name in enumerate(batch.schema.names)}
    columns = [
        _cast(batch.column(have[field.name]), field.type, timezone)
        if field.name in have
        else pa.nulls(batch.num_rows, field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def chained(readers: Sequence[pa.RecordBatchReader]) -> pa.RecordBatchReader:
    """The rows of several readers one after the other, under one schema."""
    schema = united(reader.schema for reader in readers)
    batches = (fitted(batch, schema) for reader in readers for batch in reader)
    return pa.RecordBatchReader.from_batches(schema, batches)


def _is_number(kind: pa.DataType) -> bool:
    return any(test(kind) for test in (types.is_boolean, types.is_integer, types.is_floating, types.is_decimal))


def _is_moment(kind: pa.DataType) -> bool:
    return bool(types.is_timestamp(kind) or types.is_date(kind))


def _common_number(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    """A boolean counts as 0 or 1. Integers stay integers, decimals stay decimals, everything else is a double."""
    if types.is_boolean(one) or types.is_boolean(other):
        number = other if types.is_boolean(one) else one
        return number if types.is_floating(number) else _common_number(pa.int8(), number)
    if types.is_integer(one) and types.is_integer(other):
        return _common_integer(one, other)
    if types.is_decimal(one) and types.is_decimal(other):
        scale = max(one.scale, other.scale)
        precision = max(one.precision - one.scale, other.precision - other.scale) + scale
        return pa.decimal128(precision, scale) if precision <= 38 else pa.float64()
    return pa.float64()


def _common_integer(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    if types.is_signed_integer(one) == types.is_signed_integer(other):
        return max(one, other, key=lambda kind: kind.bit_width)
    signed, unsigned = (one, other) if types.is_signed_integer(one) else (other, one)
    width = max(signed.bit_width, 2 * unsigned.bit_width)
    return {16: pa.int16(), 32: pa.int32(), 64: pa.int64()}.get(width, pa.float64())


def _cast(column: pa.Array, kind: pa.DataType, timezone: str) -> pa.Array:
    column = decoded(column)
    if column.type == kind:
        return column
    if types.is_string(kind):
        return _text(column)
    if types.is_boolean(column.type):
        column = column.cast(pa.int8())
    if types.is_timestamp(kind) and kind.tz is not None and getattr(column.type, "tz", None) is None:
        naive = column.cast(pa.timestamp("us"), safe=False)
        if timezone != "UTC":
            aware = pc.assume_timezone(naive, timezone, ambiguous="earliest", nonexistent="latest")
            return aware.cast(kind, safe=False)
        return naive.cast(kind, safe=False)
    return column.cast(kind, safe=False)


def decoded(column: pa.Array) -> pa.Array:
    """The column with the type that `plain` gives it."""
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if types.is_dictionary(column.type):
        column = column.dictionary_decode()
    elif types.is_run_end_encoded(column.type):
        column = pc.run_end_decode(column)
    kind = plain(column.type)
    if column.type == kind:
        return column
    return _text(column) if types.is_string(kind) else column.cast(kind, safe=False)


def _text(column: pa.Array) -> pa.Array:
    if types.is_nested(column.type) or types.is_interval(column.type) or types.is_duration(column.type):
        return pa.array([_as_json(value) for value in column.to_pylist()], pa.string())
    if types.is_binary(column.type) or types.is_fixed_size_binary(column.type):
        return pa.array([None if value is None else value.decode("utf-8", "replace") for value in column.to_pylist()])
    return column.cast(pa.string())


def _as_json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)

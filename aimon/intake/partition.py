"""Columns that stand in folder names (`region=EU/part-1.parquet`): whole numbers as integers, all else as text."""

import re

import pyarrow as pa

from aimon.intake.data_file import DataFile

_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")


def with_partition_fields(schema: pa.Schema, file: DataFile) -> pa.Schema:
    """The file's columns and those of its folders; a column that is in both is the file's."""
    for name, value in file.partition:
        if name not in schema.names:
            schema = schema.append(pa.field(name, _scalar(value).type))
    return schema


def with_partition_values(batch: pa.RecordBatch, file: DataFile, wanted: set[str]) -> pa.RecordBatch:
    """The batch with those of the folders' columns that are wanted and not in it."""
    for name, value in file.partition:
        if name in wanted and name not in batch.schema.names:
            scalar = _scalar(value)
            batch = batch.append_column(pa.field(name, scalar.type), pa.repeat(scalar, batch.num_rows))
    return batch


def _scalar(value: str | None) -> pa.Scalar:
    if value is not None and _INTEGER.fullmatch(value):
        return pa.scalar(int(value), pa.int64())
    return pa.scalar(value, pa.string())


def partition_column(name: str, file: DataFile) -> pa.Array:
    """The one value the file's folders give the column."""
    return pa.array([_scalar(dict(file.partition)[name])])

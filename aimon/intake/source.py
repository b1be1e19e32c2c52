"""What every source of predictions answers, and the one place that picks a source by its `kind`.

The sources themselves are in `parquet_files`, `csv_files`, `sql` and `collector`.
"""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

import pyarrow as pa
from sqlalchemy import Engine

from aimon.errors import SourceError
from aimon.intake.parquet_files import ParquetFiles
from aimon.spec.model import ModelSpec, ParquetSource


class DaySource(Protocol):
    """Predictions that can be read one UTC day at a time. Everything here raises SourceError where it cannot."""

    def schema(self) -> pa.Schema:
        """Every column of the source with the type it has over the whole source."""

    def batches(self, start: datetime, end: datetime, columns: Sequence[str] | None = None) -> pa.RecordBatchReader:
        """The rows with start <= timestamp < end, in the source's order, with the timestamp as UTC microseconds.

        The reader is an iterator of record batches that all have its `schema`: the types of these rows, which may
        differ from those of another day. Rows of other days are never held in memory.
        """

    def rows(self, columns: Sequence[str] | None = None) -> pa.RecordBatchReader:
        """Every row of the source, with or without a timestamp."""

    def days(self) -> list[date] | None:
        """The UTC days that hold rows, in order; None where telling would mean reading everything."""

    def undated(self) -> int | None:
        """How many rows belong to no day because their timestamp is empty; None where that is not cheap to tell."""


def open_source(spec: ModelSpec, root: Path, engine: Engine | None = None) -> DaySource:
    """The source a model declares; relative paths start at `root`, and the collector's inbox is read by `engine`."""
    source = spec.source
    timestamp = spec.columns.timestamp
    if isinstance(source, ParquetSource):
        return ParquetFiles(source.path, root=root, timestamp=timestamp, timezone=source.timezone)
    raise SourceError(f"{spec.model}: the model declares no source; add `source:` to its file")

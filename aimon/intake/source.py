"""What every source of predictions answers, and the one place that picks a source by its `kind`.

The sources themselves are in `parquet_files`, `csv_files`, `sql` and `collector`.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path, PurePosixPath
from typing import Protocol

import pyarrow as pa
from sqlalchemy import Engine

from aimon.encryption.datakeys import DataKeys
from aimon.errors import SourceError
from aimon.intake.collector import Inbox
from aimon.intake.csv_files import CsvFiles
from aimon.intake.parquet_files import ParquetFiles
from aimon.intake.sealed_batches import SealedBatches
from aimon.intake.sql import SqlRows
from aimon.spec.model import CollectorSource, CsvSource, ModelSpec, ParquetSource, SqlSource
from aimon.spec.sealed import SealedSource


class DaySource(Protocol):
    """Predictions that can be read one UTC day at a time. Everything here raises SourceError where it cannot."""

    def schema(self) -> pa.Schema:
        """Every column of the source with the type it has over the whole source."""

    def columns(self) -> list[str]:
        """The names of every column, without reading a row."""

    def batches(self, start: datetime, end: datetime, columns: Sequence[str] | None = None) -> pa.RecordBatchReader:
        """The rows with start <= timestamp < end, in the source's order, with the timestamp as UTC microseconds.

        The reader is an iterator of record batches that all have its `schema`: the types of these rows, which may
        differ from those of another day. Rows of other days are never held in memory.
        """

    def rows(self, columns: Sequence[str] | None = None) -> pa.RecordBatchReader:
        """Every row of the source, with or without a timestamp."""

    def days(self) -> list[date] | None:
        """The UTC days that hold rows, in order; None where telling would mean reading everything."""

    def stamps(self, wanted: Sequence[date]) -> Mapping[date, str] | None:
        """A short text for each of the days that changes when its rows may have; None where only reading would tell."""

    def undated(self) -> int | None:
        """How many rows belong to no day because their timestamp is empty; None where that is not cheap to tell."""


def open_source(spec: ModelSpec, root: Path, engine: Engine | None = None, keys: DataKeys | None = None) -> DaySource:
    """The source a model declares; relative paths start at `root`.

    The collector's inbox is read by `engine`, and what is encrypted in it is opened by `keys`.
    """
    source, columns = spec.source, spec.columns
    match source:
        case ParquetSource():
            return ParquetFiles(source.path, root=root, timestamp=columns.timestamp, timezone=source.timezone)
        case CsvSource():
            return CsvFiles(
                source.path,
                root=root,
                timestamp=columns.timestamp,
                timezone=source.timezone,
                delimiter=source.delimiter,
            )
        case SqlSource():
            return SqlRows(source, root=root, timestamp=columns.timestamp, order=columns.id)
        case CollectorSource() if engine is not None:
            named = {"id_column": columns.id or "id", "timestamp": columns.timestamp or "timestamp"}
            return Inbox(engine, spec.model, **named, keys=keys)
        case SealedSource() if engine is not None:
            return SealedBatches(engine, spec.model)
        case CollectorSource() | SealedSource():
            raise SourceError(f"{spec.model}: what was sent is known to the operations database; give its engine")
        case _:
            raise SourceError(f"{spec.model}: the model declares no source; add `source:` to its file")


def open_file(path: str, root: Path) -> DaySource:
    """The rows of files that no model declares, such as a training set; a name with `.csv` in it says CSV."""
    is_csv = ".csv" in PurePosixPath(path).name.lower()
    return CsvFiles(path, root=root) if is_csv else ParquetFiles(path, root=root)

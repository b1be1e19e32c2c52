"""Predictions into the lake: one day of one model, from wherever the model says its rows are."""

from collections.abc import Iterator
from datetime import date

import pyarrow as pa

from aimon.clock import day_end, day_start
from aimon.intake.source import open_source
from aimon.lake.manifest import DayManifest
from aimon.platform import Platform
from aimon.spec.model import CollectorSource, ModelSpec
from aimon.store import inbox
from aimon.validate.quarantine import Quarantine


def ingest(platform: Platform, spec: ModelSpec, day: date) -> DayManifest:
    """Copy the day's rows from the source; doing it again replaces them. A day without rows is an empty file.

    Rows that cannot be used are kept apart.
    """
    reader = open_source(spec, platform.root, platform.store.engine).batches(day_start(day), day_end(day))
    if isinstance(spec.source, CollectorSource):
        return empty_inbox(platform, spec, day, reader)
    usable = Quarantine(platform.lake, spec, day).sieve(reader)
    return platform.lake.write_day(spec.model, day, usable, reader.schema, id_column=spec.columns.id)


def empty_inbox(platform: Platform, spec: ModelSpec, day: date, reader: pa.RecordBatchReader) -> DayManifest:
    """Add the inbox's rows to the day's, then delete exactly these from the inbox, as the lake holds them now."""
    id_column, taken = spec.columns.id or "id", list[str]()

    def noted() -> Iterator[pa.RecordBatch]:
        for batch in reader:
            taken.extend(batch.column(id_column).to_pylist())
            yield batch

    usable = Quarantine(platform.lake, spec, day, extend=True).sieve(noted())
    rows = pa.RecordBatchReader.from_batches(reader.schema, usable)
    manifest = platform.lake.extend_day(spec.model, day, rows, id_column=id_column)
    with platform.store.transaction() as connection:
        inbox.purge(connection, spec.model, day, taken)
    return manifest

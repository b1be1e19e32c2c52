"""Predictions into the lake: one day of one model, from wherever the model says its rows are."""

from datetime import date

from aimon.clock import day_end, day_start
from aimon.intake.source import open_source
from aimon.lake.manifest import DayManifest
from aimon.platform import Platform
from aimon.spec.model import CollectorSource, ModelSpec


def ingest(platform: Platform, spec: ModelSpec, day: date) -> DayManifest:
    """Copy the day's rows from the source; doing it again replaces them. A day without rows is an empty file.

    The collector's inbox holds only what came since the last time, so its rows are added to the day's.
    """
    source = open_source(spec, platform.root, platform.store.engine)
    reader = source.batches(day_start(day), day_end(day))
    if isinstance(spec.source, CollectorSource):
        return platform.lake.extend_day(spec.model, day, reader, id_column=spec.columns.id or "id")
    return platform.lake.write_day(spec.model, day, reader, reader.schema, id_column=spec.columns.id)

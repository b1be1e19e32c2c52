"""Predictions into the lake: one day of one model, from wherever the model says its rows are."""

from datetime import date, datetime

import pyarrow as pa

from aimon import tracing
from aimon.clock import day_end, day_start
from aimon.daily.feedback import join_feedback
from aimon.daily.labels import relabel
from aimon.intake.collector import Inbox
from aimon.intake.source import open_source
from aimon.lake.manifest import DayManifest
from aimon.platform import Platform
from aimon.spec.model import ModelSpec
from aimon.store import inbox
from aimon.validate.quarantine import Quarantine


def ingest(platform: Platform, spec: ModelSpec, day: date, as_of: datetime) -> DayManifest:
    """Copy the day's rows from the source; doing it again replaces them. A day without rows is an empty file.

    Rows that cannot be used are kept apart. Labels that came by themselves, up to the instant, are joined.
    What people said of the rows learns which class was predicted.
    """
    manifest = copy(platform, spec, day)
    changed = relabel(platform, spec, day, as_of)
    join_feedback(platform, spec, [day])
    return (platform.lake.manifest(spec.model, day) or manifest) if changed else manifest


def copy(platform: Platform, spec: ModelSpec, day: date) -> DayManifest:
    """The day's rows as the source has them."""
    source = open_source(spec, platform.root, platform.store.engine, platform.keys)
    if isinstance(source, Inbox):
        return empty_inbox(platform, spec, day, source)
    reader = source.batches(day_start(day), day_end(day))
    usable = Quarantine(platform.lake, spec, day).sieve(reader)
    return platform.lake.write_day(spec.model, day, usable, reader.schema, id_column=spec.columns.id)


def empty_inbox(platform: Platform, spec: ModelSpec, day: date, source: Inbox) -> DayManifest:
    """Add what waits in the inbox to the day's rows, then delete exactly that from the inbox: the lake holds it now."""
    taken = source.waiting(day)
    reader = source.parcels(taken)
    usable = Quarantine(platform.lake, spec, day, extend=True).sieve(reader)
    rows = pa.RecordBatchReader.from_batches(reader.schema, usable)
    manifest = platform.lake.extend_day(spec.model, day, rows, id_column=spec.columns.id or "id")
    with platform.store.session() as connection:
        tracing.link(inbox.traces(connection, taken))
    with platform.store.transaction() as connection:
        inbox.purge(connection, taken)
    return manifest

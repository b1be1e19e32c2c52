"""Late labels: joined to the day's rows in the lake by id, so that everything that reads the day knows them.

A label comes by itself, through the collector, or stands in the source by now. What a source no longer holds is never
taken away from the lake: only labels are read again.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from aimon.clock import DAY, day_end, day_start, days
from aimon.encryption.datakeys import finder
from aimon.intake.source import open_source
from aimon.intake.values import column_of
from aimon.intake.words import opened_label
from aimon.lake.manifest import DayManifest
from aimon.platform import Platform
from aimon.spec.model import CollectorSource, ModelSpec
from aimon.store import labels


def relabel(platform: Platform, spec: ModelSpec, day: date, as_of: datetime, *, reread: bool = False) -> int:
    """Give the day's rows the labels that are known at the instant; how many rows got another one.

    With `reread` the source is asked too. Labels that came by themselves outweigh those of the source.
    """
    id_column, label = spec.columns.id, spec.columns.label
    manifest = platform.lake.manifest(spec.model, day)
    if id_column is None or label is None or manifest is None or manifest.rows == 0:
        return 0
    told = source_labels(platform, spec, day) if reread else {}
    with platform.store.session() as connection:
        if not told and not labels.any_of(connection, spec.model):
            return 0
        rows = platform.lake.read_day(spec.model, day, _present(platform, spec, day, [id_column, label])).read_all()
        ids = [str(value) for value in rows.column(id_column).to_pylist()]
        heard = labels.known(connection, spec.model, ids, until=as_of)
    find = finder(platform.keys)
    told |= {name: opened_label(find, spec.model, name, label) for name, label in heard.items()}
    before = rows.column(label).to_pylist() if label in rows.column_names else [None] * len(ids)
    after = [told.get(each, old) for each, old in zip(ids, before, strict=True)]
    changed = sum(bool(new != old) for new, old in zip(after, before, strict=True))
    if changed:
        write_labels(platform, spec, manifest, label, column_of(after))
    return changed


def write_labels(platform: Platform, spec: ModelSpec, manifest: DayManifest, label: str, values: pa.Array) -> None:
    """Put the values into the day's label column; everything else of the day stays as it is."""
    reader = platform.lake.read_day(manifest.model, manifest.day)
    field = pa.field(label, values.type)
    place = reader.schema.get_field_index(label)
    schema = reader.schema.append(field) if place < 0 else reader.schema.set(place, field)

    def labelled() -> Iterator[pa.RecordBatch]:
        offset = 0
        for batch in reader:
            part = values.slice(offset, batch.num_rows)
            offset += batch.num_rows
            columns = {**dict(zip(batch.schema.names, batch.columns, strict=True)), label: part}
            yield pa.RecordBatch.from_arrays([columns[name] for name in schema.names], schema=schema)

    platform.lake.write_day(
        manifest.model, manifest.day, labelled(), schema, id_column=spec.columns.id, left_out=manifest.duplicates
    )


def source_labels(platform: Platform, spec: ModelSpec, day: date) -> dict[str, Any]:
    """The labels that the source has of the day's rows now, by id."""
    id_column, label = spec.columns.id, spec.columns.label
    if isinstance(spec.source, CollectorSource) or id_column is None or label is None:
        return {}
    source = open_source(spec, platform.root, platform.store.engine, platform.keys)
    if not {id_column, label} <= set(source.columns()):
        return {}
    found: dict[str, Any] = {}
    for batch in source.batches(day_start(day), day_end(day), [id_column, label]):
        pairs = zip(batch.column(id_column).to_pylist(), batch.column(label).to_pylist(), strict=True)
        found |= {str(key): value for key, value in pairs if key is not None and value is not None}
    return found


def days_of(platform: Platform, spec: ModelSpec, ids: Sequence[str], last: date, reach: int) -> list[date]:
    """The days that hold rows of these ids, among the last `reach` days; what expired is asked no more."""
    id_column, wanted = spec.columns.id, set(ids)
    if id_column is None or not wanted:
        return []
    return [
        day
        for day in days(last - (reach - 1) * DAY, last)
        if platform.lake.manifest(spec.model, day) is not None and not wanted.isdisjoint(_ids(platform, spec, day))
    ]


def _ids(platform: Platform, spec: ModelSpec, day: date) -> set[str]:
    id_column = str(spec.columns.id)
    present = _present(platform, spec, day, [id_column])
    reader = platform.lake.read_day(spec.model, day, present)
    return {str(value) for batch in reader for value in batch.column(id_column).to_pylist()} if present else set()


def _present(platform: Platform, spec: ModelSpec, day: date, names: Sequence[str]) -> list[str]:
    """Those of the columns that the day has."""
    there = platform.lake.day_file(spec.model, day).names()
    return [name for name in names if name in there]

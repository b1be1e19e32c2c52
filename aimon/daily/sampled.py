"""The samples of a model's day and of its baseline: drawn where they are missing or older than their rows.

In: the lake's rows, the baseline's file or days. Out: samples, kept beside the counts; None where no rows are left.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import date
from functools import partial

from aimon.clock import days
from aimon.errors import UserError
from aimon.insight.sample import Sample, draw, merged
from aimon.insight.sample_files import reading_files
from aimon.insight.sample_identity import Read
from aimon.insight.sample_store import SampleStore
from aimon.platform import Platform
from aimon.profile.files import as_parquet
from aimon.spec.model import ModelSpec
from aimon.store import baselines


def day_sample(platform: Platform, spec: ModelSpec, day: date) -> Sample | None:
    """The sample of the rows that the lake has now; of a day whose rows expired the one that was drawn of them."""
    samples = SampleStore(platform.lake)
    kept, manifest = samples.day(spec.model, day), platform.lake.manifest(spec.model, day)
    if manifest is None or (kept is not None and kept.origin == manifest.rows_digest):
        return kept
    sample = replace(_drawn(spec, partial(platform.lake.read_day, spec.model, day)), origin=manifest.rows_digest)
    samples.write_day(spec.model, day, sample)
    return sample


def baseline_sample(platform: Platform, spec: ModelSpec, baseline_id: str) -> Sample | None:
    """The sample of the reference rows; None where they are gone, or are no longer those that were counted."""
    samples = SampleStore(platform.lake)
    kept = samples.baseline(spec.model, baseline_id)
    if kept is not None:
        return kept
    with platform.store.session() as connection:
        baseline = baselines.get(connection, spec.model, baseline_id)
    origin = baseline.reference
    if "path" in origin:
        sample = _of_file(platform, spec, str(origin["path"]))
        if sample is None or sample.rows != baseline.rows:
            return None
        samples.write_baseline(spec.model, baseline_id, sample)
        return sample
    if "counts" in origin:
        return None
    period = days(date.fromisoformat(origin["from"]), date.fromisoformat(origin["to"]))
    parts = {day: sample for day in period if (sample := day_sample(platform, spec, day)) is not None}
    if not parts:
        return None
    whole = merged(parts.values())
    samples.write_baseline(spec.model, baseline_id, whole, first_day=min(parts))
    return whole


def _of_file(platform: Platform, spec: ModelSpec, path: str) -> Sample | None:
    try:
        with as_parquet([path if "://" in path else str(platform.root / path)]) as files:
            return _drawn(spec, reading_files(files))
    except (UserError, OSError):
        return None


def _drawn(spec: ModelSpec, read: Read) -> Sample:
    """Rows by the keyed hash of their id; a model's samples have one key, so that those of its days merge."""
    names: Collection[str] = read(None).schema.names
    id_column = spec.columns.id if spec.columns.id in names else None
    late = [] if spec.columns.label is None else [spec.columns.label]
    return draw(read, key=spec.model, id_column=id_column, late=late)

"""Samples of rows for reports that draw rows: the kept ones, or drawn on request while the rows are still there."""

from collections.abc import Mapping
from datetime import date
from functools import partial

from aimon.clock import days
from aimon.errors import DataError, ExpiredDayError, LakeError
from aimon.insight.sample import Sample, draw, merged
from aimon.insight.sample_store import SampleStore
from aimon.intake.parquet_files import ParquetFiles
from aimon.platform import Platform
from aimon.profile.files import as_parquet
from aimon.spec.model import ModelSpec

KEY = "report"
"""Which rows are drawn on request must not change from one request to the next; nothing is protected by it."""


def sampled_day(platform: Platform, spec: ModelSpec, day: date) -> Sample:
    """A sample of the day's rows. LakeError where they were never there, ExpiredDayError where they are gone."""
    kept = SampleStore(platform.lake).day(spec.model, day)
    return kept if kept is not None else _drawn(platform, spec, day)


def sampled_reference(platform: Platform, spec: ModelSpec, baseline_id: str, origin: Mapping[str, str]) -> Sample:
    """A sample of the rows that the baseline was counted from. DataError where none of them is left."""
    kept = SampleStore(platform.lake).baseline(spec.model, baseline_id)
    if kept is not None:
        return kept
    if "path" in origin:
        path = origin["path"] if "://" in origin["path"] else str(platform.root / origin["path"])
        with as_parquet([path]) as files:
            return merged([_of_file(platform, spec, file) for file in files])
    parts = []
    for day in days(date.fromisoformat(origin["from"]), date.fromisoformat(origin["to"])):
        try:
            parts.append(_drawn(platform, spec, day))
        except (ExpiredDayError, LakeError):
            continue
    if not parts:
        raise DataError(f"{spec.model}: the rows of its baseline have expired, so no sample of them can be drawn")
    return merged(parts)


def _drawn(platform: Platform, spec: ModelSpec, day: date) -> Sample:
    return draw(partial(platform.lake.read_day, spec.model, day), key=KEY, id_column=spec.columns.id, late=_late(spec))


def _of_file(platform: Platform, spec: ModelSpec, file: str) -> Sample:
    rows = ParquetFiles(file, root=platform.root)
    id_column = spec.columns.id if spec.columns.id in rows.columns() else None
    return draw(rows.rows, key=KEY, id_column=id_column, late=_late(spec))


def _late(spec: ModelSpec) -> tuple[str, ...]:
    return () if spec.columns.label is None else (spec.columns.label,)

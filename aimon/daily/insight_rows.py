"""Whole rows for the questions that counts cannot answer: the samples of a window and of the baseline, side by side."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, partial

import pyarrow as pa

from aimon.clock import days
from aimon.daily.reference import Reference, reference_rows
from aimon.daily.sampled import baseline_sample, day_sample
from aimon.daily.window import WINDOWS, Window, first_day
from aimon.errors import UserError
from aimon.insight.sample import Sample, merged
from aimon.insight.sample_files import reading_files
from aimon.insight.sample_store import SampleStore
from aimon.intake.align import chained
from aimon.platform import Platform
from aimon.profile.files import as_parquet
from aimon.spec.model import ModelSpec

ENOUGH = 1_000
"""With so many rows of its own, a day is asked alone."""
MANY = 200_000
"""Of a day with more rows, no long window reads them all."""


@dataclass
class WholeRows:
    """What is left of a model's rows: samples of its days and of its baseline, and the rows themselves."""

    platform: Platform
    spec: ModelSpec
    reference: Reference
    day: date

    @cached_property
    def of_day(self) -> Sample | None:
        """The day's own sample."""
        return day_sample(self.platform, self.spec, self.day)

    @cached_property
    def of_baseline(self) -> Sample | None:
        """The sample of the reference rows."""
        return baseline_sample(self.platform, self.spec, self.reference.baseline_id)

    @cached_property
    def window(self) -> Window:
        """The window that whole rows are asked about: the day, or where it has few rows the first that has enough."""
        own, *longer = WINDOWS
        if self.of_day is None or len(self.of_day) >= ENOUGH:
            return own
        return next((window for window in longer if len(self._merged(window) or ()) >= ENOUGH), own)

    @cached_property
    def current(self) -> Sample | None:
        """The sample of that window."""
        return self.of_day if self.window == WINDOWS[0] else self._merged(self.window)

    def along(self, window: Window, columns: Sequence[str]) -> pa.Table | None:
        """These columns of the window's rows; of a day with very many rows, or none any more, those of its sample."""
        found = [self._some_of(day, columns) for day in days(first_day(self.day, window), self.day)]
        return _united(table for table in found if table is not None)

    def rows_of_day(self, columns: Sequence[str]) -> pa.Table | None:
        """These columns of every row of the day; None where the rows, or a column, are gone."""
        return self._rows_of(self.day, columns)

    def rows_of_baseline(self, columns: Sequence[str]) -> pa.Table | None:
        """These columns of every reference row; None where the rows are gone."""
        try:
            with as_parquet(list(reference_rows(self.platform, self.spec).paths)) as files:
                return _readable(partial(reading_files(files), columns))
        except (UserError, OSError):
            return None

    def _some_of(self, day: date, columns: Sequence[str]) -> pa.Table | None:
        manifest = self.platform.lake.manifest(self.spec.model, day)
        if manifest is not None and manifest.rows <= MANY:
            return self._rows_of(day, columns)
        return SampleStore(self.platform.lake).columns(self.spec.model, day, columns)

    def _rows_of(self, day: date, columns: Sequence[str]) -> pa.Table | None:
        return _readable(partial(self.platform.lake.read_day, self.spec.model, day, columns))

    def _merged(self, window: Window) -> Sample | None:
        earlier = SampleStore(self.platform.lake).window(self.spec.model, self.day - timedelta(days=1), window.days - 1)
        parts = [part for part in (earlier, self.of_day) if part is not None]
        return merged(parts) if parts else None


def _readable(read: Callable[[], pa.RecordBatchReader]) -> pa.Table | None:
    try:
        return read().read_all()
    except (UserError, KeyError):
        return None


def _united(tables: Iterable[pa.Table]) -> pa.Table | None:
    parts = [table.to_reader() for table in tables]
    return chained(parts).read_all() if parts else None

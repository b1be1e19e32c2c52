"""Samples in the lake, beside the profiles: one a day and one a baseline, each a Parquet file with the rows' hashes.

They hold raw rows, so they expire by `retention.samples`; what was computed from them stays.
"""

import json
from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from aimon.insight.sample import Sample, merged
from aimon.lake.lake import Lake

HASH, ABOUT = "aimon:hash", "aimon:sample"


class SampleStore:
    """Reads and writes the samples of a lake."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake

    def write_day(self, model: str, day: date, sample: Sample) -> None:
        """Make this the day's sample, in place of what was there."""
        self._write(_day_key(model, day), sample)

    def day(self, model: str, day: date) -> Sample | None:
        """The day's sample; None where it was never drawn, or expired."""
        return self._read(_day_key(model, day))

    def window(self, model: str, last_day: date, days: int) -> Sample | None:
        """The sample of the last `days` days, of those that have one; two days are held in memory at a time."""
        whole: Sample | None = None
        for offset in reversed(range(days)):
            part = self.day(model, last_day - timedelta(offset))
            if part is not None:
                whole = part if whole is None else merged((whole, part))
        return whole

    def write_baseline(self, model: str, baseline: str, sample: Sample) -> None:
        """Make this the sample of a baseline that is not made of days."""
        self._write(_baseline_key(model, baseline), sample)

    def baseline(self, model: str, baseline: str) -> Sample | None:
        """The sample of a baseline; None where it was never drawn."""
        return self._read(_baseline_key(model, baseline))

    def days(self, model: str) -> list[date]:
        """The days that have a sample, in order."""
        return [day for day, _ in self._days(model)]

    def expire(self, model: str, before: date) -> int:
        """Delete the samples of the days before that one; how many there were."""
        expired = [key for day, key in self._days(model) if day < before]
        return sum(self._lake.delete(key) for key in expired)

    def _days(self, model: str) -> Iterator[tuple[date, str]]:
        for key in self._lake.keys(f"samples/model={model}"):
            name = key.rpartition("/")[2]
            if name.startswith("date="):
                yield date.fromisoformat(name.removeprefix("date=").removesuffix(".parquet")), key

    def _write(self, key: str, sample: Sample) -> None:
        about = {"rows": sample.rows, "size": sample.size, "key_id": sample.key_id, "late": list(sample.late)}
        table = sample.table.append_column(HASH, pa.array(sample.hashes))
        self._lake.write_table(
            key, table.append_column(ABOUT, pa.array([json.dumps(about)] * len(sample), pa.string()))
        )

    def _read(self, key: str) -> Sample | None:
        if not self._lake.exists(key):
            return None
        table = self._lake.read_table(key)
        hashes = np.asarray(table[HASH], np.uint64)
        rows = table.drop_columns([HASH, ABOUT])
        if not len(hashes):
            return Sample(rows, hashes, 0)
        about = json.loads(table[ABOUT][0].as_py())
        return Sample(rows, hashes, about["rows"], about["size"], about["key_id"], tuple(about["late"]))


def _day_key(model: str, day: date) -> str:
    return f"samples/model={model}/date={day}.parquet"


def _baseline_key(model: str, baseline: str) -> str:
    return f"samples/model={model}/baseline={baseline}.parquet"

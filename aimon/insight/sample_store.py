"""Samples in the lake, beside the profiles: one a day and one a baseline, each a Parquet file with the rows' hashes.

They hold raw rows, so retention deletes them by `retention.samples`; what was computed from them stays.
"""

import json
from collections.abc import Sequence
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

    def columns(self, model: str, day: date, names: Sequence[str]) -> pa.Table | None:
        """Some columns of the day's sample; None where there is no sample, or it lacks one of them."""
        key = _day_key(model, day)
        try:
            return self._lake.read_table(key, names) if self._lake.exists(key) else None
        except KeyError:
            return None

    def window(self, model: str, last_day: date, days: int) -> Sample | None:
        """The sample of the last `days` days, of those that have one; two days are held in memory at a time."""
        whole: Sample | None = None
        for offset in reversed(range(days)):
            part = self.day(model, last_day - timedelta(offset))
            if part is not None:
                whole = part if whole is None else merged((whole, part))
        return whole

    def write_baseline(self, model: str, baseline: str, sample: Sample, *, first_day: date | None = None) -> None:
        """Make this the sample of a baseline. One of a period expires with its first day, one of a file stays."""
        self._write(_baseline_key(model, baseline, first_day), sample)

    def baseline(self, model: str, baseline: str) -> Sample | None:
        """The sample of a baseline; None where it was never drawn, or expired."""
        name = f"/baseline={baseline}.parquet"
        found = [key for key in self._lake.keys(f"samples/model={model}") if key.endswith(name)]
        return self._read(found[0]) if found else None

    def days(self, model: str) -> list[date]:
        """The days that have a sample, in order."""
        names = (key.rpartition("/")[2] for key in self._lake.keys(f"samples/model={model}"))
        found = (name.removeprefix("date=").removesuffix(".parquet") for name in names if name.startswith("date="))
        return sorted(map(date.fromisoformat, found))

    def _write(self, key: str, sample: Sample) -> None:
        about = {
            "rows": sample.rows,
            "size": sample.size,
            "key_id": sample.key_id,
            "late": list(sample.late),
            "origin": sample.origin,
        }
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
        return Sample(
            rows, hashes, about["rows"], about["size"], about["key_id"], tuple(about["late"]), about["origin"]
        )


def _day_key(model: str, day: date) -> str:
    return f"samples/model={model}/date={day}.parquet"


def _baseline_key(model: str, baseline: str, first_day: date | None) -> str:
    folder = f"samples/model={model}" if first_day is None else f"samples/model={model}/date={first_day}"
    return f"{folder}/baseline={baseline}.parquet"

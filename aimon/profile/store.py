"""Profiles, grids and baselines in the lake. A day has one file of its sum and one for each 6-hour slot.

profiles/model=<m>/date=<d>/day.parquet, slot-0.parquet ... slot-3.parquet
grids/model=<m>/<grid>.json, <grid>-cells.parquet        baselines/model=<m>/<baseline>.parquet
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date

import numpy as np

from aimon.clock import DAY, SLOTS_PER_DAY, days
from aimon.errors import LakeError
from aimon.lake.lake import Lake
from aimon.profile.grid import Grid
from aimon.profile.legend import legend
from aimon.profile.profile import Profile, total
from aimon.profile.stored import Flat, from_bytes, to_bytes
from aimon.profile.tables import is_outcome

READERS = 2


@dataclass(frozen=True, slots=True)
class Kept:
    """A written artifact."""

    key: str
    bytes: int
    sha256: str


class ProfileStore:
    """Reads and writes the counts of a lake."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake

    def write_grid(self, model: str, grid: Grid) -> Kept:
        """Keep a grid under its id, and beside it what its cells are called."""
        cells = _grid_key(model, grid.id).removesuffix(".json") + "-cells.parquet"
        if not self._lake.exists(cells):
            self._lake.write_table(cells, legend(grid))
        return self._write(_grid_key(model, grid.id), grid.model_dump_json().encode())

    def grid(self, model: str, grid_id: str) -> Grid:
        """The grid of that id; LakeError where its content is another one's."""
        grid = Grid.model_validate_json(self._lake.read_bytes(_grid_key(model, grid_id)))
        if grid.id != grid_id:
            raise LakeError(f"{self._lake.path(_grid_key(model, grid_id))} was changed after it was written")
        return grid

    def write_baseline(self, model: str, baseline_id: str, profile: Profile) -> Kept:
        """Keep the sum that the model's days are compared with."""
        about = {"model": model, "baseline": baseline_id}
        return self._write(_baseline_key(model, baseline_id), to_bytes(profile, about))

    def baseline(self, model: str, baseline_id: str, *, sha256: str) -> Profile:
        """The baseline; LakeError where its bytes are not the ones that were approved."""
        key = _baseline_key(model, baseline_id)
        content = self._lake.read_bytes(key)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise LakeError(f"{self._lake.path(key)} is not the baseline that was approved; restore it or make another")
        return from_bytes(content).profile()

    def write_day(self, model: str, version: str, day: date, slots: Mapping[int, Profile]) -> Kept:
        """Keep a day's counts in the place of its earlier ones; the sum, written last, tells that it is there."""
        about = {"model": model, "version": version, "day": day.isoformat()}
        for slot, profile in sorted(slots.items()):
            self._write(_day_key(model, day, f"slot-{slot}"), to_bytes(profile, {**about, "slot": slot}))
        whole = total(slots.values(), next(iter(slots.values())).grid_id)
        return self._write(_day_key(model, day, "day"), to_bytes(whole, about))

    def write_outcomes(self, model: str, version: str, day: date, slots: Mapping[int, Profile]) -> Kept:
        """Put the day's outcome tables in the place of its earlier ones, as labels arrive; all else stays."""
        kept = {}
        for slot, profile in slots.items():
            before = self.slot(model, day, slot) or Profile(profile.grid_id)
            features = {key: counts for key, counts in before.tables.items() if not is_outcome(key.table)}
            outcomes = {key: counts for key, counts in profile.tables.items() if is_outcome(key.table)}
            kept[slot] = Profile(before.grid_id, features) + Profile(profile.grid_id, outcomes)
        return self.write_day(model, version, day, kept)

    def forget_day(self, model: str, day: date) -> bool:
        """Take the day's counts away; the sum goes first, so nothing reads the rest. Says whether there were any."""
        parts = ("day", *(f"slot-{slot}" for slot in range(SLOTS_PER_DAY)))
        return sum(self._lake.delete(_day_key(model, day, part)) for part in parts) > 0

    def day(self, model: str, day: date) -> Profile | None:
        """The day's counts; None where it was never counted."""
        key = _day_key(model, day, "day")
        return from_bytes(self._lake.read_bytes(key)).profile() if self._lake.exists(key) else None

    def days(self, model: str) -> list[date]:
        """The days of the model that are counted, in order."""
        folder, end = f"profiles/model={model}/date=", "/day.parquet"
        keys = (key for key in self._lake.keys(f"profiles/model={model}") if key.endswith(end))
        return sorted(date.fromisoformat(key.removeprefix(folder).removesuffix(end)) for key in keys)

    def slot(self, model: str, day: date, slot: int) -> Profile | None:
        """The counts of one 6-hour slot of the day; None where it was never counted."""
        key = _day_key(model, day, f"slot-{slot}")
        return from_bytes(self._lake.read_bytes(key)).profile() if self._lake.exists(key) else None

    def window(self, model: str, first: date, *, days: int, grid_id: str) -> Profile:
        """The sum of the days from `first` on. A day that was never counted, or on another grid, adds nothing."""
        result = Profile(grid_id)
        for flat in self._added(model, _span(first, days), grid_id):
            result += flat.profile()
        return result

    def _added(self, model: str, wanted: Sequence[date], grid_id: str) -> Iterator[Flat]:
        """The days' files, summed where they follow each other with the same layout."""
        running: Flat | None = None
        for flat in self._flats(model, wanted):
            if flat.grid_id != grid_id:
                continue
            if running is not None and running.layout == flat.layout:
                running.counts += flat.counts
                continue
            if running is not None:
                yield running
            running = Flat(flat.grid_id, flat.layout, flat.counts.astype(np.int64))
        if running is not None:
            yield running

    def _flats(self, model: str, wanted: Sequence[date]) -> Iterator[Flat]:
        keys = [_day_key(model, day, "day") for day in wanted]
        with ThreadPoolExecutor(READERS) as pool:
            yield from (flat for flat in pool.map(self._flat, keys) if flat is not None)

    def _flat(self, key: str) -> Flat | None:
        return from_bytes(self._lake.read_bytes(key)) if self._lake.exists(key) else None

    def _write(self, key: str, content: bytes) -> Kept:
        self._lake.write_bytes(key, content)
        return Kept(key, len(content), hashlib.sha256(content).hexdigest())


def _span(first: date, length: int) -> list[date]:
    return list(days(first, first + (length - 1) * DAY))


def _day_key(model: str, day: date, part: str) -> str:
    return f"profiles/model={model}/date={day.isoformat()}/{part}.parquet"


def _grid_key(model: str, grid_id: str) -> str:
    return f"grids/model={model}/{grid_id}.json"


def _baseline_key(model: str, baseline_id: str) -> str:
    return f"baselines/model={model}/{baseline_id}.parquet"

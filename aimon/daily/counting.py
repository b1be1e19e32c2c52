"""Counting a day: the lake's rows on the model's grid, by 6-hour slot, and keeping the counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from aimon.clock import SLOTS_PER_DAY
from aimon.lake.reports import Form, report_key
from aimon.platform import Platform
from aimon.profile.count import count
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile, total
from aimon.profile.store import Kept
from aimon.spec.model import ModelSpec
from aimon.store import records

OF_THE_DAY = (Form.HTML, Form.JSON, Form.CSV, Form.PDF, Form.EVIDENTLY)
"""The reports that speak of one day alone."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A day's counts by slot."""

    grid_id: str
    slots: Mapping[int, Profile]

    @property
    def profile(self) -> Profile:
        """The whole day."""
        return total(self.slots.values(), self.grid_id)


@dataclass(frozen=True, slots=True)
class KeptCounts:
    """What the profile store holds of a day."""

    grid_id: str
    rows: int
    labelled: int
    bytes: int
    sha256: str


def count_day(platform: Platform, spec: ModelSpec, day: date, grid: Grid) -> Counted:
    """Count the lake's copy of the day."""
    return Counted(grid.id, count(grid, platform.lake.day_file(spec.model, day), by_slot=True))


def stored_counts(platform: Platform, spec: ModelSpec, day: date, grid: Grid) -> Counted | None:
    """The day's counts as they were kept; None where it was never counted on this grid."""
    slots = {}
    for slot in range(SLOTS_PER_DAY):
        profile = platform.profiles.slot(spec.model, day, slot)
        if profile is None or profile.grid_id != grid.id:
            return None
        slots[slot] = profile
    return Counted(grid.id, slots)


def recount_outcomes(platform: Platform, spec: ModelSpec, day: date, grid: Grid) -> KeptCounts:
    """Count again what labels decide; the other half of the stored counts stays."""
    slots = count(grid, platform.lake.day_file(spec.model, day), what="outcome", by_slot=True)
    written = platform.profiles.write_outcomes(spec.model, spec.version, day, slots)
    return _kept(grid.id, platform.profiles.day(spec.model, day) or Profile(grid.id), written)


def keep_counts(platform: Platform, spec: ModelSpec, day: date, counted: Counted) -> KeptCounts:
    """Store the counts in the place of the day's earlier ones."""
    written = platform.profiles.write_day(spec.model, spec.version, day, counted.slots)
    return _kept(counted.grid_id, counted.profile, written)


def withdraw(platform: Platform, spec: ModelSpec, day: date) -> None:
    """Take away what was computed of the day's earlier rows: counts, records and pages. Its rows now cannot be used."""
    platform.profiles.forget_day(spec.model, day)
    with platform.store.transaction() as connection:
        records.withdraw(connection, model=spec.model, day=day)
    for form in OF_THE_DAY:
        platform.lake.delete(report_key(spec.model, day, form))


def _kept(grid_id: str, profile: Profile, written: Kept) -> KeptCounts:
    labels = profile.get("labelled")
    labelled = 0 if labels is None else int(labels[0])
    return KeptCounts(grid_id, profile.rows, labelled, written.bytes, written.sha256)

"""Baselines by the act of a person: proposed from a period or a file, approved, activated. The audit log has each act.

A baseline lies on the model's grid, so that no day is counted again for it. A new grid is asked for explicitly: before
it is used, the days whose rows are still there are counted again. No record that was made before is rewritten.
"""

import hashlib
from dataclasses import dataclass
from datetime import date

from aimon.clock import days
from aimon.daily.counting import count_day, keep_counts, stored_counts
from aimon.daily.reference import CountedReference, ReferenceRows, declaration, describe, lake_copy, located
from aimon.errors import DataError, ExpiredDayError, UserError
from aimon.govern.audit import Change
from aimon.platform import Platform
from aimon.profile.build import build_grid
from aimon.profile.count import count_all
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile
from aimon.profile.stored import to_bytes
from aimon.spec.model import ModelSpec
from aimon.store import baselines, grids
from aimon.store.baselines import StoredBaseline


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the model's own, both ends included."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Recounted:
    """The days that were counted again on a grid, and those that keep their old counts because their rows are gone."""

    counted: tuple[date, ...] = ()
    expired: tuple[date, ...] = ()


def count_reference(
    platform: Platform, spec: ModelSpec, wanted: Period | str, *, new_grid: bool = False
) -> CountedReference:
    """Count a period, or the rows of a file, on the model's grid, or on one cut from these rows."""
    with platform.store.session() as connection:
        active = baselines.active(connection, spec.model)
    if active is None or new_grid:
        rows = _rows(platform, spec, wanted)
        grid = build_grid(spec, rows.paths)
        counts = CountedReference(grid, count_all(grid, rows.paths), rows.origin)
    else:
        grid = platform.profiles.grid(spec.model, active.grid_id)
        if isinstance(wanted, Period):
            counts = CountedReference(grid, _sum(platform, spec, grid, wanted), _origin(wanted))
        else:
            rows = _rows(platform, spec, wanted)
            counts = CountedReference(grid, count_all(grid, rows.paths), rows.origin)
    if counts.profile.rows == 0:
        raise DataError(f"{spec.model}: the reference rows ({describe(counts.origin)}) are none; name others")
    return counts


def propose(
    platform: Platform, spec: ModelSpec, change: Change, counts: CountedReference, reason: str
) -> StoredBaseline:
    """Keep counts as a baseline that may be approved. The same rows again are the same baseline."""
    digest = hashlib.sha256(to_bytes(counts.profile, {})).hexdigest()[:16]
    baseline_id, reference = f"{digest}-{counts.grid.id}", {"declaration": declaration(spec), **counts.origin}
    kept_grid = platform.profiles.write_grid(spec.model, counts.grid)
    kept = platform.profiles.write_baseline(spec.model, baseline_id, counts.profile)
    grids.add(change.connection, model=spec.model, id=counts.grid.id, artifact=kept_grid.key, reference=reference)
    stored = baselines.create(
        change.connection,
        model=spec.model,
        id=baseline_id,
        grid_id=counts.grid.id,
        artifact=kept.key,
        sha256=kept.sha256,
        rows=counts.profile.rows,
        reference=reference,
        created_by=change.actor,
    )
    change.note(
        "baseline.propose",
        spec.model,
        baseline=baseline_id,
        sha256=kept.sha256,
        rows=stored.rows,
        origin=describe(counts.origin),
        reason=reason,
    )
    return stored


def approve(change: Change, model: str, baseline_id: str, reason: str) -> StoredBaseline:
    """Record that somebody stands for the baseline; the first approval stands."""
    approved = baselines.approve(change.connection, model, baseline_id, by=change.actor)
    change.note("baseline.approve", model, baseline=baseline_id, sha256=approved.sha256, reason=reason)
    return approved


def prepare(platform: Platform, spec: ModelSpec, baseline_id: str) -> Recounted:
    """Make ready for the baseline: it may be activated, and every day that can be is counted on its grid."""
    with platform.store.session() as connection:
        chosen = baselines.get(connection, spec.model, baseline_id)
    if chosen.approved_by is None:
        raise UserError(
            f"the baseline {baseline_id} of {spec.model} is not approved; run "
            f"`aimon baselines approve {spec.model} {baseline_id} --reason ...` first"
        )
    if chosen.reference["declaration"] != declaration(spec):
        raise UserError(
            f"the baseline {baseline_id} was made for another declaration of {spec.model} (its version, task, columns "
            "or baseline changed since); create one for the present declaration"
        )
    return recount(platform, spec, platform.profiles.grid(spec.model, chosen.grid_id))


def activate(change: Change, model: str, baseline_id: str, reason: str) -> StoredBaseline:
    """Compare the model with this baseline from now on, and archive the one that was."""
    active = baselines.activate(change.connection, model, baseline_id)
    change.note("baseline.activate", model, baseline=baseline_id, sha256=active.sha256, reason=reason)
    return active


def recount(platform: Platform, spec: ModelSpec, grid: Grid) -> Recounted:
    """Count on the grid every counted day that lies on another one."""
    counted, expired = [], []
    for day in platform.profiles.days(spec.model):
        if stored_counts(platform, spec, day, grid) is not None:
            continue
        try:
            keep_counts(platform, spec, day, count_day(platform, spec, day, grid))
            counted.append(day)
        except ExpiredDayError:
            expired.append(day)
    return Recounted(tuple(counted), tuple(expired))


def counted_otherwise(platform: Platform, spec: ModelSpec, grid_id: str) -> list[date]:
    """The days that are counted on another grid than this, and whose rows are still there to count again."""
    found = []
    for day in platform.profiles.days(spec.model):
        profile = platform.profiles.day(spec.model, day)
        if profile is not None and profile.grid_id != grid_id and platform.lake.manifest(spec.model, day) is not None:
            found.append(day)
    return found


def _rows(platform: Platform, spec: ModelSpec, wanted: Period | str) -> ReferenceRows:
    if isinstance(wanted, Period):
        paths = [lake_copy(platform, spec, day) for day in days(wanted.first, wanted.last)]
        return ReferenceRows(paths, _origin(wanted))
    return ReferenceRows([located(platform, wanted)], {"path": wanted})


def _origin(period: Period) -> dict[str, str]:
    return {"from": period.first.isoformat(), "to": period.last.isoformat()}


def _sum(platform: Platform, spec: ModelSpec, grid: Grid, period: Period) -> Profile:
    """The days' stored counts; a day that was never counted on the grid is counted now."""
    result = Profile(grid.id)
    for day in days(period.first, period.last):
        stored = stored_counts(platform, spec, day, grid)
        if stored is None:
            lake_copy(platform, spec, day)
            stored = count_day(platform, spec, day, grid)
        result += stored.profile
    return result

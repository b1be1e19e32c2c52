"""The reference: a model's frozen grid and the counts of its reference rows, made once from a file or a period.

It is made when the model has none, or when its YAML asks for another. The old one is archived, and nothing that was
judged by it is rewritten. Order: reference rows, grid, counts, baseline.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from aimon.clock import days, now
from aimon.daily.ingest import ingest
from aimon.errors import DataError
from aimon.govern.audit import open_trail
from aimon.intake.source import open_source
from aimon.lake.rows import RowsFile
from aimon.platform import Platform
from aimon.profile.build import build_grid
from aimon.profile.count import count_all
from aimon.profile.grid import Grid
from aimon.profile.profile import Profile
from aimon.sealed.reference import sealed_reference
from aimon.spec.model import CountsBaseline, FileBaseline, ModelSpec, PeriodBaseline
from aimon.spec.sealed import SealedSource
from aimon.store import baselines, grids
from aimon.store.baselines import StoredBaseline

MAKER = "aimon"
DECLARED = "the model's file"
"""Who stands for a baseline that the model's file asks for: whoever may change the file."""
FIRST_DAYS = 7
DECIDING = {"version", "task", "columns", "positive", "label_positive", "baseline"}


@dataclass(frozen=True, slots=True)
class Reference:
    """What a model's days are compared with."""

    baseline_id: str
    grid: Grid
    profile: Profile
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class CountedReference:
    """Reference counts and where they came from."""

    grid: Grid
    profile: Profile
    origin: dict[str, str]


@dataclass(frozen=True, slots=True)
class ReferenceRows:
    """Where the reference rows lie, and how to name them to people."""

    paths: Sequence[str | RowsFile]
    origin: dict[str, str]


def declaration(spec: ModelSpec) -> str:
    """The digest of everything in the YAML that decides the grid or the baseline; a change of it asks for a new one."""
    deciding = spec.model_dump(mode="json", include=DECIDING)
    if isinstance(spec.source, SealedSource):
        deciding["layout"] = spec.source.layout
    return hashlib.sha256(json.dumps(deciding, sort_keys=True).encode()).hexdigest()[:16]


def ensure_reference(platform: Platform, spec: ModelSpec) -> Reference:
    """The model's active baseline when it is the declared one, else a new one in its place."""
    with platform.store.session() as connection:
        active = baselines.active(connection, spec.model)
    if active is not None and active.reference["declaration"] == declaration(spec):
        return read_reference(platform, active)
    return make_reference(platform, spec)


def read_reference(platform: Platform, stored: StoredBaseline) -> Reference:
    """The baseline as it was frozen; LakeError where its bytes are not the ones that were approved."""
    grid = platform.profiles.grid(stored.model, stored.grid_id)
    profile = platform.profiles.baseline(stored.model, stored.id, sha256=stored.sha256)
    return Reference(stored.id, grid, profile, stored.rows, stored.sha256)


def make_reference(platform: Platform, spec: ModelSpec) -> Reference:
    """Freeze a grid and count the reference rows on it; the model's active baseline from now on."""
    found = counted_reference(platform, spec)
    grid, profile, rows = found.grid, found.profile, found.profile.rows
    if rows == 0:
        raise DataError(
            f"{spec.model}: the reference rows ({describe(found.origin)}) are none; name others in baseline:"
        )
    origin = {"declaration": declaration(spec), **found.origin}
    kept_grid = platform.profiles.write_grid(spec.model, grid)
    baseline_id = f"{declaration(spec)}-{grid.id}"
    kept = platform.profiles.write_baseline(spec.model, baseline_id, profile)
    with open_trail(platform.project.settings, platform.store).change(MAKER) as change:
        connection = change.connection
        grids.add(connection, model=spec.model, id=grid.id, artifact=kept_grid.key, reference=origin)
        baselines.create(
            connection,
            model=spec.model,
            id=baseline_id,
            grid_id=grid.id,
            artifact=kept.key,
            sha256=kept.sha256,
            rows=rows,
            reference=origin,
            created_by=MAKER,
        )
        baselines.approve(connection, spec.model, baseline_id, by=DECLARED)
        baselines.activate(connection, spec.model, baseline_id)
        change.note("baseline.activate", spec.model, baseline=baseline_id, sha256=kept.sha256, by=DECLARED, rows=rows)
    return Reference(baseline_id, grid, profile, rows, kept.sha256)


def counted_reference(platform: Platform, spec: ModelSpec) -> CountedReference:
    """The reference rows, counted here; of a sealed model, the counts that its owner made."""
    if isinstance(spec.source, SealedSource):
        grid, profile, origin = sealed_reference(platform.root, spec)
        return CountedReference(grid, profile, origin)
    found = reference_rows(platform, spec)
    grid = build_grid(spec, found.paths)
    return CountedReference(grid, count_all(grid, found.paths), found.origin)


def reference_rows(platform: Platform, spec: ModelSpec) -> ReferenceRows:
    """The file that the model names, or the lake's copy of the period; of the first days when it names neither."""
    declared = spec.baseline
    if isinstance(declared, CountsBaseline):
        raise DataError(f"{spec.model}: the rows behind {declared.counts} are their owner's; only counts are here")
    if isinstance(declared, FileBaseline):
        return ReferenceRows([located(platform, declared.path)], {"path": declared.path})
    first, last = period(platform, spec, declared)
    paths = [lake_copy(platform, spec, day) for day in days(first, last)]
    return ReferenceRows(paths, {"from": first.isoformat(), "to": last.isoformat()})


def located(platform: Platform, path: str) -> str:
    """Where a file of reference rows is; relative paths start beside aimon.yaml."""
    return path if "://" in path else str(platform.root / path)


def period(platform: Platform, spec: ModelSpec, declared: PeriodBaseline | None) -> tuple[date, date]:
    """The declared period, or the first days of the source."""
    if declared is not None:
        return declared.from_, declared.to
    present = open_source(spec, platform.root, platform.store.engine, platform.keys).days()
    if not present:
        raise DataError(
            f"{spec.model}: no baseline is declared and the source does not tell its first days; add baseline: "
            "with from and to, or with path"
        )
    return present[0], present[:FIRST_DAYS][-1]


def lake_copy(platform: Platform, spec: ModelSpec, day: date) -> RowsFile:
    """The lake's file of the day, read from the source first when there is none."""
    if platform.lake.manifest(spec.model, day) is None:
        ingest(platform, spec, day, now())
    return platform.lake.day_file(spec.model, day)


def describe(origin: dict[str, str]) -> str:
    """The reference rows in words."""
    if "counts" in origin:
        return origin["counts"]
    return origin["path"] if "path" in origin else f"{origin['from']} to {origin['to']}"

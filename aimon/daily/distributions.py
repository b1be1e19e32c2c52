"""What a judged window looked like beside its baseline: each column's distribution with words, and the calibration.

In: a model, a day, a window, perhaps a segment. Out: counts in few enough bins to draw. Only stored counts are read, so
this works for days whose rows have expired.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from aimon.daily.reference import read_reference
from aimon.daily.window import WINDOWS, first_day
from aimon.errors import MissingError
from aimon.metrics.proportions import share, wilson
from aimon.platform import Platform
from aimon.profile.axis import CategoryAxis, ProbabilityAxis
from aimon.profile.grid import Grid
from aimon.profile.profile import Counts, Profile, TableKey
from aimon.profile.tables import segments as segments_of
from aimon.report.change import change, quartiles
from aimon.report.distribution import BESIDE, Distribution, Part, column_counts, distribution
from aimon.report.findings import SEVERITY
from aimon.spec.model import ModelSpec
from aimon.store import baselines, records
from aimon.store.records import StoredRecord
from aimon.verdict.record import Verdict

FAMILIES = ("drift", "quality")
UNCHANGED = "no change worth a note"
CALIBRATION_BINS = 10
SEEN = (Verdict.CRITICAL, Verdict.WARNING, Verdict.WATCH)


@dataclass(frozen=True, slots=True)
class Sides:
    """A window's counts and those of the baseline it was judged by, of all rows or of a segment."""

    spec: ModelSpec
    day: date
    window: str
    segment: str | None
    baseline_id: str
    grid: Grid
    baseline: Profile
    current: Profile
    segments: tuple[str, ...]
    records: tuple[StoredRecord, ...]


def sides(platform: Platform, spec: ModelSpec, day: date | None, window: str, segment: str | None) -> Sides:
    """Read both sides of a window; without a day, those of the last one that was judged. Raises `MissingError`."""
    with platform.store.session() as connection:
        judged = day or records.last_day(connection, model=spec.model, window=window)
        found = [] if judged is None else _judged(connection, spec.model, judged, window, segment)
        if judged is None or not found:
            raise MissingError(
                f"nothing is known of {spec.name}{'' if judged is None else f' on {judged}'}"
                f"{'' if segment is None else f' where {segment}'} over {window}; GET monitoring/records lists what is"
            )
        newest = max(found, key=lambda record: record.as_of)
        stored = baselines.get(connection, spec.model, str(newest.baseline_id))
    reference = read_reference(platform, stored)
    current = _counted(platform, spec, judged, window, reference.grid.id)
    grid, before, now = reference.grid, reference.profile, current
    known = tuple(each for each in segments_of(grid) if current.get("rows", each) is not None)
    if segment is not None:
        grid, before, now = _coarse(grid), _inside(before, segment), _inside(current, segment)
    return Sides(spec, judged, window, segment, stored.id, grid, before, now, known, tuple(found))


def columns(both: Sides) -> list[dict[str, Any]]:
    """Every column that was counted on both sides, those that changed most first."""
    names = dict.fromkeys([*both.grid.columns, *([both.grid.label] if both.grid.label else []), *_beside(both)])
    told = [
        {
            "column": name,
            "kind": _kind(both.grid, name),
            "role": _role(both.grid, name),
            "verdict": _verdict(both, name).value,
            "psi": _psi(both, name),
        }
        for name in names
        if _counts(both.grid, name, both.baseline) is not None and _counts(both.grid, name, both.current) is not None
    ]
    return sorted(told, key=lambda each: (SEVERITY[Verdict(each["verdict"])], -(each["psi"] or 0.0)))


def shown(both: Sides, column: str) -> dict[str, Any] | None:
    """One column: what happened in words, both sides' counts in bins; None where a side has none."""
    before, after = (_counts(both.grid, column, side) for side in (both.baseline, both.current))
    drawn = distribution(both.grid, column, both.baseline, both.current)
    if drawn is None or before is None or after is None:
        return None
    rows = int(before.sum()), int(after.sum())
    verdict = _verdict(both, column)
    words = str(change(both.grid, column, both.baseline, both.current)) if verdict in SEEN else ""
    return {
        "column": column,
        "kind": _kind(both.grid, column),
        "role": _role(both.grid, column),
        "verdict": verdict.value,
        "psi": _psi(both, column),
        "sentence": words or UNCHANGED,
        "log": drawn.shape is not None and drawn.shape.log,
        "bins": list(_bins(drawn, rows)),
        "special": [_part(part, rows) for part in (*_beyond(drawn), *drawn.special)],
        "quartiles": _quartiles(both.grid, column, before, after),
    }


def calibration(both: Sides) -> list[dict[str, Any]]:
    """Ten bins of the score with the mean score and the share of positives (or correct ones) of each side."""
    axis = None if both.grid.score is None else both.grid.axes[both.grid.score]
    before, after = both.baseline.get("score_label"), both.current.get("score_label")
    if not isinstance(axis, ProbabilityAxis) or (before is None and after is None):
        raise MissingError(f"{both.spec.name} has no probabilities with labels in this window, so no calibration")
    ends = np.linspace(0.0, 1.0, CALIBRATION_BINS + 1)
    return [
        {
            "low": float(ends[place]),
            "high": float(ends[place + 1]),
            "baseline": _reliability(axis, before, place),
            "current": _reliability(axis, after, place),
        }
        for place in range(CALIBRATION_BINS)
    ]


def _judged(connection: Any, model: str, day: date, window: str, segment: str | None) -> list[StoredRecord]:
    """The records of the columns; where there are none, any that say what the window was compared with."""

    def found(families: Collection[str] | None) -> list[StoredRecord]:
        return records.query(
            connection, model=model, since=day, until=day, window=window, segment=segment or "", family=families
        )

    return found(FAMILIES) or found(None)


def _counted(platform: Platform, spec: ModelSpec, day: date, window: str, grid_id: str) -> Profile:
    span = next((each for each in WINDOWS if each.name == window), WINDOWS[0])
    current = platform.profiles.window(spec.model, first_day(day, span), days=span.days, grid_id=grid_id)
    if current.rows == 0:
        raise MissingError(f"{spec.name} {day}: the counts of this window have expired, or lie on another grid")
    return current


def _coarse(grid: Grid) -> Grid:
    """The grid as segments are counted on it."""
    return grid.model_copy(update={"axes": {column: grid.coarse(column) for column in grid.axes}})


def _inside(profile: Profile, segment: str) -> Profile:
    """A segment's counts as if they were all there are."""
    own = {TableKey(key.table): counts for key, counts in profile.tables.items() if key.segment == segment}
    return Profile(profile.grid_id, own)


def _beside(both: Sides) -> Iterator[str]:
    for key in both.baseline.tables:
        if key.segment is None and key.table.partition(":")[0] in BESIDE:
            yield key.table


def _counts(grid: Grid, column: str, profile: Profile) -> Counts | None:
    if column in grid.axes:
        return column_counts(grid, column, profile)
    counts = profile.get(column) if column.partition(":")[0] in BESIDE else None
    return counts if counts is not None and counts.any() else None


def _kind(grid: Grid, column: str) -> str:
    kind = grid.kinds.get(column)
    return "beside" if kind is None else kind.value


def _role(grid: Grid, column: str) -> str:
    roles = (("prediction", grid.prediction), ("score", grid.score), ("label", grid.label))
    for role, name in roles:
        if column == name:
            return role
    if column not in grid.axes:
        return "beside"
    return "protected" if column in grid.protected else "feature" if column in grid.features else "segment"


def _of_column(both: Sides, column: str) -> Sequence[StoredRecord]:
    return [each for each in both.records if each.column == column and each.group is None and each.rule is None]


def _verdict(both: Sides, column: str) -> Verdict:
    found = [Verdict(each.verdict) for each in _of_column(both, column)]
    return min(found, key=SEVERITY.__getitem__, default=Verdict.OK)


def _psi(both: Sides, column: str) -> float | None:
    return next((each.value for each in _of_column(both, column) if each.metric == "psi"), None)


def _bins(drawn: Distribution, rows: tuple[int, int]) -> Iterator[dict[str, Any]]:
    if drawn.shape is None:
        for part in drawn.parts:
            yield _part(part, rows)
        return
    for place, (p, q) in enumerate(zip(drawn.shape.reference, drawn.shape.current, strict=True)):
        low, high = float(drawn.shape.edges[place]), float(drawn.shape.edges[place + 1])
        yield _part(Part(f"{low:.6g} to {high:.6g}", float(p), float(q)), rows, low, high)


def _beyond(drawn: Distribution) -> list[Part]:
    if drawn.shape is None or max(drawn.shape.beyond) < 1e-9:
        return []
    return [Part("beyond the drawing", *drawn.shape.beyond)]


def _part(part: Part, rows: tuple[int, int], low: float | None = None, high: float | None = None) -> dict[str, Any]:
    return {
        "label": part.label,
        "low": low,
        "high": high,
        "baseline": round(part.reference * rows[0]),
        "current": round(part.current * rows[1]),
        "baseline_share": round(part.reference, 6),
        "current_share": round(part.current, 6),
    }


def _quartiles(grid: Grid, column: str, before: Counts, after: Counts) -> dict[str, list[float]] | None:
    axis = grid.axes.get(column)
    if axis is None or isinstance(axis, CategoryAxis):
        return None
    found = quartiles(axis, before, after)
    return None if found is None else {"baseline": list(found.before), "current": list(found.after)}


def _reliability(axis: ProbabilityAxis, counts: Counts | None, place: int) -> dict[str, Any] | None:
    """One bin of one side, with Wilson's interval."""
    if counts is None:
        return None
    scores = np.asarray(axis.places, np.float64)
    inside = np.minimum((scores * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1) == place
    negatives, positives = counts[: axis.steps, 0][inside], counts[: axis.steps, 1][inside]
    n, x = int(negatives.sum() + positives.sum()), int(positives.sum())
    if n == 0:
        return None
    low, high = wilson(x, n)
    return {
        "rows": n,
        "predicted": float(((negatives + positives) * scores[inside]).sum() / n),
        "observed": float(share(x, n)),
        "low": float(low),
        "high": float(high),
    }
